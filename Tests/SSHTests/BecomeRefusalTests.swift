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
        (.sudo, "sudo: unknown user nosuch", "the host has no user 'other'", "become_user"),
        (.sudo, "sudo-rs: user 'other' not found", "the host has no user 'other'", "become_user"),
        (
            .su, "su: user other does not exist or the user entry does not contain all the required fields",
            "the host has no user 'other'", "become_user"
        ),
        (.doas, "doas: unknown user", "the host has no user 'other'", "become_user"),
        (.sudo, "sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set", "uid 0", "chmod 4755"),
        (.sudo, "sudo-rs: sudo must be owned by uid 0 and have the setuid bit set", "uid 0", "chmod 4755"),
        (
            .sudo, "sudo: effective uid is not 0, is /usr/bin/sudo on a file system with the 'nosuid' option set",
            "effective uid is not 0", "nosuid"
        ),
        (.sudo, "sudo-rs: invalid configuration: /etc/sudoers cannot be world-writable", "invalid conf", "sudo -l"),
        (.su, "su: Authentication failure", "su did not accept the password", "has to be that of 'other'"),
    ]

    /// sudo-rs's are those of its source, in several versions of it, and what Debian 13's says.
    static let withoutPassword: [(method: Endpoint.BecomeMethod, said: String, says: String, hint: String)] = [
        (.sudo, "sudo: interactive authentication is required", "sudo wants a password, and none", "NOPASSWD"),
        (.sudo, "sudo-rs: interactive authentication is required", "sudo wants a password, and none", "NOPASSWD"),
        (.sudo, "sudo: Interaction is required", "sudo wants a password, and none was given", "NOPASSWD"),
        (.sudo, "sudo: A terminal is required to authenticate", "sudo wants a password, and none", "-K"),
        (.sudo, "sudo: Authentication required but not attempted", "sudo wants a password", "NOPASSWD"),
        (.sudo, "sudo: I'm sorry me. I'm afraid I can't do that", "sudoers do not let 'me' do that", "visudo"),
        (.sudo, "sudo-rs: I'm sorry me. I'm afraid I can't do that", "sudoers do not let 'me' do that", "visudo"),
        (.sudo, "sudo: Sorry, user me may not run /bin/sh on h.", "sudoers do not let 'me' do that", "visudo"),
        (.doas, "doas: Authentication required", "doas wants a password, which it takes at a", "permit nopass me"),
        (.doas, "doas: a tty is required", "doas wants a password, which it takes at a terminal", "permit nopass me"),
        (.doas, "doas: Operation not permitted", "doas.conf do not let 'me' do that", "/etc/doas.conf"),
        (.doas, "/bin/sh: 1: exec: doas: not found", "doas: not found", "install doas"),
        (
            .run0, "Failed to start transient service unit: Interactive authentication required.",
            "run0 wants a password, which polkit takes at a terminal only", "manage-units"
        ),
        (.run0, "Failed to start transient service unit: Access denied", "polkit rules do not let 'me'", "polkit-1"),
    ]

    @Test(arguments: withoutPassword)
    func withoutAPasswordIsExplained(
        _ method: Endpoint.BecomeMethod, _ said: String, _ says: String, _ hint: String
    ) throws {
        var endpoint = Endpoint(host: try HostName("h"), address: "h", user: "me")
        endpoint.becomeMethod = method
        let error = BecomeRefusal(endpoint: endpoint, user: "other", said: [said], exit: ShellExit(status: 1)).error
        #expect(error.message.contains(says), "\(error.message)")
        #expect(error.hints.first?.contains(hint) == true, "\(error.hints)")
    }

    @Test(arguments: [
        "sudo: Authentication failed, try again.", "sudo: Maximum 3 incorrect authentication attempts",
        "sudo: Incorrect authentication attempt",
    ])
    func aPasswordThatSudoRSDoesNotTakeIsExplained(_ said: String) throws {
        var endpoint = Endpoint(host: try HostName("h"), address: "h", user: "me")
        endpoint.becomePassword = Secret("x")
        let error = BecomeRefusal(endpoint: endpoint, user: "other", said: [said], exit: ShellExit(status: 1)).error
        #expect(error.message.hasSuffix("sudo did not accept the password"), "\(error.message)")
    }

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
