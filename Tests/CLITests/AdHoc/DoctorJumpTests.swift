import Foundation
import TestSupport
import Testing

extension ProgramTests {
    /// `drover doctor` where hosts are reached through others.
    @Suite struct DoctorJumpTests {
        /// What is said of one host.
        private struct Checkup: Decodable {
            struct Check: Decodable {
                var subject: String
                var state: String
                var says: String
                var remedies: [String]
            }

            var host: String
            var behind: [String]?
            var through: [String]?
            var checks: [Check]

            /// What is faulty, and what is said of it.
            var faults: [String: String] {
                Dictionary(uniqueKeysWithValues: checks.filter { $0.state == "faulty" }.map { ($0.subject, $0.says) })
            }
        }

        /// The servers of the hosts `j1` and `j2`, through which `h1` is reached.
        private func prepared(
            _ settings: [String] = [], hostKeys: [String] = ["ed25519"],
            _ body: (_ j1: ThrowawaySSHD, _ j2: ThrowawaySSHD, _ h1: ThrowawaySSHD) async throws -> Void
        ) async throws {
            try await ThrowawaySSHD.with { j1 in
                try await ThrowawaySSHD.with(settings, hostKeys: hostKeys) { j2 in
                    try await ThrowawaySSHD.with(["LogLevel INFO"]) { h1 in try await body(j1, j2, h1) }
                }
            }
        }

        private func line(_ name: String, _ server: ThrowawaySSHD, port: UInt16? = nil, _ more: String = "") -> String {
            "\(name) ansible_host=127.0.0.1 ansible_port=\(port ?? server.port) ansible_timeout=3 "
                + "ansible_ssh_private_key_file=\(server.clientKey()) "
                + "ansible_ssh_common_args='-o UserKnownHostsFile=\(server.knownHosts) \(more)'"
        }

        private func examine(
            _ folder: URL, _ lines: [String], _ pattern: String = "h*"
        ) async throws -> (status: Int32, checkups: [Checkup]) {
            let inventory = folder.appendingPathComponent("inventory.ini")
            try lines.joined(separator: "\n").write(to: inventory, atomically: true, encoding: .utf8)
            let done = try await DroverProgram(in: folder, environment: ["SSH_AUTH_SOCK": ""])(
                "doctor", "-i", inventory.path, "--format", "json", pattern)
            let checkups = try JSONDecoder().decode([Checkup].self, from: Data(done.output.utf8))
            return (done.status, checkups)
        }

        /// Commands in remedies can be pasted: they name where the hosts came from.
        @Test func aRemedyNamesTheInventory() async throws {
            try await prepared { j1, _, h1 in
                let stranger = h1.folder.appendingPathComponent("nobody").path
                let unknown = line("h2", h1).replacing(h1.knownHosts, with: stranger)
                let behind = line("h3", h1, "-J j1")
                let way = line("j1", j1).replacing(j1.knownHosts, with: stranger)
                let (_, checkups) = try await examine(h1.folder, [unknown, behind, way])
                let inventory = h1.folder.appendingPathComponent("inventory.ini").path
                let remedies = Set(
                    checkups.flatMap(\.checks).flatMap(\.remedies).filter { $0.contains("drover trust") })
                #expect(remedies.contains { $0.hasSuffix(": drover trust h2 -i \(inventory)") }, "\(remedies)")
                #expect(remedies.contains { $0.hasSuffix(": drover trust h3 -i \(inventory)") }, "\(remedies)")
            }
        }

        @Test func everyHopIsLookedAtOnce() async throws {
            try await prepared { j1, j2, h1 in
                let hosts = (1...3).map { line("h\($0)", h1, "-J j1,j2") }
                let (status, checkups) = try await examine(h1.folder, hosts + [line("j1", j1), line("j2", j2)])
                #expect(status == 0, "\(checkups.map(\.faults))")
                #expect(checkups.map(\.host) == ["j1", "j2", "h1", "h2", "h3"])
                #expect(
                    checkups.map { $0.behind ?? [] } == Array(repeating: ["h1", "h2", "h3"], count: 2) + [[], [], []])
                #expect(checkups.map { $0.through ?? [] } == [[], ["j1"]] + Array(repeating: ["j1", "j2"], count: 3))
                for checkup in checkups {
                    let states = Dictionary(uniqueKeysWithValues: checkup.checks.map { ($0.subject, $0.state) })
                    for subject in ["port", "banner", "algorithms", "hostKey", "login"] {
                        #expect(states[subject] == "fine", "\(checkup.host) \(subject)")
                    }
                }
                let port = checkups.last?.checks.first { $0.subject == "port" }
                #expect(port?.says == "127.0.0.1:\(h1.port) through j2")
            }
        }

        private enum Fault: CaseIterable {
            case closedPort, rsaOnly, unknownKey, noKeyAccepted, noForwarding

            var subject: String {
                switch self {
                case .closedPort, .noForwarding: "port"
                case .rsaOnly: "algorithms"
                case .unknownKey: "hostKey"
                case .noKeyAccepted: "login"
                }
            }

            var says: String {
                switch self {
                case .closedPort: "jump host j1 cannot reach 127.0.0.1:"
                case .rsaOnly: "no host key algorithm in common; the host offers rsa-"
                case .unknownKey: "is not known"
                case .noKeyAccepted: "the host accepted none of the keys"
                case .noForwarding: "administratively prohibited"
                }
            }
        }

        @Test(arguments: Fault.allCases)
        private func theHopThatIsFaultyIsNamed(_ fault: Fault) async throws {
            let settings = fault == .noForwarding ? ["AllowTcpForwarding no"] : []
            try await prepared(settings, hostKeys: fault == .rsaOnly ? ["rsa"] : ["ed25519"]) { j1, j2, h1 in
                var port: UInt16?
                switch fault {
                case .closedPort: port = UInt16(try SilentListener().port)
                case .unknownKey: try "".write(toFile: j2.knownHosts, atomically: true, encoding: .utf8)
                case .noKeyAccepted:
                    try "".write(
                        toFile: j2.folder.path + "/authorized_keys", atomically: true, encoding: .utf8)
                case .rsaOnly, .noForwarding: break
                }
                var lines = [line("h1", h1, "-J j1,j2"), line("j1", j1), line("j2", j2, port: port)]
                if fault == .rsaOnly { lines += ["[all:vars]", "drover_transport=libssh2"] }
                let (status, checkups) = try await examine(h1.folder, lines)
                #expect(status == 1)
                #expect(checkups.first?.faults.isEmpty == true)
                // Whether a host forwards is seen by whoever wants to go through it.
                let faulty = try #require(fault == .noForwarding ? checkups.last : checkups.dropFirst().first)
                #expect(faulty.faults.map(\.key) == [fault.subject], "\(faulty)")
                #expect(faulty.faults[fault.subject]?.contains(fault.says) == true, "\(faulty)")
                #expect(faulty.checks.last?.remedies.isEmpty == false)
                if fault == .unknownKey {
                    #expect(faulty.checks.last?.remedies.first?.contains("trust h1 -i ") == true)
                }
                guard fault != .noForwarding else { return }
                #expect(checkups.last?.faults == ["way": "not looked at: jump host j2 is faulty"])
            }
        }

        @Test func theTableNamesJumpHostsAndWhomTheyAreFor() async throws {
            try await prepared { j1, j2, h1 in
                let lines = (1...3).map { line("h\($0)", h1, $0 == 2 ? "-J j2" : "-J j1") }
                let closed = UInt16(try SilentListener().port)
                let inventory = h1.folder.appendingPathComponent("inventory.ini")
                try (lines + [line("j1", j1, port: closed), line("j2", j2)]).joined(separator: "\n")
                    .write(to: inventory, atomically: true, encoding: .utf8)
                let done = try await DroverProgram(in: h1.folder)("doctor", "-i", inventory.path, "h*")
                #expect(done.status == 1)
                let rows = done.output.split(separator: "\n").map { $0.prefix { $0 != " " } }
                #expect(rows == ["HOST", "j1", "j2", "h1", "h2", "h3"], "\(done.output)")
                let first = "error: j1 (jump host for h1, h3): 127.0.0.1:\(closed): connection refused"
                #expect(done.errors.contains(first), "\(done.errors)")
                #expect(done.errors.contains("error: h1, h3: not looked at: jump host j1 is faulty"))
            }
        }

        @Test func aHostBehindOthersThatSaysNothingIsTold() async throws {
            let listener = try SilentListener()
            try await prepared { j1, j2, h1 in
                let lines = [
                    line("h1", h1, port: UInt16(listener.port), "-J j1,j2"), line("j1", j1), line("j2", j2),
                ]
                let (status, checkups) = try await examine(h1.folder, lines)
                #expect(status == 1)
                #expect(
                    checkups.last?.faults == [
                        "banner": "the port is open, but no SSH server greets there within 3 s"
                    ])
            }
            withExtendedLifetime(listener) {}
        }

        // MARK: Ctrl-C

        @Test(arguments: ["", "-J j1"])
        func ctrlCTellsWhatIsKnown(_ way: String) async throws {
            let listener = try SilentListener()
            try await prepared { j1, _, h1 in
                let lines = [
                    line("h1", h1, way), line("h2", h1, port: UInt16(listener.port), way + " -o ConnectTimeout=100"),
                    line("h3", h1, way), line("j1", j1),
                ]
                let inventory = h1.folder.appendingPathComponent("inventory.ini")
                try lines.map { $0.replacing("ansible_timeout=3", with: "") }.joined(separator: "\n")
                    .write(to: inventory, atomically: true, encoding: .utf8)
                let isWaiting = "grep -qi ' 0100007F:\(String(listener.port, radix: 16)) 01 ' /proc/net/tcp"
                // With one place, the second one logs in when the first one has been looked at.
                let oneIsDone = "[ $(grep -c 'Accepted publickey' '\(h1.folder.path)/log') = 2 ]"
                let start = ContinuousClock.now
                let done = try await DroverProgram(in: h1.folder).run(
                    ["doctor", "-i", inventory.path, "-f", "1", "h*"],
                    interruptedOnce: "\(isWaiting) && \(oneIsDone)")
                #expect(ContinuousClock.now - start < .seconds(10))
                #expect(done.status == 1)
                let rows = done.output.split(separator: "\n")
                let known = rows.filter { $0.hasPrefix("h1 ") || $0.hasPrefix("h3 ") }
                #expect(!known.isEmpty && !known.contains { $0.contains("FAULTY") }, "\(done.output)")
                // Whoever does not answer holds nobody up.
                #expect(done.output.contains(/warning: not looked at: .*h(2|\[1-3\])/), "\(done.output)")
                #expect(!done.output.contains("error:"), "\(done.output)")
            }
            withExtendedLifetime(listener) {}
        }
    }
}
