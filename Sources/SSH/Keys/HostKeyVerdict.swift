import Fleet

extension KnownHosts {
    /// A key that a host showed, as far as is needed for a verdict.
    struct ShownKey {
        var algorithm: String
        var fingerprint: String
        var name: String { HostKeyAlgorithm.name(of: algorithm) }
    }

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

        func verdict(on key: HostKey) -> Verdict { verdict(algorithm: key.algorithm.rawValue) { $0 == key.blob } }

        private func verdict(algorithm: String, _ isKey: ([UInt8]) -> Bool) -> Verdict {
            let same = entries.filter { isKey($0.blob) }
            if let revoked = same.first(where: { $0.marker == .revoked }) { return .revoked(revoked) }
            if same.contains(where: { $0.marker == .trusted }) { return .known }
            let rival = entries.first { $0.marker == .trusted && $0.algorithm == algorithm }
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
            refusal(
                verdict(on: key), ShownKey(algorithm: key.algorithm.rawValue, fingerprint: key.fingerprint), endpoint)
        }

        /// Why `ssh` would not take `key`; `nil` when nothing here says so.
        func refusal(of key: ShownKey, by endpoint: Endpoint) -> TransportError? {
            let verdict = verdict(algorithm: key.algorithm) { HostKey.fingerprint(of: $0) == key.fingerprint }
            return refusal(verdict, key, endpoint)
        }

        private func refusal(_ verdict: Verdict, _ key: ShownKey, _ endpoint: Endpoint) -> TransportError? {
            switch verdict {
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

        private func unknown(_ key: ShownKey, _ endpoint: Endpoint) -> TransportError {
            var hints = [
                isPinned
                    ? "check its fingerprint and add the key to drover_host_key in the inventory"
                    : "check its fingerprint and trust it: drover trust \(endpoint.host)"
            ]
            if let authority = entries.first(where: { $0.marker == .authority }) {
                hints.append("the host showed no certificate of the @cert-authority in \(authority.location)")
            }
            let others = algorithms.map(\.name).joined(separator: ", ")
            let known = others.isEmpty ? "" : "; only its \(others) key is known, which it did not show"
            return TransportError(
                .hostKeyUnknown, host: endpoint.host,
                "host key of \(name) is not known (\(key.name) \(key.fingerprint))\(known)", hints: hints)
        }

        private func mismatch(_ key: ShownKey, _ entry: Entry, _ endpoint: Endpoint) -> TransportError {
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
