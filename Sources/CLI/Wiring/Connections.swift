import Fleet
import Inventories

/// The connections of one command: how they are made, what can be learnt of them, and the keys that they need.
struct Connections: Sendable {
    let dialer: Dialer
    let server: any ServerInspecting
    let keys: any KeyUnlocking
    /// The flags that say where the hosts come from, for commands in hints: `-i hosts.yml`, `--stage production`.
    var origin: [String] = []

    /// The transport to where `route` ends, connected and authenticated; the same one for every caller.
    func transport(to route: Route) async throws(TransportError) -> any Transport {
        try await dialer.transport(to: route)
    }

    /// Where `route` ends, with what the user's own settings for OpenSSH say.
    func endpoint(for route: Route) async throws(TransportError) -> Endpoint {
        try await dialer.resolver.endpoint(for: route)
    }

    /// Ends every connection.
    func closeAll() async { await dialer.connector.closeAll() }

    /// Asks for the passphrases of private keys without which the ends of `routes` can't be reached, each once, where somebody
    /// is there to type them. Elsewhere each such host says what it lacks.
    func unlockKeys(for routes: [Route], _ terminal: Terminal) async throws {
        guard terminal.canAsk else { return }
        for key in await lockedKeys(for: routes) {
            let hint = "unlock it with: ssh-add \(key)"
            let passphrase = try terminal.ask("Passphrase for \(key): ", instead: hint)
            guard await keys.unlock(key, with: passphrase) else {
                throw InputError("the passphrase does not open \(key)", hints: [hint])
            }
        }
    }

    private func lockedKeys(for routes: [Route]) async -> [String] {
        let resolver = dialer.resolver
        let locked = await keys.lockedKeys(for: routes.map(resolver.plainEndpoint))
        // Asking for the user's settings of thousands of hosts takes its time: only where it could make a difference.
        guard !resolver.keyFiles.isEmpty else { return locked }
        if locked.isEmpty, await !keys.mayBeLocked(resolver.keyFiles) { return locked }
        let endpoints = await withTaskGroup { group in
            for (index, route) in routes.enumerated() {
                // What can't be resolved says why when its turn comes.
                group.addTask { (index, try? await resolver.endpoint(for: route)) }
            }
            return await group.reduce(into: [Endpoint?](repeating: nil, count: routes.count)) { $0[$1.0] = $1.1 }
        }
        return await keys.lockedKeys(for: endpoints.compactMap(\.self))
    }
}
