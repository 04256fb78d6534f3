import Fleet

/// A connector that has the passwords of every endpoint it connects to kept out of what is written, and whose hints can be
/// pasted: commands in them name the inventory.
struct KeepingConnector<Inner: Connector>: Connector {
    let inner: Inner
    let redactor: Redactor
    /// The sources of the inventory that the endpoints come from.
    var sources: [String] = []

    func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
        for secret in [endpoint.password, endpoint.passphrase, endpoint.becomePassword] {
            if let secret { redactor.add(secret.reveal()) }
        }
        do {
            return try await inner.transport(to: endpoint)
        } catch {
            throw error.naming(sources)
        }
    }

    func closeAll() async { await inner.closeAll() }
}

extension TransportError {
    /// The same error, its commands completed with the inventory that they are about.
    func naming(_ sources: [String]) -> TransportError {
        let words = sources.map { " -i \(RemoteCommand.quote($0))" }.joined()
        return TransportError(
            code, host: host, message,
            hints: hints.map { $0.contains(": drover trust ") && !$0.contains(" -i ") ? $0 + words : $0 })
    }
}
