import Fleet

/// A connector that has the passwords of every endpoint it connects to kept out of what is written.
struct KeepingConnector<Inner: Connector>: Connector {
    let inner: Inner
    let redactor: Redactor

    func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
        for secret in [endpoint.password, endpoint.passphrase, endpoint.becomePassword] {
            if let secret { redactor.add(secret.reveal()) }
        }
        return try await inner.transport(to: endpoint)
    }

    func closeAll() async { await inner.closeAll() }
}
