import Fleet
import Testing

@testable import SSH

@Suite struct HostKeyAdoptionTests {
    private func endpoint(_ name: String, _ jumps: [Endpoint] = []) throws -> Endpoint {
        var endpoint = Endpoint(host: try HostName(name), address: "\(name).example")
        endpoint.jumps = jumps
        return endpoint
    }

    private func scan(
        _ name: String, _ endpoint: Endpoint, _ keys: [HostKey], known: [HostKey] = [],
        conflict: TransportError? = nil, rivals: [Fleet.SourceLocation] = []
    ) -> HostKeyScanner.Scan {
        HostKeyScanner.Scan(
            endpoint: endpoint, name: name, keys: keys, known: known, conflict: conflict, rivals: rivals,
            fault: keys.isEmpty ? TransportError(.unreachable, host: endpoint.host, "connection refused") : nil)
    }

    @Test func whatOthersAreSeenThroughComesFirstAndOnce() throws {
        let near = try endpoint("near")
        let far = try endpoint("far")
        let rounds = HostKeyAdoption.rounds([
            try endpoint("h1", [near, far]), try endpoint("h2", [near, far]), try endpoint("h3", [near]), near,
            try endpoint("h4"),
        ])
        #expect(
            rounds.map { $0.map(\.host.description) } == [["near", "h4"], ["h3", "far"], ["h1", "h2"]], "\(rounds)")
        #expect(rounds.flatMap(\.self).map(\.jumps.count) == [0, 0, 1, 1, 2, 2])
    }

    @Test func onlyNewKeysAreWrittenAndOthersWhereTheyAreReplaced() throws {
        let key = try #require(HostKey(blob: [0, 0, 0, 11] + Array("ssh-ed25519".utf8) + [0, 0, 0, 1, 7]))
        let host = try endpoint("h")
        var pinned = host
        pinned.pinnedHostKeys = ["ssh-ed25519 AAAA"]
        let changed = TransportError(.hostKeyMismatch, host: host.host, "host key changed")
        let place = Fleet.SourceLocation(file: "known_hosts", line: 1)
        let scans = [
            scan("new", host, [key]), scan("known", host, [key], known: [key]), scan("silent", host, []),
            scan("pinned", pinned, [key]), scan("revoked", host, [key], conflict: changed),
            scan("changed", host, [key], conflict: changed, rivals: [place]),
        ]
        #expect(HostKeyAdoption(replacing: false).fresh(scans).map(\.name) == ["new"])
        #expect(HostKeyAdoption(replacing: true).fresh(scans).map(\.name) == ["new", "changed"])
        let codes: (Bool) -> [TransportError.Code] = { replaces in
            HostKeyAdoption(replacing: replaces).refusals(scans).map(\.error.code)
        }
        #expect(codes(false) == [.unreachable, .hostKeyMismatch, .hostKeyMismatch])
        #expect(codes(true) == [.unreachable, .hostKeyMismatch])
    }
}
