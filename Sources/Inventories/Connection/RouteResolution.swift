public import Fleet
public import OrderedCollections
public import Values

/// What is said about how hosts are reached, besides by their variables. Ansible's order: variables win over a task's keywords,
/// keywords over the command line, and that over the user's own settings for OpenSSH.
public struct ConnectionLayers: Sendable, Equatable {
    /// What the keywords of a task, its blocks and its play say.
    public var keywords: ConnectionSettings
    /// What the command line says.
    public var flags: ConnectionSettings

    /// Layers of these.
    public init(keywords: ConnectionSettings = ConnectionSettings(), flags: ConnectionSettings = ConnectionSettings()) {
        (self.keywords, self.flags) = (keywords, flags)
    }

    /// What holds where a host's variables say nothing.
    public var settings: ConnectionSettings { keywords.over(flags) }
}

/// Where commands run, and with whose rights.
public struct Target: Hashable, Sendable {
    /// How the host is reached.
    public var route: Route
    /// Whose rights commands have.
    public var privilege: Privilege

    /// Commands with the rights of `privilege`, at the end of `route`.
    public init(route: Route, privilege: Privilege) { (self.route, self.privilege) = (route, privilege) }

    /// The host, as the inventory names it.
    public var host: HostName { route.host }
}

/// Works out how a host is reached, with the hosts that the way goes through.
///
/// A jump host that the inventory has is reached as the inventory says, any other as its name says.
public struct RouteResolution {
    private let variables: (HostName) throws -> Variables?
    private let layers: ConnectionLayers

    /// - Parameters:
    ///   - layers: What is said besides by variables; keywords are about the host itself, not about those on the way.
    ///   - variables: The connection variables of a host of the inventory, evaluated; `nil` for a name it doesn't have.
    public init(
        _ layers: ConnectionLayers = ConnectionLayers(), variables: @escaping (HostName) throws -> Variables?
    ) {
        (self.layers, self.variables) = (layers, variables)
    }

    /// How a host with these variables, evaluated, is reached, and whose rights commands have there.
    ///
    /// - Throws: ``InputError`` as ``ConnectionVariables/route(to:_:over:)`` does, for the host or one on its way.
    public func target(on host: HostName, _ variables: Variables) throws -> Target {
        var (route, said) = try ConnectionVariables.route(to: host, variables, over: layers.settings)
        if route.connection == .ssh {
            if let proxy = said.proxy {
                let points = try JumpPoint.points(of: proxy)
                route.jumps = try hops(points ?? [], to: route, avoiding: [host])
                if points == nil { route.proxyCommand = proxy.command }
            }
        }
        return Target(route: route, privilege: said.privilege)
    }

    /// How a host with these variables, evaluated, is reached.
    ///
    /// - Throws: ``InputError`` as ``target(on:_:)`` does.
    public func route(to host: HostName, _ variables: Variables) throws -> Route {
        try target(on: host, variables).route
    }

    /// - Parameter hosts: Those that the way leads to: none of them is on its own way, though `all` may say so.
    private func hops(
        _ points: [JumpPoint], to target: Route, avoiding hosts: Set<HostName>
    ) throws -> [Route] {
        var hops: [Route] = []
        for point in points {
            let name = try HostName(point.host)
            if hosts.contains(name) { continue }
            guard let variables = try variables(name) else {
                hops.append(try point.route(before: Endpoint(target)))
                continue
            }
            var (hop, said) = try ConnectionVariables.route(to: name, variables, over: layers.flags)
            guard hop.connection == .ssh else { continue }
            hop.settings = point.settings(before: Endpoint(target)).over(hop.settings)
            // Its rights play no part on the way, and must not make one host look like two.
            (hop.settings.becomePassword, hop.settings.becomeMethod) = (nil, nil)
            // The later ones are reached through those before them.
            if hops.isEmpty, let proxy = said.proxy {
                let points = try JumpPoint.points(of: proxy)
                hops = try self.hops(points ?? [], to: hop, avoiding: hosts.union([name]))
                hop.jumps = []
                if points == nil { hop.proxyCommand = proxy.command }
            } else if !hops.isEmpty {
                hop.jumps = []
            }
            hops.append(hop)
        }
        return hops
    }
}
