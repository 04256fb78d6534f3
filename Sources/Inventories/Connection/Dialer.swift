public import Fleet

/// Connects to hosts by their routes.
public struct Dialer: Sendable {
    /// Gives the connections.
    public let connector: any Connector
    /// Makes endpoints of routes.
    public let resolver: EndpointResolver

    /// - Parameter resolver: Without one, the user's own settings for OpenSSH are kept out.
    public init(_ connector: any Connector, resolver: EndpointResolver = EndpointResolver()) {
        (self.connector, self.resolver) = (connector, resolver)
    }

    /// The transport to where `route` ends, connected and authenticated; the same one for every caller.
    /// - Throws: ``TransportError`` when the host cannot be reached or does not let us in.
    public func transport(to route: Route) async throws(TransportError) -> any Transport {
        try await connector.transport(to: try await resolver.endpoint(for: route))
    }
}
