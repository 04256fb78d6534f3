import Fleet

/// Why `ssh` did not take a host's key, in the words that Drover has for it.
struct HostKeyRefusal {
    private let endpoint: Endpoint
    private let report: MasterReport

    init(_ endpoint: Endpoint, _ report: MasterReport) { (self.endpoint, self.report) = (endpoint, report) }

    /// The error. The files are read once more: `ssh` says where, but not what.
    var error: TransportError {
        guard let key = report.hostKey else {
            return TransportError(.hostKeyUnknown, host: endpoint.host, report.said.last ?? "host key not known")
        }
        let shown = KnownHosts.ShownKey(algorithm: key.algorithm, fingerprint: key.fingerprint)
        let error = matches?.refusal(of: shown, by: endpoint) ?? unexplained(shown)
        let certificate = report.said.filter { $0.hasPrefix("Certificate invalid: ") }
        return TransportError(error.code, host: error.host, error.message, hints: certificate + error.hints)
    }

    private var matches: KnownHosts.Matches? {
        if !endpoint.pinnedHostKeys.isEmpty { return KnownHosts.pinned(by: endpoint) }
        // Unreadable, they are unreadable for `ssh` too, which then says that it knows no key.
        return (try? KnownHosts.read(KnownHosts.files(for: endpoint)))?.matches(for: endpoint)
    }

    private func unexplained(_ key: KnownHosts.ShownKey) -> TransportError {
        // Its last line only says that it is so.
        let reason = report.said.last { !$0.hasPrefix("Host key verification failed") }
        return TransportError(
            .hostKeyUnknown, host: endpoint.host,
            "ssh does not take the host's key (\(key.name) \(key.fingerprint)): \(reason ?? "it does not say why")")
    }
}
