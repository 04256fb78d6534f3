public import Fleet

/// Asks hosts for their keys, without logging in.
public struct HostKeyScanner: Sendable {
    /// What one host showed.
    public struct Scan: Sendable {
        /// The host asked.
        public let endpoint: Endpoint
        /// The name that known_hosts holds its keys under.
        public let name: String
        /// Its keys, one for each algorithm that it has.
        public let keys: [HostKey]
        /// Those of `keys` that its known_hosts files have already.
        public let known: [HostKey]
        /// Why one of `keys` must not be trusted: its files have another one, or revoke it.
        public let conflict: TransportError?
        /// Where known_hosts files have another key, which a new one may replace.
        public let rivals: [SourceLocation]
        /// Why there are no keys.
        public let fault: TransportError?
    }

    private let context: ConnectorContext
    private static let algorithms: [HostKeyAlgorithm] = [.ed25519, .ecdsa256, .rsa]

    /// A scanner that connects as `settings` say.
    public init(settings: SSHSettings = SSHSettings()) { context = ConnectorContext(settings) }

    /// Asks every host, all at once; jump hosts are logged in to.
    public func scan(_ endpoints: [Endpoint]) async -> [Scan] {
        let scans = await forEachBounded(endpoints) { await scan($0) }
        await context.jumps.closeAll()
        return scans
    }

    /// Who answers at the address need not be the host that a program leads to.
    private func refusal(of endpoint: Endpoint) -> TransportError? {
        guard let way = (endpoint.jumps + [endpoint]).first(where: { $0.proxyCommand != nil }) else { return nil }
        return TransportError(
            .unsupported, host: endpoint.host, "keys can't be asked for through a ProxyCommand, as \(way.host) has one",
            hints: ["log in once with ssh, which writes the key down, or name it in drover_host_key in the inventory"])
    }

    private func scan(_ endpoint: Endpoint) async -> Scan {
        var keys: [HostKey] = []
        var fault = refusal(of: endpoint)
        for algorithm in fault == nil ? Self.algorithms : [] {
            do throws(TransportError) {
                let key = try await SSHSession.persistently(to: endpoint, context, on: LoopGroup.shared.next()) {
                    session throws(TransportError) in try await session.scan(algorithm, context)
                }
                if let key, !keys.contains(key) { keys.append(key) }
            } catch {
                // A host without a key of this kind has no algorithm in common with us.
                if error.code == .unsupported { continue }
                fault = error
                break
            }
        }
        // Files that can't be read are found again, and told, when keys are added to them.
        let matches = try? await context.hostKeys.known(for: endpoint)
        let known = keys.filter { matches?.verdict(on: $0) == .known }
        let conflict = keys.compactMap { matches?.refusal(of: $0, by: endpoint) }.first { $0.code == .hostKeyMismatch }
        return Scan(
            endpoint: endpoint, name: KnownHosts.name(of: endpoint), keys: keys,
            known: known, conflict: conflict, rivals: matches?.rivals(of: keys) ?? [],
            fault: keys.isEmpty ? fault : nil)
    }
}
