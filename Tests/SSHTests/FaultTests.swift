import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    /// What goes wrong on one host ends within its time, with one clear error.
    @Suite(.overBothTransports, .timeLimit(.minutes(3)))
    struct FaultTests {
        @Test func anExpiredCommandIsEndedOnTheHost() async throws {
            try await Shared.run { transport in
                let mark = "97531.\(UInt32.random(in: 1000...999_999))"
                let error = await transportError {
                    _ = try await transport.run(
                        RemoteCommand(shell: "timeout 1000 sleep \(mark) & sleep \(mark)", deadline: .milliseconds(300))
                    )
                }
                #expect(error?.code == .timedOut)
                let left = try await transport.run(RemoteCommand(shell: "pgrep -f '[s]leep \(mark)'"))
                #expect(left.text.isEmpty)
            }
        }

        @Test func aCancelledCommandIsEndedOnTheHost() async throws {
            try await withTemporaryFolder { folder in
                let started = folder.appendingPathComponent("started").path
                _ = try await DroverProgram.run(["mkfifo", started])
                let mark = "86420.\(UInt32.random(in: 1000...999_999))"
                try await Shared.run { transport in
                    let code = try await withThrowingTaskGroup(of: TransportError.Code?.self) { group in
                        group.addTask {
                            await transportError {
                                _ = try await transport.run(RemoteCommand(shell: "echo >\(started); sleep \(mark)"))
                            }?.code
                        }
                        _ = try await DroverProgram.run(["cat", started])
                        group.cancelAll()
                        return try await group.next() ?? nil
                    }
                    #expect(code == .cancelled)
                    let left = try await transport.run(RemoteCommand(shell: "pgrep -f '[s]leep \(mark)'"))
                    #expect(left.text.isEmpty)
                }
            }
        }

        @Test func aKilledServerIsALostConnectionAndTheNextCallConnectsAgain() async throws {
            try await Shared.run { transport in
                let error = await transportError { _ = try await transport.run(RemoteCommand(shell: "kill -9 $PPID")) }
                #expect(error?.code == .connectionLost)
                #expect(error?.message.hasPrefix("connection lost: the host ended it, ") == true)
                try await transport.expect("echo again", says: "again\n")
            }
        }

        @Test func aFrozenServerIsALostConnection() async throws {
            try await ThrowawaySSHD.with { server in
                let settings = SSHSettings(silenceLimit: .seconds(2))
                try await withTransport(to: server.endpoint(), settings: settings) { transport in
                    let process = try await transport.run(RemoteCommand(shell: "echo $PPID")).text
                    let error = await transportError {
                        _ = try await transport.run(RemoteCommand(shell: "kill -STOP $PPID"))
                    }
                    #expect(error?.code == .connectionLost)
                    #expect(error?.message == "connection lost: no sign of life for 2 s, during a command")
                    _ = try await DroverProgram.run(["kill", "-9", process.filter(\.isNumber)])
                }
            }
        }

        @Test func aSilentHostIsUnreachable() async throws {
            let listener = try SilentListener()
            var endpoint = Endpoint(host: try HostName("silent"), address: "127.0.0.1", port: UInt16(listener.port))
            endpoint.connectTimeout = .milliseconds(300)
            let error = await transportError { try await withTransport(to: endpoint) { _ in } }
            #expect(error?.code == .unreachable)
            #expect(error?.message == "no answer within 0.3 s during the SSH handshake")
        }

        @Test func aClosedPortIsUnreachable() async throws {
            let port = UInt16(try SilentListener().port)
            let endpoint = Endpoint(host: try HostName("closed"), address: "127.0.0.1", port: port)
            let error = await transportError { try await withTransport(to: endpoint) { _ in } }
            #expect(error?.code == .unreachable)
            #expect(error?.message == "127.0.0.1:\(port): connection refused")
        }

        @Test func anUnknownNameIsUnreachable() async throws {
            let endpoint = Endpoint(host: try HostName("nowhere"), address: "nowhere.invalid")
            let error = await transportError { try await withTransport(to: endpoint) { _ in } }
            #expect(error?.code == .unreachable)
            #expect(error?.message.hasPrefix("cannot resolve 'nowhere.invalid'") == true)
        }

        @Test func aKeyThatNobodyKnowsIsRefused() async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                endpoint.identityFiles = [server.folder.appendingPathComponent("host_ed25519").path]
                let error = await transportError { try await withTransport(to: endpoint) { _ in } }
                #expect(error?.code == .authenticationFailed)
            }
        }

        /// The installed `ssh` takes such keys.
        @Test func anRSAKeyIsExplained() async throws {
            guard OverBothTransports.client == .libssh2 else { return }
            try await ThrowawaySSHD.with { server in
                let key = server.folder.appendingPathComponent("rsa").path
                _ = try await DroverProgram.run(["ssh-keygen", "-q", "-N", "", "-t", "rsa", "-f", key])
                var endpoint = try server.endpoint()
                endpoint.identityFiles = [key]
                let error = await transportError { try await withTransport(to: endpoint) { _ in } }
                #expect(error?.code == .authenticationFailed)
                #expect(error?.hints.contains { $0.contains("SHA-1") } == true)
            }
        }

        @Test func twoHundredSessionsRunAtOnce() async throws {
            try await ThrowawaySSHD.with { server in
                try await expectAnswers(of: 200, from: server)
            }
        }
    }
}
