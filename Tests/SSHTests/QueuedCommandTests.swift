import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    /// Many commands wait for one host whose connection is lost: each of them gets an error, at once.
    @Suite(.timeLimit(.minutes(4)))
    struct QueuedCommandTests {
        /// How often each kind of loss is tried; longer on demand: `DROVER_LOSS_ROUNDS=500`.
        private static let rounds =
            ProcessInfo.processInfo.environment["DROVER_LOSS_ROUNDS"].flatMap { Int($0) } ?? 40
        private static let queued = 8

        /// What comes of `queued` commands at once; whichever has its turn first ends what carries them all.
        private func outcomes(
            _ transport: any Transport, _ script: String, input: [UInt8] = [], within deadline: Duration = .seconds(20)
        ) async -> [TransportError?] {
            await withTaskGroup(of: TransportError?.self) { group in
                for number in 0..<Self.queued {
                    let command = RemoteCommand(
                        shell: script, input: input, deadline: deadline + .milliseconds(300) * number)
                    group.addTask { await transportError { _ = try await transport.run(command) } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }

        private func expectLoss(
            _ errors: [TransportError?], within limit: Duration, since start: ContinuousClock.Instant,
            _ location: Testing.SourceLocation = #_sourceLocation
        ) {
            #expect(ContinuousClock.now - start < limit, "\(errors)", sourceLocation: location)
            #expect(errors.count == Self.queued && !errors.contains(nil), "\(errors)", sourceLocation: location)
            for case let error? in errors {
                let isTold = [.connectionLost, .unreachable].contains(error.code)
                #expect(isTold && !error.message.isEmpty, "\(error)", sourceLocation: location)
            }
        }

        @Test(.overBothTransports) func aConnectionThatItsServerEndsFailsAllThatWait() async throws {
            try await ThrowawaySSHD.with { server in
                try await withTransport(to: server.endpoint()) { transport in
                    var waited = 0
                    for _ in 0..<Self.rounds {
                        let start = ContinuousClock.now
                        let errors = await outcomes(transport, "kill -9 $PPID; sleep 30")
                        expectLoss(errors, within: .seconds(10), since: start)
                        waited += errors.count { $0?.message.contains("before this command was sent") == true }
                    }
                    // Most are still waiting for their turn when the connection goes.
                    #expect(waited > Self.rounds)
                }
            }
        }

        @Test func aConnectionThatWeCloseFailsAllThatWait() async throws {
            try await ThrowawaySSHD.with { server in
                for _ in 0..<Self.rounds {
                    try await withTemporaryFolder { folder in
                        let started = folder.appendingPathComponent("started").path
                        _ = try await DroverProgram.run(["mkfifo", started])
                        let connector = SSHConnector()
                        let transport = try await connector.transport(to: server.endpoint())
                        async let errors = outcomes(transport, "echo >\(started); sleep 30")
                        _ = try await DroverProgram.run(["timeout", "20", "cat", started])
                        let start = ContinuousClock.now
                        await connector.closeAll()
                        expectLoss(await errors, within: .seconds(5), since: start)
                    }
                }
            }
        }

        /// Wherever the connection is cut, byte by byte through login, the opening of shells and the commands.
        @Test(arguments: Array(stride(from: 1500, to: 6000, by: 150)))
        func aConnectionCutAnywhereFailsAllThatWait(_ sent: Int) async throws {
            try await ThrowawaySSHD.with { server in
                try await CuttingProxy.with(to: server.port, cuttingWhen: .sent(sent), then: .away) { proxy in
                    var endpoint = try server.endpoint()
                    endpoint.hostKeyAlias = "[127.0.0.1]:\(server.port)"
                    (endpoint.port, endpoint.connectTimeout) = (proxy.port, .seconds(2))
                    let connector = SSHConnector()
                    let start = ContinuousClock.now
                    // Cut so soon that nobody logs in, it is one error for all.
                    if let transport = try? await connector.transport(to: endpoint) {
                        let script = "head -c 100000 /dev/zero; cat >/dev/null; sleep 30"
                        let errors = await outcomes(transport, script, input: [UInt8](repeating: 120, count: 8000))
                        expectLoss(errors, within: .seconds(10), since: start)
                    } else {
                        #expect(sent < 3000)
                    }
                    await connector.closeAll()
                }
            }
        }

        /// The command's time is up, then the host has shown no sign of life, while others wait for their turn.
        @Test(.overBothTransports) func aFrozenServerFailsAllThatWait() async throws {
            try await ThrowawaySSHD.with { server in
                let settings = SSHSettings(silenceLimit: .seconds(2))
                try await withTransport(to: server.endpoint(), settings: settings) { transport in
                    let start = ContinuousClock.now
                    let errors = await outcomes(transport, "kill -STOP $PPID; sleep 30", within: .seconds(1))
                    #expect(ContinuousClock.now - start < .seconds(25))
                    #expect(errors.count == Self.queued && !errors.contains(nil), "\(errors)")
                    try await server.killSessions("KILL")
                }
            }
        }
    }
}
