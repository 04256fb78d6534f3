public import Fleet
import Synchronization

/// Connections to hosts over SSH, and to this machine without; one for each endpoint, made when first asked for.
public final class SSHConnector: Connector {
    /// Adds to an endpoint what is known elsewhere about the way to it.
    public typealias Completion = @Sendable (Endpoint) async throws(TransportError) -> Endpoint

    private let surroundings: Surroundings
    private let userKeys: [String]
    private let opened = Mutex<[Endpoint: any Opened]>([:])

    /// What it adds to every endpoint.
    public let completed: Completion

    /// A connector that has opened nothing yet.
    ///
    /// - Parameter userKeys: Private keys that `completed` may add to an endpoint.
    public init(
        settings: SSHSettings = SSHSettings(), userKeys: [String] = [],
        completed: @escaping Completion = { endpoint throws(TransportError) in endpoint }
    ) {
        surroundings = Surroundings(settings)
        self.userKeys = userKeys
        self.completed = completed
    }

    /// How many hosts may be connected at once, by the limits that the system sets this process.
    public static var connectionsAtOnce: Int { DescriptorLimit.connections }

    /// The transport to `endpoint`, connected and authenticated; the same one for every caller.
    ///
    /// It connects again by itself when a call finds the connection lost.
    /// - Throws: ``TransportError`` when the host cannot be reached or does not let us in.
    public func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
        let endpoint = try await completed(endpoint)
        let transport = opened.withLock { opened in
            if let transport = opened[endpoint] { return transport }
            let transport = make(endpoint)
            opened[endpoint] = transport
            return transport
        }
        try await transport.connect()
        return transport
    }

    /// Asks a host what it says to everybody, without logging in there; jump hosts before it are logged in to.
    public func greeting(of endpoint: Endpoint) async throws(ServerGreeting.Fault) -> ServerGreeting {
        var stage = ServerGreeting.Stage.port
        do throws(TransportError) {
            let loop = LoopGroup.shared.next()
            return try await SSHSession.persistently(to: endpoint, surroundings, on: loop) {
                session throws(TransportError) in
                do throws(ServerGreeting.Fault) {
                    return try await session.greet(surroundings)
                } catch {
                    stage = error.stage
                    throw error.error
                }
            }
        } catch {
            throw ServerGreeting.Fault(stage: stage, error: error)
        }
    }

    /// The private key files that have a passphrase which nobody gave, and without which one of `endpoints`, or a jump
    /// host on the way to it, can't be reached; each once.
    public func lockedKeys(for endpoints: [Endpoint]) async -> [String] {
        let locked = await lockedFiles(endpoints)
        // Completing thousands of endpoints takes its time: only where it could make a difference.
        guard !userKeys.isEmpty else { return locked }
        if locked.isEmpty, await !mayBeLocked(userKeys) { return locked }
        let ways = await withTaskGroup { group in
            for (index, endpoint) in endpoints.enumerated() {
                // What can't be completed says why when its turn comes.
                group.addTask { [completed] in (index, try? await completed(endpoint)) }
            }
            return await group.reduce(into: [Endpoint?](repeating: nil, count: endpoints.count)) { $0[$1.0] = $1.1 }
        }
        return await lockedFiles(ways.compactMap(\.self))
    }

    private func mayBeLocked(_ keys: [String]) async -> Bool {
        for key in keys where await surroundings.identities.mayBeLocked(key) { return true }
        return false
    }

    private func lockedFiles(_ endpoints: [Endpoint]) async -> [String] {
        var seen: Set<String> = []
        var locked: [String] = []
        for endpoint in endpoints.flatMap({ $0.jumps + [$0] }) {
            locked += await surroundings.identities.lockedFiles(for: endpoint).filter { seen.insert($0).inserted }
        }
        return locked
    }

    /// Opens a private key file for all logins to come.
    /// - Returns: Whether the passphrase is the right one, as far as that can be told before a login.
    @discardableResult
    public func unlock(_ key: String, with passphrase: Secret<String>) async -> Bool {
        surroundings.identities.unlock(key, with: passphrase)
        if case .wrongPassphrase = await surroundings.identities.ring.open(key, with: passphrase) { return false }
        return true
    }

    /// How the connection to `endpoint` was made; `nil` when there is none over SSH.
    public func login(to endpoint: Endpoint) async -> LoginFacts? {
        await (opened.withLock { $0[endpoint] } as? SSHTransport)?.login
    }

    private func make(_ endpoint: Endpoint) -> any Opened {
        switch endpoint.connection {
        case .ssh: SSHTransport(to: endpoint, surroundings, on: LoopGroup.shared.next())
        case .local: LocalTransport(endpoint, surroundings, on: LoopGroup.shared.next())
        }
    }

    /// Ends every connection that was opened. Safe to repeat.
    public func closeAll() async {
        let transports = opened.withLock { opened in
            defer { opened = [:] }
            return Array(opened.values)
        }
        for transport in transports { await transport.close() }
        await surroundings.jumps.closeAll()
    }
}

/// How somebody was let in.
public struct LoginFacts: Sendable {
    /// The key that the host proved to have.
    public let hostKey: HostKey?
    /// What it accepted: a key's file or the agent's name for it, or `password`.
    public let accepted: String?
}

/// A transport that a connector made.
protocol Opened: Transport {
    func connect() async throws(TransportError)
}
