import Foundation
import TestSupport
import Testing

/// `drover trust`, against real servers.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .sshd)
struct TrustTests {
    @Test func seesHostsThroughTheirJumpHostsAndReplacesOldKeysOnDemand() async throws {
        try await ThrowawaySSHD.with { gate in
            try await ThrowawaySSHD.with { server in
                let folder = server.folder
                let known = folder.path + "/mine"
                let inventory = """
                    all:
                      vars:
                        ansible_host: 127.0.0.1
                        ansible_user: root
                        ansible_ssh_common_args: -J gate -o UserKnownHostsFile=\(known)
                      hosts:
                        gate: {ansible_port: \(gate.port), ansible_ssh_private_key_file: \(gate.clientKey())}
                        web: {ansible_port: \(server.port), ansible_ssh_private_key_file: \(server.clientKey())}
                    """
                try inventory.write(toFile: folder.path + "/hosts.yml", atomically: true, encoding: .utf8)
                let drover = DroverProgram(in: folder)
                let unknown = try await drover("run", "-i", "hosts.yml", "web", "--", "true")
                #expect(unknown.status == 1)
                #expect(
                    unknown.errors.contains("error: web: jump host gate: host key of [127.0.0.1]:\(gate.port) is not"))
                #expect(unknown.errors.contains("trust it: drover trust web -i hosts.yml\n"))

                let trusted = try await drover("trust", "-i", "hosts.yml", "web", "--yes")
                #expect(trusted.status == 0, "\(trusted.errors)")
                #expect(trusted.output.components(separatedBy: "ED25519").count - 1 == 2)
                let through = try await drover("run", "-i", "hosts.yml", "all", "--", "true")
                #expect(through.status == 0, "\(through.errors)")

                let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                let lines = try String(contentsOfFile: known, encoding: .utf8).split(separator: "\n").map { line in
                    line.contains(":\(server.port) ssh-ed25519") ? "[127.0.0.1]:\(server.port) \(other)" : String(line)
                }
                try (lines.joined(separator: "\n") + "\n").write(toFile: known, atomically: true, encoding: .utf8)
                let changed = try await drover("trust", "-i", "hosts.yml", "all", "--yes")
                #expect(changed.status == 1)
                #expect(changed.errors.contains("drover trust --replace web"))
                let replaced = try await drover("trust", "-i", "hosts.yml", "all", "--yes", "--replace")
                #expect(replaced.status == 0, "\(replaced.errors)")
                let again = try await drover("run", "-i", "hosts.yml", "all", "--", "true")
                #expect(again.status == 0, "\(again.errors)")
                #expect(try !String(contentsOfFile: known, encoding: .utf8).contains(other))
            }
        }
    }
}
