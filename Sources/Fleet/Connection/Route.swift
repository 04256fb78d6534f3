/// How a host is reached as far as inventory, playbook and command line say. What none of them says is not set, and left to
/// the user's own settings for OpenSSH: these make an ``Endpoint`` of it.
public struct Route: Hashable, Sendable {
    /// The host, as the inventory names it.
    public var host: HostName
    /// Name or address that it is called by, as it would stand after `ssh`.
    public var name: String
    /// What is said; neither its address nor its proxy are used.
    public var settings: ConnectionSettings
    /// Hosts that the way leads through, in the order it meets them; `nil` where nobody says.
    public var jumps: [Route]?
    /// The program that the way leads through, as OpenSSH's `ProxyCommand` has it, where it leads through no hosts that are
    /// known.
    public var proxyCommand: String?
    /// Keys to offer after the agent's and the user's own, where none is named.
    public var fallbackIdentityFiles: [String] = []
    /// Files with host keys that count besides.
    public var fallbackKnownHostsFiles: [String] = []

    /// The way to `host` by `name`, of which `settings` are known.
    public init(
        host: HostName, name: String, settings: ConnectionSettings = ConnectionSettings(), jumps: [Route]? = nil
    ) {
        (self.host, self.name, self.settings, self.jumps) = (host, name, settings, jumps)
    }

    /// What carries the commands: SSH unless somebody says otherwise.
    public var connection: Endpoint.Connection { settings.connection ?? .ssh }

    /// What gives commands another user's rights: sudo unless somebody says otherwise.
    public var becomeMethod: Endpoint.BecomeMethod { settings.becomeMethod ?? .sudo }
}

extension Endpoint {
    /// Where a route ends when `settings`, the user's own for OpenSSH, hold below it. Jump hosts are left out.
    public init(_ route: Route, over settings: ConnectionSettings = ConnectionSettings()) {
        let said = route.settings.over(settings)
        self.init(
            host: route.host, connection: route.connection, address: settings.address ?? route.name,
            port: said.port ?? 22, user: said.user, identityFiles: said.identityFiles,
            knownHostsFiles: said.knownHostsFiles ?? [], checksHostKey: said.checksHostKey ?? true,
            becomePassword: said.becomePassword, connectTimeout: said.connectTimeout ?? Self.defaultConnectTimeout)
        fallbackIdentityFiles = route.fallbackIdentityFiles
        fallbackKnownHostsFiles = route.fallbackKnownHostsFiles
        pinnedHostKeys = said.pinnedHostKeys ?? []
        password = said.password
        passphrase = said.passphrase
        becomeMethod = route.becomeMethod
        hostKeyAlias = said.hostKeyAlias
        identityAgent = said.identityAgent
        client = said.client
        name = settings.address.flatMap { $0 == route.name ? nil : route.name }
        leftToUser = Self.parts(of: settings, below: route.settings)
        addressFamily = said.addressFamily
        showsTicket = said.showsTicket
        wants = said.wants
        dependsOnSurroundings = said.dependsOnSurroundings
        proxyCommand = route.proxyCommand
    }

    /// What `settings` alone say.
    private static func parts(of settings: ConnectionSettings, below said: ConnectionSettings) -> Set<OwnPart> {
        var parts: Set<OwnPart> = []
        if said.identityFiles.isEmpty, !settings.identityFiles.isEmpty { parts.insert(.keys) }
        if said.port == nil, settings.port != nil { parts.insert(.port) }
        if said.user == nil, settings.user != nil { parts.insert(.user) }
        return parts
    }
}
