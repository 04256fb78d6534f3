/// Why balancers could not be made to do something.
public struct TrafficError: ExplainedError, Equatable {
    /// What kind of failure it is.
    public struct Code: ErrorCode {
        /// The code's name.
        public let rawValue: String
        /// The code of that name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A balancer did not answer.
        public static let unreachable = Self(rawValue: "unreachable")
        /// A balancer refused a command or a configuration.
        public static let refused = Self(rawValue: "refused")
        /// A member's checks did not pass in time.
        public static let unhealthy = Self(rawValue: "unhealthy")
        /// A change did not show when read back.
        public static let notApplied = Self(rawValue: "notApplied")
        /// Another controller has taken the stage over: the balancer has seen a greater token.
        public static let fenced = Self(rawValue: "fenced")
        /// The caller's task was cancelled. A member that was being admitted gets no traffic.
        public static let cancelled = Self(rawValue: "cancelled")
    }

    /// What kind of failure it is.
    public let code: Code
    /// The balancer it happened on.
    public let balancer: HostName
    /// One lower-case sentence.
    public let message: String
    /// What to do about it.
    public let hints: [String]

    /// A failure on `balancer`.
    public init(_ code: Code, balancer: HostName, _ message: String, hints: [String] = []) {
        self.code = code
        self.balancer = balancer
        self.message = message
        self.hints = hints
    }

    /// The balancer.
    public var place: ErrorPlace { ErrorPlace(host: balancer) }
}
