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

        /// What it becomes is asked in place of ssh: nothing but that would tell.
        @Test func whatItBecomesHearsEverySignal() async throws {
            try await ThrowawaySSHD.with { server in
                let script = """
                    #!/bin/sh
                    case " $* " in *" -G "*) exec /usr/bin/ssh "$@" ;; esac
                    grep SigBlk /proc/self/status

                    """
                let program = server.folder.appendingPathComponent("ssh")
                try script.write(to: program, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
                let drover = DroverProgram(
                    in: server.folder, environment: ["PATH": "\(server.folder.path):/usr/bin:/bin"])
                let done = try await drover("ssh", "-i", server.inventory(hosts: 1), "h1", "--", "true")
                #expect(done.output == "SigBlk:\t0000000000000000\n", "\(done.errors)")
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
