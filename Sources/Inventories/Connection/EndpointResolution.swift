public import Fleet
public import OrderedCollections

/// Works out how a host is reached, with the hosts that the way goes through.
///
/// A jump host that the inventory has is reached as the inventory says, any other as its name says.
public struct EndpointResolution {
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

    /// Where and how a host with these variables, evaluated, is reached.
    ///
    /// - Throws: ``InputError`` as ``ConnectionVariables/endpoint(for:_:)`` does, for the host or one on its way.
    public func endpoint(for host: HostName, _ variables: Variables) throws -> Endpoint {
        var (endpoint, jumps, unsaid) = try ConnectionVariables.way(to: host, variables, over: layers.settings)
        guard endpoint.connection == .ssh else { return endpoint }
        endpoint.leftToUser = unsaid
        endpoint.jumps = try hops(jumps, to: endpoint, avoiding: [host])
        return endpoint
    }

    /// - Parameter hosts: Those that the way leads to: none of them is on its own way, though `all` may say so.
    private func hops(
        _ points: [JumpPoint], to target: Endpoint, avoiding hosts: Set<HostName>
    ) throws -> [Endpoint] {
        var hops: [Endpoint] = []
        for point in points {
            let name = try HostName(point.host)
            if hosts.contains(name) { continue }
            guard let variables = try variables(name) else {
                hops.append(point.endpoint(name, before: target))
                continue
            }
            var (hop, jumps, unsaid) = try ConnectionVariables.way(to: name, variables, over: layers.flags)
            guard hop.connection == .ssh else { continue }
            hop.leftToUser = unsaid
            hop = point.applied(to: hop)
            // The later ones are reached through those before them.
            if hops.isEmpty { hops = try self.hops(jumps, to: hop, avoiding: hosts.union([name])) }
            hops.append(hop)
        }
        return hops
    }
}

extension JumpPoint {
    /// The point as nothing but its name says, on the way to `target`, whose keys and known hosts count after its own.
    public func endpoint(_ name: HostName, before target: Endpoint) -> Endpoint {
        var endpoint = Endpoint(host: name, address: host)
        endpoint.leftToUser = target.leftToUser.map { _ in Set(Endpoint.Setting.allCases) }
        endpoint.fallbackIdentityFiles = target.identityFiles
        endpoint.fallbackKnownHostsFiles = target.knownHostsFiles
        endpoint.checksHostKey = checksHostKey
        if !checksHostKey { endpoint.leftToUser?.remove(.hostKeyChecking) }
        endpoint = applied(to: endpoint)
        if endpoint.user == "%r" { endpoint.user = target.user }
        return endpoint
    }

    /// `endpoint` with what the point itself says.
    fileprivate func applied(to endpoint: Endpoint) -> Endpoint {
        var endpoint = endpoint
        // Its rights play no part on the way, and must not make one host look like two.
        endpoint.becomePassword = nil
        endpoint.becomeMethod = .sudo
        endpoint.user = user ?? endpoint.user
        if let port {
            endpoint.port = port
            endpoint.leftToUser?.remove(.port)
        }
        if let connectTimeout {
            endpoint.connectTimeout = connectTimeout
            endpoint.leftToUser?.remove(.connectTimeout)
        }
        if !identityFiles.isEmpty { endpoint.identityFiles = identityFiles.map(ConnectionVariables.expandingHome) }
        if !knownHostsFiles.isEmpty {
            endpoint.knownHostsFiles = knownHostsFiles.map(ConnectionVariables.expandingHome)
        }
        return endpoint
    }
}
