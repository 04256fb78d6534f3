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

/// Keeps controllers away that another one has overtaken: a lease's token, and where a balancer notes the greatest one it
/// has seen.
public struct BalancerFence: Hashable, Sendable {
    /// Folder on the balancer with the file `fence`, the same as on the stage's hosts.
    public var folder: String
    /// The file that is locked meanwhile.
    public var lock: String
    /// The lease's fencing token.
    public var token: Int64

    /// A fence in `folder`, with the lock there unless another is named.
    public init(folder: String, lock: String? = nil, token: Int64) {
        self.folder = folder
        self.lock = lock ?? folder + "/lock"
        self.token = token
    }
}
