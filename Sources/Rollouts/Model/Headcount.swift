public import Fleet

/// Who is in service: what balancers and hosts answered just before one is taken out, and before the end.
public struct Headcount: Hashable, Sendable, Codable {
    /// Hosts of the rollout that do not serve: some balancer sends them nothing, or they do not answer well themselves.
    public var out: [HostName]
    /// How many members of the pool that take no part in the rollout serve.
    public var elsewhere: Int
    /// The same by tier; `nil` where the service has but one.
    public var elsewhereIn: [String: Int]?
    /// Hosts that were done or not begun, and are not what they should be: gone, ill, or running something else.
    public var faults: [RolloutError]
    /// How busy those in service are, where the stage's capacity is to be kept to.
    public var load: PoolLoad?

    /// A count.
    public init(out: [HostName] = [], elsewhere: Int = 0, faults: [RolloutError] = [], load: PoolLoad? = nil) {
        self.load = load
        self.out = out
        self.elsewhere = elsewhere
        self.faults = faults
    }

    /// The count with `mask` applied to what hosts said.
    func masked(_ mask: (String) -> String) -> Self {
        var count = self
        count.faults = faults.map { $0.masked(mask) }
        return count
    }
}
