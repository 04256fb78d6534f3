import Foundation
import TestSupport
import Testing

extension ProgramTests {
    @Suite struct DoctorProgramTests {
        /// What `drover doctor` says of one host in JSON: state and words of each check.
        private func checks(
            _ drover: DroverProgram, _ inventory: String, _ more: String...
        ) async throws -> (status: Int32, checks: [String: (state: String, says: String, remedies: [String])]) {
            let done = try await drover.run(["doctor", "-i", inventory, "--format", "json"] + more)
            let hosts = try #require(try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [[String: Any]])
            var checks: [String: (state: String, says: String, remedies: [String])] = [:]
            for check in hosts.first?["checks"] as? [[String: Any]] ?? [] {
                guard let subject = check["subject"] as? String else { continue }
                checks[subject] = (
                    check["state"] as? String ?? "", check["says"] as? String ?? "",
                    check["remedies"] as? [String] ?? []
                )
            }
            return (done.status, checks)
        }

        @Test func aHealthyHostHasNothingFaulty() async throws {
            try await ThrowawaySSHD.with { server in
                let (status, checks) = try await checks(
                    DroverProgram(in: server.folder), server.inventory(hosts: 1), "-b")
                #expect(status == 0)
                for subject in ["name", "port", "banner", "algorithms", "hostKey", "login", "become", "tools", "clock"]
                {
                    #expect(checks[subject]?.state == "fine", "\(subject): \(checks[subject]?.says ?? "not there")")
                }
                #expect(checks["banner"]?.says.hasPrefix("SSH-2.0-OpenSSH") == true)
                #expect(checks["login"]?.says == server.clientKey())
                #expect(checks["hostKey"]?.says.contains("SHA256:") == true)
            }
        }

        @Test func whatOnlySSHCanDoIsNamed() async throws {
            try await ThrowawaySSHD.with(["Ciphers chacha20-poly1305@openssh.com"]) { server in
                let (status, checks) = try await checks(DroverProgram(in: server.folder), server.inventory(hosts: 1))
                #expect(status == 0)
                #expect(checks["way"]?.says.hasPrefix("reached by the installed ssh, as libssh2 ") == true)
                #expect(checks["login"]?.says == server.clientKey())
                #expect(checks["hostKey"]?.says.contains("SHA256:") == true)
            }
        }

        @Test func anRSAHostKeyIsExplained() async throws {
            try await ThrowawaySSHD.with(hostKeys: ["rsa"]) { server in
                let (status, checks) = try await checks(
                    DroverProgram(in: server.folder), server.inventory(hosts: 1, "drover_transport=libssh2"))
                #expect(status == 1)
                #expect(checks["banner"]?.state == "fine")
                #expect(checks["algorithms"]?.state == "faulty")
                #expect(
                    checks["algorithms"]?.says
                        == "no host key algorithm in common; the host offers rsa-sha2-512, rsa-sha2-256")
                #expect(checks["algorithms"]?.remedies.first?.contains("ssh-keygen -A") == true)
            }
        }

        @Test(
            arguments: [
                ("ansible_port=1", "port", "connection refused"),
                ("ansible_host=no-such-host.invalid", "name", "cannot resolve"),
                ("ansible_ssh_common_args='-o UserKnownHostsFile=/no/such/file'", "hostKey", "is not known"),
                ("ansible_ssh_private_key_file=/no/such/key", "login", "no key to log in with"),
            ])
        func theFirstThingThatIsWrongIsNamed(_ setting: String, _ subject: String, _ says: String) async throws {
            try await ThrowawaySSHD.with { server in
                let (status, checks) = try await checks(
                    DroverProgram(in: server.folder, environment: ["SSH_AUTH_SOCK": ""]),
                    server.inventory(hosts: 1, setting))
                #expect(status == 1)
                #expect(checks.filter { $0.value.state == "faulty" }.map(\.key) == [subject])
                #expect(checks[subject]?.says.contains(says) == true, "\(checks[subject]?.says ?? "")")
                #expect(checks[subject]?.remedies.isEmpty == false)
            }
        }

        @Test func aSilentPortIsNoSSHServer() async throws {
            try await ThrowawaySSHD.with { server in
                let listener = try SilentListener()
                let (status, checks) = try await checks(
                    DroverProgram(in: server.folder),
                    server.inventory(hosts: 1, "ansible_port=\(listener.port)\nansible_timeout=1"))
                #expect(status == 1)
                #expect(checks["port"]?.state == "fine" && checks["banner"]?.state == "faulty")
                withExtendedLifetime(listener) {}
            }
        }

        @Test func aServerThatTurnsUsAwayIsExplained() async throws {
            try await ThrowawaySSHD.with(["MaxStartups 1:100:1"]) { server in
                let held = try HeldConnections(1, to: server.port)
                let (status, checks) = try await checks(
                    DroverProgram(in: server.folder), server.inventory(hosts: 1, "ansible_timeout=1"))
                #expect(status == 1)
                #expect(checks["port"]?.state == "fine" && checks["banner"]?.state == "faulty")
                #expect(checks["banner"]?.says.contains("(MaxStartups)") == true, "\(checks["banner"]?.says ?? "")")
                held.release()
            }
        }

        @Test func theTableTellsFaultsTogether() async throws {
            try await ThrowawaySSHD.with { server in
                let done = try await DroverProgram(in: server.folder)(
                    "doctor", "-i", try server.inventory(hosts: 3, "ansible_port=1"))
                #expect(done.status == 1)
                #expect(done.output.hasPrefix("HOST REACHED HOST KEY LOGIN"))
                #expect(done.errors.contains("error: h[1-3]: 127.0.0.1:1: connection refused"))
                #expect(done.errors.contains("hint: "))
            }
        }
    }
}
