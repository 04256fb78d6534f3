import Fleet

/// A connector that has the passwords of every endpoint it connects to kept out of what is written, and whose hints can be
/// pasted: commands in them name the inventory, or the stage.
struct RedactingConnector: Connector {
    let inner: any Connector
    let redactor: Redactor
    /// The flags that say where the endpoints come from: `-i hosts.yml`, `--stage production`.
    var origin: [String] = []

    func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
        for secret in [endpoint.password, endpoint.passphrase, endpoint.becomePassword] {
            if let secret { redactor.add(secret.reveal()) }
        }
        do {
            return try await inner.transport(to: endpoint)
        } catch {
            throw error.naming(origin)
        }
    }

    func closeAll() async { await inner.closeAll() }
}

extension TransportError {
    /// The same error, its commands completed with the flags that say which inventory they are about.
    func naming(_ origin: [String]) -> TransportError {
        TransportError(code, host: host, message, hints: hints.map { HintCommand.naming(origin, in: $0) })
    }
}

/// Commands in hints of those who don't know where hosts come from.
enum HintCommand {
    /// `hint`, its command completed with the flags that say which inventory or stage it is about.
    static func naming(_ origin: [String], in hint: String) -> String {
        let words = origin.map { " " + RemoteCommand.quote($0) }.joined()
        return hint.contains(": drover trust ") && !hint.hasSuffix(words) ? hint + words : hint
    }
}
