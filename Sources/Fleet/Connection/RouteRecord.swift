/// What of a ``Route`` may be kept: everything but passwords and passphrases.
public struct RouteRecord: Hashable, Sendable, Codable {
    private var host: HostName
    private var isLocal: Bool
    /// The name that the host is called by.
    private var address: String
    private var port: UInt16?
    private var user: String?
    private var identityFiles: [String]
    private var fallbackIdentityFiles: [String]
    private var knownHostsFiles: [String]?
    private var fallbackKnownHostsFiles: [String]
    private var pinnedHostKeys: [String]?
    private var checksHostKey: Bool?
    private var becomeMethod: String?
    private var hostKeyAlias: String?
    private var identityAgent: String?
    /// In seconds.
    private var connectTimeout: Double?
    private var jumps: [RouteRecord]?
    private var client: String?
    private var proxyCommand: String?
    private var showsTicket: Bool?

    /// What may be kept of `route`.
    public init(_ route: Route) {
        let settings = route.settings
        host = route.host
        isLocal = route.connection == .local
        address = route.name
        port = settings.port
        user = settings.user
        identityFiles = settings.identityFiles
        fallbackIdentityFiles = route.fallbackIdentityFiles
        knownHostsFiles = settings.knownHostsFiles
        fallbackKnownHostsFiles = route.fallbackKnownHostsFiles
        pinnedHostKeys = settings.pinnedHostKeys
        checksHostKey = settings.checksHostKey
        becomeMethod = settings.becomeMethod?.rawValue
        hostKeyAlias = settings.hostKeyAlias
        identityAgent = settings.identityAgent
        connectTimeout = settings.connectTimeout.map { $0 / .seconds(1) }
        jumps = route.jumps?.map(RouteRecord.init)
        client = settings.client?.rawValue
        proxyCommand = route.proxyCommand
        showsTicket = settings.showsTicket
    }

    /// The route, without passwords.
    public var route: Route {
        var settings = ConnectionSettings()
        settings.connection = isLocal ? .local : .ssh
        settings.port = port
        settings.user = user
        settings.identityFiles = identityFiles
        settings.knownHostsFiles = knownHostsFiles
        settings.pinnedHostKeys = pinnedHostKeys
        settings.checksHostKey = checksHostKey
        settings.becomeMethod = becomeMethod.flatMap { Endpoint.BecomeMethod(rawValue: $0) }
        settings.hostKeyAlias = hostKeyAlias
        settings.identityAgent = identityAgent
        settings.connectTimeout = connectTimeout.map { .seconds($0) }
        settings.client = client.flatMap { Endpoint.Client(rawValue: $0) }
        settings.showsTicket = showsTicket
        var route = Route(host: host, name: address, settings: settings, jumps: jumps?.map(\.route))
        route.fallbackIdentityFiles = fallbackIdentityFiles
        route.fallbackKnownHostsFiles = fallbackKnownHostsFiles
        route.proxyCommand = proxyCommand
        return route
    }
}

extension RouteRecord {
    /// What earlier journals have beside values for everything: the names of those that nobody had said.
    private enum EarlierKey: String, CodingKey { case leftToUser }

    private enum CodingKeys: String, CodingKey {
        case host, isLocal, address, port, user, identityFiles, fallbackIdentityFiles, knownHostsFiles
        case fallbackKnownHostsFiles, pinnedHostKeys, checksHostKey, becomeMethod, hostKeyAlias, identityAgent
        case connectTimeout, jumps, client, proxyCommand, showsTicket
    }

    /// Reads what this version or an earlier one wrote.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        host = try fields.decode(HostName.self, forKey: .host)
        isLocal = try fields.decode(Bool.self, forKey: .isLocal)
        address = try fields.decode(String.self, forKey: .address)
        port = try fields.decodeIfPresent(UInt16.self, forKey: .port)
        user = try fields.decodeIfPresent(String.self, forKey: .user)
        identityFiles = try fields.decode([String].self, forKey: .identityFiles)
        fallbackIdentityFiles = try fields.decode([String].self, forKey: .fallbackIdentityFiles)
        knownHostsFiles = try fields.decodeIfPresent([String].self, forKey: .knownHostsFiles)
        fallbackKnownHostsFiles = try fields.decode([String].self, forKey: .fallbackKnownHostsFiles)
        pinnedHostKeys = try fields.decodeIfPresent([String].self, forKey: .pinnedHostKeys)
        checksHostKey = try fields.decodeIfPresent(Bool.self, forKey: .checksHostKey)
        becomeMethod = try fields.decodeIfPresent(String.self, forKey: .becomeMethod)
        hostKeyAlias = try fields.decodeIfPresent(String.self, forKey: .hostKeyAlias)
        identityAgent = try fields.decodeIfPresent(String.self, forKey: .identityAgent)
        connectTimeout = try fields.decodeIfPresent(Double.self, forKey: .connectTimeout)
        jumps = try fields.decodeIfPresent([RouteRecord].self, forKey: .jumps)
        client = try fields.decodeIfPresent(String.self, forKey: .client)
        proxyCommand = try fields.decodeIfPresent(String.self, forKey: .proxyCommand)
        showsTicket = try fields.decodeIfPresent(Bool.self, forKey: .showsTicket)
        let earlier = try decoder.container(keyedBy: EarlierKey.self)
        forget(try earlier.decodeIfPresent([String].self, forKey: .leftToUser) ?? [])
    }

    private mutating func forget(_ unsaid: [String]) {
        if unsaid.contains("port") { port = nil }
        if unsaid.contains("hostKeyChecking") { checksHostKey = nil }
        if unsaid.contains("jumps"), jumps?.isEmpty == true { jumps = nil }
        if !unsaid.isEmpty {
            // An empty list was how nothing was said.
            if knownHostsFiles?.isEmpty == true { knownHostsFiles = nil }
            if pinnedHostKeys?.isEmpty == true { pinnedHostKeys = nil }
        }
    }
}
