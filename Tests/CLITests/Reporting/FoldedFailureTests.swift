import Fleet
import Testing

@testable import CLI

/// The same trouble of many hosts, told once.
@Suite struct FoldedFailureTests {
    private func stranger(_ number: Int, key: String? = nil) throws -> (host: HostName, error: TransportError) {
        let host = try HostName("web\(number)")
        let error = TransportError(
            .hostKeyUnknown, host: host, (key ?? "host key of 10.0.0.\(number)") + " is not known (ED25519 SHA256:…)",
            hints: ["check its fingerprint and trust it: drover trust \(host) -i hosts.yml"])
        return (host, error)
    }

    @Test func aFewUnknownKeysAreToldOneByOne() throws {
        let folded = FoldedFailure.fold(try (1...3).map { try stranger($0) })
        #expect(folded.map(\.message).count == 3)
        #expect(folded[0].hints == ["check its fingerprint and trust it: drover trust web1 -i hosts.yml"])
    }

    @Test(arguments: [(4, "web1:web2:web3:web4"), (200, "all")])
    func manyUnknownKeysAreToldOnceAndTheHintCanBePasted(_ count: Int, _ pattern: String) throws {
        let folded = FoldedFailure.fold(try (1...count).map { try stranger($0) })
        #expect(folded.map(\.message) == ["the host keys of \(count) hosts are not known"])
        #expect(folded[0].hosts.count == count)
        #expect(
            folded[0].hints == ["check their fingerprints and trust them: drover trust \(pattern) -i hosts.yml"])
    }

    @Test func othersStandBesideThem() throws {
        let dead = try (11...13).map { number in
            let host = try HostName("web\(number)")
            return (host: host, error: TransportError(.unreachable, host: host, "does not answer"))
        }
        let folded = FoldedFailure.fold(dead + (try (1...4).map { try stranger($0) }))
        #expect(folded.map(\.hosts.count) == [3, 4])
    }

    @Test func theKeyOfAJumpHostIsItsOwn() throws {
        let folded = FoldedFailure.fold(try (1...5).map { try stranger($0, key: "jump host b: host key of 10.0.0.9") })
        #expect(folded.map(\.message) == ["jump host b: host key of 10.0.0.9 is not known (ED25519 SHA256:…)"])
        #expect(folded.first?.hints.first?.contains("drover trust web1") == true)
    }
}
