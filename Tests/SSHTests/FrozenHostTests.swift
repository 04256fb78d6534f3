import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    /// Hosts that freeze: whatever was waited for, it ends within its time, and the error says what it was.
    @Suite(.overBothTransports, .timeLimit(.minutes(3)))
    struct FrozenHostTests {
        private static let handshake = "no answer within 1 s during the SSH handshake"
        private static let login = "no answer within 1 s during login"
        private static let shell = "connection lost: no sign of life for 2 s, while a shell was being started"
        private static let command = "connection lost: no sign of life for 2 s, during a command"

        private func error(_ endpoint: Endpoint, _ command: RemoteCommand) async -> TransportError? {
            await transportError {
                try await withTransport(to: endpoint, settings: SSHSettings(silenceLimit: .seconds(2))) {
                    _ = try await $0.run(command)
                }
            }
        }

        @Test(arguments: [
            (CuttingProxy.Moment.accepted, [handshake]), (.greeted, [handshake]), (.message(20), [handshake]),
            (.message(31), [handshake]), (.message(21), [handshake, login]), (.sent(2000), [login, shell]),
            (.sent(2600), [login, shell]),
            (.sent(9000), [shell, command]),
        ])
        func whatWasWaitedForIsTold(_ moment: CuttingProxy.Moment, _ messages: [String]) async throws {
            try await ThrowawaySSHD.with { server in
                try await CuttingProxy.with(to: server.port, cuttingWhen: moment, then: .silence) { proxy in
                    var endpoint = try server.endpoint()
                    endpoint.hostKeyAlias = "[127.0.0.1]:\(server.port)"
                    (endpoint.port, endpoint.connectTimeout) = (proxy.port, .seconds(1))
                    let start = ContinuousClock.now
                    let input = [UInt8](repeating: 120, count: 20_000)
                    let error = await error(endpoint, RemoteCommand(shell: "cat; sleep 30", input: input))
                    #expect(ContinuousClock.now - start < .seconds(12))
                    // Each sends as many bytes as it likes before it waits for what it waits for.
                    let all = [Self.handshake, Self.login, Self.shell, Self.command]
                    let messages = OverBothTransports.client == .openssh ? all : messages
                    #expect(messages.contains(error?.message ?? ""), "\(moment): \(error?.message ?? "no error")")
                }
            }
        }

        @Test func aListenerThatIsStoppedIsTold() async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                endpoint.connectTimeout = .seconds(1)
                server.signal(SIGSTOP)
                let start = ContinuousClock.now
                let error = await error(endpoint, RemoteCommand(shell: "true"))
                server.signal(SIGCONT)
                #expect(ContinuousClock.now - start < .seconds(8))
                #expect(error?.message == Self.handshake)
            }
        }

        @Test func sessionsThatAreStoppedAreToldByAllWhoWait() async throws {
            try await ThrowawaySSHD.with { server in
                let settings = SSHSettings(silenceLimit: .seconds(2), stallLimit: .seconds(30))
                try await withTransport(to: server.endpoint(), settings: settings) { transport in
                    try await transport.expect("echo up", says: "up\n")
                    try await server.killSessions("STOP")
                    let start = ContinuousClock.now
                    async let upload = transportError {
                        try await transport.upload("/etc/passwd", to: "/tmp/none", mode: 0o600, privilege: .login)
                    }
                    async let run = transportError { _ = try await transport.run(RemoteCommand(shell: "sleep 30")) }
                    let told = await run?.message
                    #expect(told == Self.command)
                    #expect(ContinuousClock.now - start < .seconds(12))
                    // Copies go on over a new connection, which the listener gives.
                    try await server.killSessions("KILL")
                    _ = await upload
                }
            }
        }

        /// Opening a key that is slow on purpose holds up nobody else, though hosts share threads.
        @Test func openingASlowKeyHoldsUpNoOtherHost() async throws {
            try await ThrowawaySSHD.with { server in
                let key = try await server.lockedKey("open sesame", rounds: 400)
                let connector = SSHConnector()
                var others: [any Transport] = []
                for number in 0..<8 {
                    others.append(try await connector.transport(to: server.endpoint("other\(number)")))
                }
                var endpoint = try server.endpoint("slow")
                (endpoint.identityFiles, endpoint.passphrase) = ([key], Secret("open sesame"))
                let isOpen = Flag()
                let opening = Task { [endpoint] in
                    defer { isOpen.raise() }
                    let start = ContinuousClock.now
                    _ = try await connector.transport(to: endpoint)
                    return ContinuousClock.now - start
                }
                var longest = Duration.zero
                var rounds = 0
                while rounds < 4 || !isOpen.isRaised {
                    let start = ContinuousClock.now
                    for other in others { try await other.expect("echo on", says: "on\n") }
                    longest = max(longest, ContinuousClock.now - start)
                    rounds += 1
                }
                let took = try await opening.value
                #expect(took > .milliseconds(500), "the key was not slow: \(took)")
                #expect(longest < took * 0.8, "others waited \(longest), while the key took \(took)")
                await connector.closeAll()
            }
        }
    }
}
