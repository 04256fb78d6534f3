import Foundation
import TestSupport
import Testing

extension ProgramTests {
    @Suite struct LoginProgramTests {
        @Test func goesThroughAJumpHost() async throws {
            try await ThrowawaySSHD.with { server in
                let inventory = server.folder.appendingPathComponent("jump.ini").path
                let way =
                    "ansible_host=127.0.0.1 ansible_port=\(server.port) ansible_ssh_private_key_file=\(server.clientKey())"
                let text = """
                    near \(way) ansible_ssh_common_args='-o UserKnownHostsFile=\(server.knownHosts)'
                    far \(way) ansible_ssh_common_args='-o UserKnownHostsFile=\(server.knownHosts) -J near'

                    """
                try text.write(toFile: inventory, atomically: true, encoding: .utf8)
                let drover = DroverProgram(in: server.folder)
                let done = try await drover("ssh", "-i", inventory, "far", "--", "echo there")
                #expect(done.output == "there\n", "\(done.errors)")
            }
        }

        @Test func becomesSSHAndEndsAsTheCommandDoes() async throws {
            try await ThrowawaySSHD.with { server in
                let drover = DroverProgram(in: server.folder)
                let inventory = try server.inventory(hosts: 2)
                let done = try await drover("ssh", "-i", inventory, "h2", "--", "echo there; exit 7")
                #expect(done.output == "there\n")
                #expect(done.status == 7, "\(done.errors)")
                let several = try await drover("ssh", "-i", inventory, "all", "--", "true")
                #expect(several.status == 64 && several.errors.contains("hint: name one of: h1, h2"))
            }
        }
    }
}
