public import Fleet
import Synchronization

/// Connections to hosts over SSH, and to this machine without; one for each endpoint, made when first asked for.
public final class SSHConnector: Connector, ServerInspecting, KeyUnlocking {
    let context: ConnectorContext
    private let opened = Mutex<[Endpoint: any Opened]>([:])

    /// A connector that has opened nothing yet.
    public init(settings: SSHSettings = SSHSettings()) { context = ConnectorContext(settings) }

    /// How many hosts may be connected at once, by the limits that the system sets this process.
    public static var connectionsAtOnce: Int { DescriptorLimit.connections }

    /// The transport to `endpoint`, connected and authenticated; the same one for every caller.
    ///
    /// It connects again by itself when a call finds the connection lost.
    /// - Throws: ``TransportError`` when the host cannot be reached or does not let us in.
    public func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
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
    /// - Throws: ``ServerProbeError`` with how far it was asked.
    public func probe(_ endpoint: Endpoint) async throws(ServerProbeError) -> ServerIdentification {
        let search = DetourSearch(endpoint: endpoint, context: context)
        if let reason = search.beforehand { return try await ask(endpoint, because: reason) }
        do throws(ServerProbeError) {
            return try await probeByOurselves(endpoint)
        } catch {
            guard endpoint.client == nil, let reason = await search.reason(after: error.cause) else { throw error }
            return try await ask(endpoint, because: reason)
        }
    }

    /// Lets the installed `ssh` log in, which is the only way that it asks a host anything.
    private func ask(
        _ endpoint: Endpoint, because reason: String
    ) async throws(ServerProbeError) -> ServerIdentification {
        let later: [TransportError.Code] = [.hostKeyUnknown, .hostKeyMismatch, .authenticationFailed]
        do throws(TransportError) {
            _ = try await transport(to: endpoint)
        } catch {
            // Whoever logs in next says what stands in the way of that.
            guard later.contains(error.code) else { throw ServerProbeError(stage: .port, cause: error) }
        }
        return ServerIdentification(
            address: "\(endpoint.address):\(endpoint.port) by ssh", banner: "seen by ssh", detour: reason)
    }

    private func probeByOurselves(_ endpoint: Endpoint) async throws(ServerProbeError) -> ServerIdentification {
        var stage = ServerIdentification.Stage.port
        do throws(TransportError) {
            let loop = LoopGroup.shared.next()
            return try await SSHSession.persistently(to: endpoint, context, on: loop) {
                session throws(TransportError) in
                do throws(ServerProbeError) {
                    return try await session.probe(context)
                } catch {
                    stage = error.stage
                    throw error.cause
                }
            }
        } catch {
            throw ServerProbeError(stage: stage, cause: error)
        }
    }

    /// The private key files that have a passphrase which nobody gave, and without which one of `endpoints`, or a jump
    /// host on the way to it, can't be reached; each once.
    public func lockedKeys(for endpoints: [Endpoint]) async -> [String] {
        var seen: Set<String> = []
        var locked: [String] = []
        for endpoint in endpoints.flatMap({ $0.jumps + [$0] }) {
            locked += await context.identities.lockedFiles(for: endpoint).filter { seen.insert($0).inserted }
        }
        return locked
    }

    /// Whether one of `files`, as settings for OpenSSH name them, has a passphrase that nobody gave, as far as their names tell.
    public func mayBeLocked(_ files: [String]) async -> Bool {
        for file in files where await context.identities.mayBeLocked(file) { return true }
        return false
    }

    /// Opens a private key file for all logins to come.
    /// - Returns: Whether the passphrase is the right one, as far as that can be told before a login.
    @discardableResult
    public func unlock(_ key: String, with passphrase: Secret<String>) async -> Bool {
        context.identities.unlock(key, with: passphrase)
        if case .wrongPassphrase = await context.identities.ring.open(key, with: passphrase) { return false }
        return true
    }

    /// How the connection to `endpoint` was made; `nil` when there is none over SSH.
    public func login(to endpoint: Endpoint) async -> LoginFacts? {
        await (opened.withLock { $0[endpoint] } as? SSHTransport)?.login
    }

    private func make(_ endpoint: Endpoint) -> any Opened {
        switch endpoint.connection {
        case .ssh: SSHTransport(to: endpoint, context, on: LoopGroup.shared.next())
        case .local: LocalTransport(endpoint, context, on: LoopGroup.shared.next())
        }
    }

    /// Ends every connection that was opened. Safe to repeat.
    public func closeAll() async {
        let transports = opened.withLock { opened in
            defer { opened = [:] }
            return Array(opened.values)
        }
        for transport in transports { await transport.close() }
        await context.jumps.closeAll()
        await context.masters.closeAll()
        let detours = context.detours.take()
        if !detours.isEmpty { context.settings.tellDetours(detours) }
    }
}

/// A transport that a connector made.
protocol Opened: Transport {
    func connect() async throws(TransportError)
}
