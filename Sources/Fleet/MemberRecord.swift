/// A member of a stage's pool and how it is reached: remembered, so that the host can still be talked to when the inventory
/// names it no longer. Holds no password.
public struct MemberRecord: Hashable, Sendable {
    /// The stage whose pool it is in.
    public let stage: String
    /// The host.
    public let host: HostName
    /// Its address in the pool.
    public let address: String
    /// How it is reached.
    public let way: EndpointRecord

    /// `host` as a member at `address`, reached by `way`.
    public init(stage: String, host: HostName, address: String, way: EndpointRecord) {
        self.stage = stage
        self.host = host
        self.address = address
        self.way = way
    }
}

/// What of an ``Endpoint`` may be kept: everything but passwords and passphrases.
public struct EndpointRecord: Hashable, Sendable, Codable {
    private let host: HostName
    private let isLocal: Bool
    private let address: String
    private let port: UInt16
    private let user: String?
    private let identityFiles: [String]
    private let fallbackIdentityFiles: [String]
    private let knownHostsFiles: [String]
    private let fallbackKnownHostsFiles: [String]
    private let pinnedHostKeys: [String]
    private let checksHostKey: Bool
    private let becomeMethod: String
    private let hostKeyAlias: String?
    private let identityAgent: String?
    private let leftToUser: [String]?
    private let jumps: [EndpointRecord]

    /// What may be kept of `endpoint`.
    public init(_ endpoint: Endpoint) {
        host = endpoint.host
        isLocal = endpoint.connection == .local
        address = endpoint.address
        port = endpoint.port
        user = endpoint.user
        identityFiles = endpoint.identityFiles
        fallbackIdentityFiles = endpoint.fallbackIdentityFiles
        knownHostsFiles = endpoint.knownHostsFiles
        fallbackKnownHostsFiles = endpoint.fallbackKnownHostsFiles
        pinnedHostKeys = endpoint.pinnedHostKeys
        checksHostKey = endpoint.checksHostKey
        becomeMethod = endpoint.becomeMethod.rawValue
        hostKeyAlias = endpoint.hostKeyAlias
        identityAgent = endpoint.identityAgent
        leftToUser = endpoint.leftToUser.map { $0.map(\.rawValue).sorted() }
        jumps = endpoint.jumps.map(EndpointRecord.init)
    }

    /// The endpoint, without passwords and with the usual connect timeout.
    public var endpoint: Endpoint {
        var endpoint = Endpoint(
            host: host, connection: isLocal ? .local : .ssh, address: address, port: port, user: user,
            identityFiles: identityFiles, knownHostsFiles: knownHostsFiles, checksHostKey: checksHostKey)
        endpoint.fallbackIdentityFiles = fallbackIdentityFiles
        endpoint.fallbackKnownHostsFiles = fallbackKnownHostsFiles
        endpoint.pinnedHostKeys = pinnedHostKeys
        endpoint.becomeMethod = Endpoint.BecomeMethod(rawValue: becomeMethod) ?? .sudo
        endpoint.hostKeyAlias = hostKeyAlias
        endpoint.identityAgent = identityAgent
        endpoint.leftToUser = leftToUser.map { Set($0.compactMap(Endpoint.Setting.init(rawValue:))) }
        endpoint.jumps = jumps.map(\.endpoint)
        return endpoint
    }
}
