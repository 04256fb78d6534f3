import Foundation
import TestSupport
import Testing

/// Whose rights ad-hoc commands have, as inventory and flags say together.
@Suite(
    .sudo)
struct BecomeVariableTests {
    private func run(_ hosts: String, _ options: [String]) async throws -> Transcript {
        try await withTemporaryFolder { folder in
            try (hosts + "[all:vars]\nansible_connection=local\n").write(
                toFile: folder.path + "/hosts", atomically: true, encoding: .utf8)
            return try await DroverProgram(in: folder).run(
                ["run", "-i", "hosts", "all", "--format", "json"] + options + ["--", "id -un"])
        }
    }

    @Test(arguments: [
        ("", [], "root"), ("ansible_become=true ansible_become_user=nobody", [], "nobody"),
        ("ansible_become=yes ansible_become_user='{{ \"no\" }}body'", [], "nobody"),
        ("ansible_become_user=nobody", [], "root"), ("ansible_become_user=nobody", ["-b"], "nobody"),
        ("ansible_become=no", ["-b", "--become-user", "nobody"], "root"),
        ("", ["-b", "--become-user", "nobody"], "nobody"),
        ("ansible_become=true ansible_sudo_user=nobody", [], "nobody"),
        ("ansible_become=true ansible_sudo_user=nobody ansible_become_user=daemon", [], "nobody"),
        ("ansible_become=true ansible_su_user=daemon ansible_become_user=nobody", [], "nobody"),
        ("ansible_become_method=su", ["-b", "--become-user", "nobody"], "nobody"),
        ("", ["-b", "--become-user", "nobody", "--become-method", "su"], "nobody"),
    ])
    func inventoriesWinOverFlags(_ variables: String, _ options: [String], _ user: String) async throws {
        let transcript = try await run("here \(variables)\n", options)
        #expect(transcript.status == 0, "\(transcript.errors)")
        #expect(transcript.output.contains("\"\(user)\\n\"") || transcript.output.contains("\"\(user)\""))
    }

    @Test(arguments: [
        ("ansible_become=perhaps", [], "ansible_become of the host 'here' must be true or false"),
        ("ansible_become_method=pfexec", ["-b"], "ansible_become_method of the host 'here' is 'pfexec'"),
        ("", ["-b", "--become-method", "pfexec"], "--become-method is sudo, su, doas or run0, not 'pfexec'"),
    ])
    func whatMeansNothingIsRefused(_ variables: String, _ options: [String], _ message: String) async throws {
        let transcript = try await run("here \(variables)\n", options)
        #expect(transcript.status == 64)
        #expect(transcript.errors.contains(message), "\(transcript.errors)")
    }
}
