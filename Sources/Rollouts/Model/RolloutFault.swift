public import Fleet

/// Why something could not be done to a host.
public struct RolloutFault: ExplainedError, Hashable, Codable {
    /// What kind of failure it is; the planner decides by this, never by the text.
    public enum Kind: String, Hashable, Sendable, Codable {
        /// The host could not be talked to.
        case unreachable
        /// The service did not become healthy, or the balancers do not find it so.
        case unhealthy
        /// A command on the host went wrong.
        case command
        /// A balancer could not be made to do something.
        case balancer
        /// The host had switched back by itself.
        case reverted
        /// Another controller has taken the stage over.
        case fenced
        /// Too few hosts are in service to take this one out.
        case blocked
    }

    /// What kind of failure it is.
    public var kind: Kind
    /// The host it happened on.
    public var host: HostName
    /// One lower-case sentence.
    public var message: String
    /// Last lines of what was said there.
    public var detail: [String]
    /// What to do about it.
    public var hints: [String]
    /// Whether balancers still send the host traffic, when they were asked.
    public var isServing: Bool?
    /// The balancer that did not answer, where that is the reason.
    public var balancer: HostName?

    /// A failure on `host`.
    public init(
        _ kind: Kind, host: HostName, _ message: String, detail: [String] = [], hints: [String] = [],
        isServing: Bool? = nil
    ) {
        self.kind = kind
        self.host = host
        self.message = message
        self.detail = detail
        self.hints = hints
        self.isServing = isServing
    }

    /// What a transport could not do.
    public init(_ error: TransportError) {
        self.init(
            error.meansUnreachable ? .unreachable : .command, host: error.host, error.message, hints: error.hints)
    }

    /// What balancers could not do for `host`.
    public init(_ error: TrafficError, host: HostName) {
        let kind: Kind =
            switch error.code {
            case .unhealthy: .unhealthy
            case .fenced: .fenced
            case .unreachable, .refused, .notApplied, .cancelled: .balancer
            }
        self.init(kind, host: host, "\(error.balancer): \(error.message)", hints: error.hints)
        if error.code == .unreachable { balancer = error.balancer }
    }

    /// The fault with `mask` applied to what a person or a host wrote.
    func masked(_ mask: (String) -> String) -> Self {
        var fault = self
        fault.message = mask(message)
        fault.detail = detail.map(mask)
        fault.hints = hints.map(mask)
        return fault
    }

    /// The host's name.
    public var subject: String? { host.description }
}
