import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    /// Many hosts, many commands, connections that are killed at random: no wrong answer, and nothing leaks.
    ///
    /// Longer on demand: `DROVER_SOAK_SECONDS=1800 swift test --filter SoakTests`.
    @Suite(.timeLimit(.minutes(40)))
    struct SoakTests {
        private static let hosts = 50
        /// What every host does however slow the machine is.
        private static let least = 10
        private static let seconds =
            ProcessInfo.processInfo.environment["DROVER_SOAK_SECONDS"].flatMap { Int($0) } ?? 5

        private static let isAlone = ProcessInfo.processInfo.environment["DROVER_SOAK_SECONDS"] != nil

        /// How many connections to a local port have not been closed on this side, by the kernel's table: the fields are
        /// the local and the remote address, and the state (01: open, 08: only the other end has closed).
        private static func openConnections(to port: UInt16) throws -> Int {
            let suffix = ":" + String(port, radix: 16, uppercase: true)
            return try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n").count { line in
                let fields = line.split(separator: " ")
                return fields.count > 3 && fields[2].hasSuffix(suffix) && ["01", "08"].contains(fields[3])
            }
        }

        private struct Tally: Sendable {
            var answers = 0
            var losses = 0
            var wrong: [String] = []
            var attempts: Int { answers + losses }

            mutating func add(_ other: Self) {
                answers += other.answers
                losses += other.losses
                wrong += other.wrong
            }
        }

        @Test func nothingLeaksAndNoAnswerIsWrong() async throws {
            try await ThrowawaySSHD.with(["MaxSessions 20"]) { server in
                let endpoints = try (1...Self.hosts).map { try server.endpoint("h\($0)") }
                _ = try await Self.work(on: endpoints, for: .seconds(max(2, Self.seconds / 10)))
                let before = Footprint.now
                let tally = try await Self.work(on: endpoints, for: .seconds(Self.seconds))
                let after = Footprint.now
                print(
                    "soak: \(tally.answers) answers, \(tally.losses) connections killed;",
                    "descriptors \(before.descriptors) to \(after.descriptors), memory \(before.memory) to \(after.memory)"
                )
                #expect(tally.wrong.isEmpty, "\(tally.wrong.prefix(3))")
                #expect(tally.losses > 0)
                #expect(try Self.openConnections(to: server.port) == 0)
                // Beside other tests, what the process holds says nothing.
                guard Self.isAlone else { return }
                #expect(after.descriptors <= before.descriptors)
                #expect(after.memory.bytes < before.memory.bytes + ByteCount.mebibytes(16).bytes)
            }
        }

        private static func work(on endpoints: [Endpoint], for time: Duration) async throws -> Tally {
            let connector = SSHConnector()
            let end = ContinuousClock.now + time
            let tally = await withTaskGroup(of: Tally.self) { group in
                for endpoint in endpoints {
                    group.addTask {
                        var tally = Tally()
                        while ContinuousClock.now < end || tally.attempts < least {
                            await once(on: endpoint, connector, &tally)
                        }
                        return tally
                    }
                }
                return await group.reduce(into: Tally()) { $0.add($1) }
            }
            await connector.closeAll()
            return tally
        }

        private static func once(on endpoint: Endpoint, _ connector: SSHConnector, _ tally: inout Tally) async {
            let number = Int.random(in: 0...200_000)
            let isKill = number % 20 == 0
            let script = isKill ? "kill -9 $PPID" : "head -c \(number) /dev/zero | tr '\\0' x; echo \(endpoint.host)"
            do throws(TransportError) {
                let transport = try await connector.transport(to: endpoint)
                let answer = try await transport.run(RemoteCommand(shell: script, deadline: .seconds(60)))
                tally.answers += 1
                if answer.text != String(repeating: "x", count: number) + "\(endpoint.host)\n" {
                    tally.wrong.append("\(endpoint.host): \(answer.output.count) bytes for \(number)")
                }
            } catch {
                tally.losses += 1
                if !isKill || error.code != .connectionLost { tally.wrong.append("\(error)") }
            }
        }
    }

    private struct Footprint {
        var descriptors: Int
        var memory: ByteCount

        static var now: Self {
            let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
            let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
            return Self(
                descriptors: open,
                memory: ByteCount((pages.flatMap { Int($0[1]) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))))
        }
    }
}
