import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    /// Hosts that end a connection before anybody has logged in.
    @Suite(.timeLimit(.minutes(3)))
    struct CutOffTests {
        // MARK: MaxStartups

        @Test func whoIsTurnedAwayForGoodIsToldWhy() async throws {
            try await ThrowawaySSHD.with(["MaxStartups 1:100:1"]) { server in
                let held = try HeldConnections(1, to: server.port)
                var endpoint = try server.endpoint()
                endpoint.connectTimeout = .seconds(2)
                let start = ContinuousClock.now
                let error = await transportError { [endpoint] in try await withTransport(to: endpoint) { _ in } }
                // By its own limit, not the usual one of ten seconds, on a machine that is busy elsewhere too.
                #expect(ContinuousClock.now - start < .seconds(6))
                #expect(error?.code == .unreachable)
                #expect(
                    error?.message
                        == "sshd has turned us away for 2 s: too many others are logging in (MaxStartups)")
                #expect(error?.hints.count == 1)
                held.release()
            }
        }

        @Test func whoIsTurnedAwayComesBack() async throws {
            try await ThrowawaySSHD.with(["MaxStartups 1:100:1"]) { server in
                let held = try HeldConnections(1, to: server.port)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await withTransport(to: server.endpoint()) { try await $0.expect("echo in", says: "in\n") }
                    }
                    _ = try await server.log(with: "beginning MaxStartups throttling")
                    held.release()
                    try await group.waitForAll()
                }
            }
        }

        /// Beyond 10 at once, sshd's default turns away by chance.
        @Test func allGetIntoASingleServerWithItsDefaults() async throws {
            try await ThrowawaySSHD.with(["MaxStartups 10:30:100"]) { server in
                try await expectAnswers(of: 100, from: server)
            }
        }

        @Test func aJumpHostThatTurnsUsAwayIsTheCause() async throws {
            try await ThrowawaySSHD.with(["MaxStartups 1:100:1"]) { jump in
                try await ThrowawaySSHD.with { server in
                    let held = try HeldConnections(1, to: jump.port)
                    var way = try jump.endpoint("jump")
                    way.connectTimeout = .seconds(1)
                    let connector = SSHConnector()
                    let errors = await withTaskGroup(of: TransportError?.self) { group in
                        for number in 0..<20 {
                            group.addTask { [way] in
                                await transportError {
                                    var endpoint = try server.endpoint("host\(number)")
                                    endpoint.jumps = [way]
                                    _ = try await connector.transport(to: endpoint)
                                }
                            }
                        }
                        return await group.reduce(into: [TransportError?]()) { $0.append($1) }
                    }
                    let message =
                        "jump host jump: sshd has turned us away for 1 s: too many others are logging in (MaxStartups)"
                    #expect(Set(errors.map { $0?.message }) == [message])
                    held.release()
                    await connector.closeAll()
                }
            }
        }

        // MARK: Resets

        static let duringTheHandshake: [CuttingProxy.Moment] = [.accepted, .greeted, .message(20), .message(31)]

        @Test(arguments: duringTheHandshake + [.message(21)])
        func aResetBeforeTheLoginIsToldInOneLine(_ moment: CuttingProxy.Moment) async throws {
            let error = try await errorWhenReset(moment)
            #expect(error.code == .unreachable)
            let beginnings = [
                "the host closed the connection during ", "the host ended the connection during ", "127.0.0.1:",
            ]
            #expect(beginnings.contains { error.message.hasPrefix($0) }, "\(error)")
            #expect(!error.message.contains("pipe"), "\(error)")
            #expect(error.hints.count == 1)
        }

        @Test func aResetAfterTheLoginIsALostConnection() async throws {
            let error = try await errorWhenReset(.sent(2600))
            #expect(error.code == .connectionLost)
            #expect(error.message == "connection lost: connection reset by peer, while a shell was being started")
        }

        private func errorWhenReset(_ moment: CuttingProxy.Moment) async throws -> TransportError {
            try await ThrowawaySSHD.with { server in
                try await CuttingProxy.with(to: server.port, cuttingWhen: moment) { proxy in
                    let start = ContinuousClock.now
                    let error = await transportError { [endpoint = try through(proxy, server)] in
                        try await withTransport(to: endpoint) { try await $0.expect("true", says: "") }
                    }
                    // As above: that it is reset is seen at once, not when nothing comes for ten seconds.
                    #expect(ContinuousClock.now - start < .seconds(8))
                    return try #require(error)
                }
            }
        }

        @Test(arguments: duringTheHandshake)
        func aResetThatDoesNotComeAgainIsNotSeen(_ moment: CuttingProxy.Moment) async throws {
            try await ThrowawaySSHD.with { server in
                try await CuttingProxy.with(to: server.port, cuttingWhen: moment, then: .through) { proxy in
                    try await withTransport(to: through(proxy, server)) {
                        try await $0.expect("echo in", says: "in\n")
                    }
                    #expect(try proxy.sent.count == 2)
                }
            }
        }

        @Test func aResetBehindAJumpHostIsTold() async throws {
            try await ThrowawaySSHD.with { server in
                try await CuttingProxy.with(to: server.port, cuttingWhen: .message(31)) { proxy in
                    var endpoint = try through(proxy, server)
                    endpoint.jumps = [try server.endpoint("jump")]
                    let error = await transportError { [endpoint] in try await withTransport(to: endpoint) { _ in } }
                    #expect(error?.code == .unreachable)
                    #expect(error?.message == "the host closed the connection during the SSH handshake")
                }
            }
        }

        /// The server as it is reached through the proxy, by whose port nobody knows its key.
        private func through(_ proxy: CuttingProxy, _ server: ThrowawaySSHD) throws -> Endpoint {
            var endpoint = try server.endpoint()
            endpoint.hostKeyAlias = "[127.0.0.1]:\(server.port)"
            endpoint.port = proxy.port
            return endpoint
        }
    }
}
