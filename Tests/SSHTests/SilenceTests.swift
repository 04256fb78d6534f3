import Fleet
import SSH
import TestSupport
import Testing

/// Hosts that don't answer hold nobody up more than once.
@Suite(.timeLimit(.minutes(2))) struct SilenceTests {
    @Test func aHostThatJustKeptSilentIsNotWaitedForAsLongAgain() async throws {
        let hole = try BlackHole()
        var endpoint = Endpoint(host: try HostName("h"), address: "127.0.0.1", user: "me")
        (endpoint.port, endpoint.connectTimeout) = (hole.port, .seconds(4))
        let connector = SSHConnector()
        for time in ["4", "2", "2"] {
            let error = await #expect(throws: TransportError.self) { try await connector.transport(to: endpoint) }
            #expect(error?.code == .unreachable)
            #expect(
                error?.message.contains("no answer from 127.0.0.1:\(hole.port) within \(time)") == true,
                "\(error as Any)")
        }
        await connector.closeAll()
        withExtendedLifetime(hole) {}
    }
}
