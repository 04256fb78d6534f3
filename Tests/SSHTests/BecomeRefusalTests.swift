import Fleet
import Testing

@testable import SSH

/// What sudo and su of several systems say, and what is made of it.
@Suite struct BecomeRefusalTests {
    static let cases: [(method: Endpoint.BecomeMethod, said: String, says: String, hint: String)] = [
        (.sudo, "sudo: sorry, you must have a tty to run sudo", "sudo on the host insists on a terminal", "requiretty"),
        (.sudo, "sudo: no tty present and no askpass program specified", "sudo on the host insists on", "requiretty"),
        (.su, "su: must be run from a terminal", "su on the host insists on a terminal", "--become-method sudo"),
        (.su, "standard in must be a tty\nsu: must have a tty", "su on the host insists on a terminal", "sudo"),
        (.sudo, "/bin/sh: 1: exec: sudo: not found", "sudo: not found", "install sudo"),
        (.su, "su: Authentication failure", "su did not accept the password", "has to be that of 'other'"),
    ]

    @Test(arguments: cases)
    func isExplained(_ method: Endpoint.BecomeMethod, _ said: String, _ says: String, _ hint: String) throws {
        var endpoint = Endpoint(host: try HostName("h"), address: "h", user: "me")
        endpoint.becomeMethod = method
        endpoint.becomePassword = Secret("x")
        let lines = said.split(separator: "\n").map(String.init)
        let error = BecomeRefusal(endpoint: endpoint, user: "other", said: lines, exit: ShellExit()).error
        #expect(error.message.hasPrefix("could not become 'other': "))
        #expect(error.message.contains(says), "\(error.message)")
        #expect(error.hints.first?.contains(hint) == true, "\(error.hints)")
    }
}
