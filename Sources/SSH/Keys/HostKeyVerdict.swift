import Fleet

extension KnownHosts {
    /// What the files say about one host.
    struct Matches: Sendable {
        /// The name that was looked up.
        var name: String
        var entries: [Entry]
        /// Where was looked.
        var files: [String]
        /// Whether the inventory names the keys, and no file counts.
        var isPinned = false

        /// Kinds of keys that are known, in the order of the files.
        var algorithms: [HostKeyAlgorithm] {
            entries.filter { $0.marker == .trusted }.compactMap { HostKeyAlgorithm(rawValue: $0.algorithm) }
                .reduce(into: []) { list, algorithm in
                    if !list.contains(algorithm) { list.append(algorithm) }
                }
        }

        /// What is known about a key.
        enum Verdict: Equatable {
            case known
            case unknown
            case revoked(Entry)
            /// The files have other keys of the same kind.
            case mismatch(Entry)
        }

        func verdict(on key: HostKey) -> Verdict {
            let same = entries.filter { $0.blob == key.blob }
            if let revoked = same.first(where: { $0.marker == .revoked }) { return .revoked(revoked) }
            if same.contains(where: { $0.marker == .trusted }) { return .known }
            let rival = entries.first { $0.marker == .trusted && $0.algorithm == key.algorithm.rawValue }
            return rival.map { .mismatch($0) } ?? .unknown
        }

        /// The lines of files that have another key than one of `keys`; none when one of them is revoked.
        func rivals(of keys: [HostKey]) -> [SourceLocation] {
            var places: [SourceLocation] = []
            for key in keys {
                switch verdict(on: key) {
                case .known, .unknown: continue
                case .revoked: return []
                case .mismatch(let entry): places.append(entry.location)
                }
            }
            return isPinned ? [] : places
        }

        /// Why a host that shows `key` must not be talked to; `nil` when it may.
        func refusal(of key: HostKey, by endpoint: Endpoint) -> TransportError? {
            switch verdict(on: key) {
            case .known: nil
            case .unknown: unknown(key, endpoint)
            case .revoked(let entry):
                TransportError(
                    .hostKeyMismatch, host: endpoint.host,
                    "host key \(key.fingerprint) is revoked by \(entry.location)",
                    hints: ["give the host a new key: someone may have the old one"])
            case .mismatch(let entry): mismatch(key, entry, endpoint)
            }
        }

        private func unknown(_ key: HostKey, _ endpoint: Endpoint) -> TransportError {
            var hints = [
                isPinned
                    ? "check its fingerprint and add the key to drover_host_key in the inventory"
                    : "check its fingerprint and trust it: drover trust \(endpoint.host)"
            ]
            if let authority = entries.first(where: { $0.marker == .authority }) {
                hints.append(
                    "@cert-authority (\(authority.location)) is not supported: libssh2 can't check host certificates"
                )
            }
            let others = algorithms.map(\.name).joined(separator: ", ")
            let known = others.isEmpty ? "" : "; only its \(others) key is known, which it did not show"
            return TransportError(
                .hostKeyUnknown, host: endpoint.host,
                "host key of \(name) is not known (\(key.algorithm.name) \(key.fingerprint))\(known)", hints: hints)
        }

        private func mismatch(_ key: HostKey, _ entry: Entry, _ endpoint: Endpoint) -> TransportError {
            TransportError(
                .hostKeyMismatch, host: endpoint.host,
                "host key of \(name) has changed: \(entry.location) has "
                    + "\(HostKey.fingerprint(of: entry.blob)), the host shows \(key.fingerprint)",
                hints: [
                    "someone may be listening in; if the host was rebuilt, "
                        + (isPinned
                            ? "change drover_host_key in the inventory"
                            : "replace the old key: drover trust --replace \(endpoint.host)")
                ])
        }
    }
}
