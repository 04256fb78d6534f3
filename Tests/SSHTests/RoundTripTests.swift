import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    @Suite(.timeLimit(.minutes(2)))
    struct RoundTripTests {
        /// One each for versions, keys, the service, the key that is offered, its signature, the channel and the command.
        /// libssh2 asks whether a key would do before it signs with it: that is the one that RFC 4252 could do without.
        private static let most = 7

        @Test func aCommandCostsTheProtocolsRoundTripsAndOneMore() async throws {
            try await ThrowawaySSHD.with { server in
                try await DelayingProxy.with(to: server.port, milliseconds: 25) { proxy in
                    var endpoint = try server.endpoint()
                    endpoint.port = proxy.port
                    endpoint.checksHostKey = false
                    var command = RemoteCommand(shell: "echo there")
                    command.isForAllToSee = true
                    let line = command
                    try await withTransport(to: endpoint) { try await $0.expect(line, says: "there\n") }
                    #expect(try proxy.roundTrips <= Self.most)
                }
            }
        }
    }
}
