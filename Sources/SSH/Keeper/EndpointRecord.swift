import Fleet

/// An endpoint as a command tells a keeper, with everything that a connection depends on and without secrets.
struct EndpointRecord: Codable, Hashable {
    private var host: HostName
    private var address: String
    private var port: UInt16
    private var user: String?
    private var identityFiles: [String]
    private var fallbackIdentityFiles: [String]
    private var knownHostsFiles: [String]
    private var fallbackKnownHostsFiles: [String]
    private var pinnedHostKeys: [String]
    private var checksHostKey: Bool
    private var becomeMethod: String
    private var connectTimeout: Duration
    private var hostKeyAlias: String?
    private var identityAgent: String?
    private var client: String?
    private var name: String?
    private var leftToUser: [Endpoint.OwnPart]
    private var addressFamily: Endpoint.AddressFamily?
    private var showsTicket: Bool?
    private var wants: [OpenSSHWant]
    /// Whether what surrounds the command decided something: a keeper is somewhere else, and lets no `ssh` decide that anew.
    private(set) var dependsOnSurroundings: Bool
    private var jumps: [EndpointRecord]

    /// - Parameter folder: Where relative paths begin; a keeper is elsewhere.
    /// - Returns: `nil` for an endpoint whose connection must not be kept, since it took a secret to make it or its shells,
    ///   or can't be, since it depends on more of the command's surroundings than a keeper has.
    init?(_ endpoint: Endpoint, in folder: String) {
        guard endpoint.connection == .ssh, endpoint.proxyCommand == nil, endpoint.password == nil,
            endpoint.passphrase == nil, endpoint.becomePassword == nil
        else { return nil }
        dependsOnSurroundings = ([endpoint] + endpoint.jumps).contains(where: \.dependsOnSurroundings)
        if dependsOnSurroundings, endpoint.client == .openssh { return nil }
        let agent = endpoint.identityAgent
        if let agent, agent.hasPrefix("$") { return nil }
        let whole = { (path: String) in path.hasPrefix("/") || path.hasPrefix("~") ? path : "\(folder)/\(path)" }
        let named: Set<String?> = [nil, "", "none", "SSH_AUTH_SOCK"]
        host = endpoint.host
        address = endpoint.address
        port = endpoint.port
        user = endpoint.user
        identityFiles = endpoint.identityFiles.map(whole)
        fallbackIdentityFiles = endpoint.fallbackIdentityFiles.map(whole)
        knownHostsFiles = endpoint.knownHostsFiles.map(whole)
        fallbackKnownHostsFiles = endpoint.fallbackKnownHostsFiles.map(whole)
        pinnedHostKeys = endpoint.pinnedHostKeys
        checksHostKey = endpoint.checksHostKey
        becomeMethod = endpoint.becomeMethod.rawValue
        connectTimeout = endpoint.connectTimeout
        hostKeyAlias = endpoint.hostKeyAlias
        identityAgent = named.contains(agent) ? agent : agent.map(whole)
        client = (dependsOnSurroundings ? .libssh2 : endpoint.client)?.rawValue
        name = endpoint.name
        leftToUser = endpoint.leftToUser.sorted()
        addressFamily = endpoint.addressFamily
        showsTicket = endpoint.showsTicket
        wants = endpoint.wants
        jumps = []
        for jump in endpoint.jumps {
            guard let record = EndpointRecord(jump, in: folder) else { return nil }
            jumps.append(record)
        }
    }

    /// The endpoint.
    var endpoint: Endpoint {
        var endpoint = Endpoint(
            host: host, address: address, port: port, user: user, identityFiles: identityFiles,
            knownHostsFiles: knownHostsFiles, checksHostKey: checksHostKey, connectTimeout: connectTimeout)
        endpoint.fallbackIdentityFiles = fallbackIdentityFiles
        endpoint.fallbackKnownHostsFiles = fallbackKnownHostsFiles
        endpoint.pinnedHostKeys = pinnedHostKeys
        endpoint.becomeMethod = Endpoint.BecomeMethod(rawValue: becomeMethod) ?? .sudo
        endpoint.hostKeyAlias = hostKeyAlias
        endpoint.identityAgent = identityAgent
        endpoint.client = client.flatMap { Endpoint.Client(rawValue: $0) }
        endpoint.name = name
        endpoint.leftToUser = Set(leftToUser)
        endpoint.addressFamily = addressFamily
        endpoint.showsTicket = showsTicket
        endpoint.wants = wants
        endpoint.dependsOnSurroundings = dependsOnSurroundings
        endpoint.jumps = jumps.map(\.endpoint)
        return endpoint
    }
}
