import Foundation
import TestSupport
import Testing

/// Addresses of every kind, against real servers.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .sshd)
struct AddressTests {
    @Test(arguments: [
        "all:\n  vars: {<vars>, ansible_port: <port>}\n  hosts:\n    six:\n      ansible_host: ::1",
        "all: {vars: {<vars>}, hosts: {'::1': {ansible_port: <port>}}}",
        "[all]\n[::1]:<port>\n[all:vars]\n<lines>",
    ])
    func mayBeIPv6(_ inventory: String) async throws {
        try await ThrowawaySSHD.with(address: "::1") { server in
            let variables = [
                "ansible_ssh_private_key_file": server.clientKey(), "ansible_user": "root",
                "ansible_ssh_common_args": "-oUserKnownHostsFile=\(server.knownHosts)",
            ]
            let text = inventory.replacing("<port>", with: "\(server.port)")
                .replacing("<vars>", with: variables.map { "\($0): \($1)" }.joined(separator: ", "))
                .replacing("<lines>", with: variables.map { "\($0)=\($1)" }.joined(separator: "\n"))
            let name = inventory.hasPrefix("[") ? "hosts.ini" : "hosts.yml"
            try text.write(toFile: "\(server.folder.path)/\(name)", atomically: true, encoding: .utf8)
            let answer = try await DroverProgram(in: server.folder)("run", "-i", name, "all", "--", "echo six")
            #expect(answer.status == 0, "\(answer.errors)")
            #expect(answer.output.hasSuffix("six\n"))
        }
    }

    @Test func severalOfOneNameAreTriedInTurn() async throws {
        try await ThrowawaySSHD.with { server in
            let folder = server.folder.path
            // Nobody listens on the others.
            try "127.0.0.9 twofold\n::1 twofold\n127.0.0.1 twofold localhost\n"
                .write(toFile: folder + "/etc-hosts", atomically: true, encoding: .utf8)
            let known = try String(contentsOfFile: server.knownHosts, encoding: .utf8)
            try known.replacing("[127.0.0.1]", with: "[twofold]")
                .write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
            let inventory = """
                all: {hosts: {twofold: {ansible_port: \(server.port), ansible_user: root,
                  ansible_ssh_private_key_file: \(server.clientKey()),
                  ansible_ssh_common_args: -oUserKnownHostsFile=\(server.knownHosts)}}}
                """
            try inventory.write(toFile: folder + "/hosts.yml", atomically: true, encoding: .utf8)
            let script = """
                mount --bind etc-hosts /etc/hosts && DROVER_SSH_CONFIG=none exec "$0" run -i hosts.yml all -- echo there
                """
            let words = ["env", "-C", folder, "unshare", "-m", "sh", "-c", script, DroverProgram.binary]
            let answer = try await DroverProgram.run(words)
            #expect(answer.status == 0, "\(answer.errors)")
            let port = try SilentListener().port
            try inventory.replacing("\(server.port)", with: "\(port)")
                .write(toFile: folder + "/hosts.yml", atomically: true, encoding: .utf8)
            let closed = try await DroverProgram.run(words)
            #expect(closed.status == 1)
            for address in ["127.0.0.9", "[::1]", "127.0.0.1"] {
                #expect(closed.errors.contains("\(address):\(port): connection refused"), "\(closed.errors)")
            }
        }
    }
}
