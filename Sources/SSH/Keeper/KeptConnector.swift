public import Fleet
import Synchronization

/// Connections to hosts that outlive the command: a keeper has them, a small process of the same user, for as long as nobody
/// uses them for a while. Those that took a secret, and those to this machine, are this process's own; so are all where there
/// can be no keeper.
public final class KeptConnector: Connector, ServerInspecting, KeyUnlocking {
    private let direct: SSHConnector
    private let link: KeeperLink
    private let opened = Mutex<[Endpoint: KeptTransport]>([:])
    /// How many connections of one command are kept; what is beyond that is too much to keep.
    static let most = KeptConnections.mostIdle

    init(_ direct: SSHConnector, _ start: KeeperStart, idle: Duration) {
        self.direct = direct
        link = KeeperLink(start, direct: direct, idle: idle)
    }

    /// - Parameters:
    ///   - direct: Makes the connections that are not kept.
    ///   - environment: This process's, which says where the keeper is.
    ///   - idle: For how long a connection is kept that nobody uses.
    /// - Returns: `nil` where there is no folder that is this user's alone.
    public convenience init?(_ direct: SSHConnector, environment: [String: String], idle: Duration) {
        guard let place = KeeperPlace(environment: environment) else { return nil }
        self.init(direct, KeeperStart(place), idle: idle)
    }

    /// The transport to `endpoint`, connected and authenticated; the same one for every caller of this process, and no other
    /// process's at the same time.
    /// - Throws: ``TransportError`` when the host cannot be reached or does not let us in.
    public func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
        guard let transport = kept(endpoint) else { return try await direct.transport(to: endpoint) }
        try await transport.connect()
        return transport
    }

    private func kept(_ endpoint: Endpoint) -> KeptTransport? {
        opened.withLock { opened in
            if let transport = opened[endpoint] { return transport }
            guard link.isOn, opened.count < Self.most, let record = EndpointRecord(endpoint, in: link.folder) else {
                return nil
            }
            let transport = KeptTransport(to: endpoint, record, over: link, on: LoopGroup.shared.next())
            opened[endpoint] = transport
            return transport
        }
    }

    /// Gives every connection back, and ends those that are not kept. Safe to repeat.
    public func closeAll() async {
        let transports = opened.withLock { opened in
            defer { opened = [:] }
            return Array(opened.values)
        }
        for transport in transports { await transport.close() }
        await direct.closeAll()
    }

    /// How the connection to `endpoint` was made; `nil` when there is none over SSH.
    public func login(to endpoint: Endpoint) async -> LoginFacts? {
        guard let transport = opened.withLock({ $0[endpoint] }) else { return await direct.login(to: endpoint) }
        return await transport.login
    }

    /// Asks a host what it says to everybody, over a connection of its own.
    /// - Throws: ``ServerProbeError`` with how far it was asked.
    public func probe(_ endpoint: Endpoint) async throws(ServerProbeError) -> ServerIdentification {
        try await direct.probe(endpoint)
    }

    /// As ``SSHConnector/lockedKeys(for:)``.
    public func lockedKeys(for endpoints: [Endpoint]) async -> [String] { await direct.lockedKeys(for: endpoints) }

    /// As ``SSHConnector/mayBeLocked(_:)``.
    public func mayBeLocked(_ files: [String]) async -> Bool { await direct.mayBeLocked(files) }

    /// Opens a private key file for all logins to come. No keeper gets to know what opens it, nor a connection made with it.
    /// - Returns: Whether the passphrase is the right one, as far as that can be told before a login.
    @discardableResult
    public func unlock(_ key: String, with passphrase: Secret<String>) async -> Bool {
        link.giveUp()
        return await direct.unlock(key, with: passphrase)
    }
}
