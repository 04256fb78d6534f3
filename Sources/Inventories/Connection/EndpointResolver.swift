public import Fleet
import Synchronization

/// Makes endpoints of routes: asks the user's own settings for OpenSSH what nobody else says. Each route is resolved once.
public final class EndpointResolver: Sendable {
    private let user: (any OpenSSHSettings)?
    private let resolved = Mutex<[Route: Endpoint]>([:])

    /// - Parameter user: The user's own settings; `nil` keeps them out altogether.
    public init(_ user: (any OpenSSHSettings)? = nil) { self.user = user }

    /// Private keys that the user's settings name, for whichever host.
    public var keyFiles: [String] { user?.keyFiles ?? [] }

    /// Where `route` ends.
    /// - Throws: ``TransportError`` `.unsupported` for what can't be honoured in the user's settings, and when they can't be
    ///   known.
    public func endpoint(for route: Route) async throws(TransportError) -> Endpoint {
        guard let user, route.connection == .ssh else { return plainEndpoint(for: route) }
        if let endpoint = resolved.withLock({ $0[route] }) { return endpoint }
        let endpoint = try await endpoint(for: route, asking: user, avoiding: [])
        resolved.withLock { $0[route] = endpoint }
        return endpoint
    }

    /// Where `route` would end without the user's own settings. Asks nobody.
    public func plainEndpoint(for route: Route) -> Endpoint {
        var endpoint = Endpoint(route)
        if route.connection == .ssh { endpoint.jumps = (route.jumps ?? []).map { Endpoint($0) } }
        return endpoint
    }

    /// - Parameter hosts: Those that the way leads to: none of them is on its own way, though `Host *` may say so.
    private func endpoint(
        for route: Route, asking user: any OpenSSHSettings, avoiding hosts: Set<HostName>
    ) async throws(TransportError) -> Endpoint {
        let settings = try await user.settings(
            for: route.name, user: route.settings.user, port: route.settings.port, host: route.host)
        var endpoint = Endpoint(route, over: settings ?? ConnectionSettings())
        var jumps = route.jumps ?? []
        if route.jumps == nil, let proxy = settings?.proxy {
            let named = try Self.jumps(proxy, before: endpoint)
            jumps = named ?? []
            if named == nil { endpoint.proxyCommand = proxy.command }
        }
        endpoint.jumps = try await hops(jumps, asking: user, avoiding: hosts.union([route.host]))
        return endpoint
    }

    /// Only the first hop may itself be reached through others: the later ones are reached through those before them.
    private func hops(
        _ jumps: [Route], asking user: any OpenSSHSettings, avoiding hosts: Set<HostName>
    ) async throws(TransportError) -> [Endpoint] {
        var hops: [Endpoint] = []
        for var jump in jumps where !hosts.contains(jump.host) {
            if !hops.isEmpty { jump.jumps = [] }
            var hop = try await endpoint(for: jump, asking: user, avoiding: hosts)
            hops += hop.jumps
            hop.jumps = []
            hops.append(hop)
        }
        return hops
    }

    /// The hosts that the user's settings name; `nil` where they name a command of another kind.
    private static func jumps(
        _ proxy: ConnectionSettings.Proxy, before target: Endpoint
    ) throws(TransportError) -> [Route]? {
        do throws(InputError) {
            guard let points = try JumpPoint.points(of: proxy) else { return nil }
            var routes: [Route] = []
            for point in points { routes.append(try point.route(before: target)) }
            return routes
        } catch {
            throw TransportError(
                .unsupported, host: target.host, "the user's settings for ssh hold \(error.message)", hints: error.hints
            )
        }
    }
}
