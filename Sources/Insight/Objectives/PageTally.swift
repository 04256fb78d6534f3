public import Fleet

/// What was counted of requests to one page: in a balancer's log, or by the controller's own probes.
public struct PageTally: Sendable, Hashable, Codable {
    /// The page's path as its objective has it.
    public var path: String
    /// Requests.
    public var requests: Int
    /// Those that failed.
    public var failed: Int
    /// How many took longer than a time was promised, by the share for which it was promised.
    public var late: [LateTally]
    /// Measured times in milliseconds, by share: `p50`, `p99`. For people; not what is judged by.
    public var times: [String: Double]

    /// A tally.
    public init(
        path: String, requests: Int = 0, failed: Int = 0, late: [LateTally] = [], times: [String: Double] = [:]
    ) {
        self.path = path
        self.requests = max(0, requests)
        self.failed = min(max(0, failed), max(0, requests))
        self.late = late
        self.times = times
    }
}

/// How many answers came later than promised.
public struct LateTally: Sendable, Hashable, Codable {
    /// What was promised.
    public var target: LatencyTarget
    /// How many came later, out of the tally's requests. Those that failed are late.
    public var count: Int

    /// So many.
    public init(target: LatencyTarget, count: Int) {
        self.target = target
        self.count = max(0, count)
    }
}
