public import Fleet

/// A load balancer of a pool, and how it is reached.
public struct Balancer: Sendable {
    /// What is known of the way to it.
    public enum Reach: Sendable {
        /// Over this transport.
        case over(any Transport)
        /// Not at all. It may be carrying traffic all the same, so nothing that depends on it may go on.
        case unreachable(reason: String)
        /// The operator said that it is out of service: it is left out of every change, and shown with the reason.
        case excluded(reason: String)
    }

    /// The balancer's host.
    public let host: HostName
    /// How it is reached.
    public let reach: Reach

    /// A balancer that is or is not reached.
    public init(_ host: HostName, _ reach: Reach) {
        self.host = host
        self.reach = reach
    }

    /// A balancer at the other end of `transport`.
    public init(_ transport: any Transport) { self.init(transport.host, .over(transport)) }
}
