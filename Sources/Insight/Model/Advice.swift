/// Something that would mend a tier, or would not.
public struct Advice: Sendable, Hashable, Codable {
    /// What to do.
    public enum Action: String, CaseIterable, Sendable, Codable, Hashable {
        /// More hosts in the tier.
        case addHosts = "add-hosts"
        /// More memory in its hosts, or for its service.
        case addMemory = "add-memory"
        /// More workers or threads on its hosts.
        case addWorkers = "add-workers"
        /// A higher limit.
        case raiseLimit = "raise-limit"
        /// Faster hosts or disks, or a greater allowance.
        case fasterHosts = "faster-hosts"
        /// A cache before it, or an index in it.
        case askLess = "ask-less"
        /// Room on a file system.
        case freeSpace = "free-space"
        /// The same weight for hosts that are alike, less for a slow one.
        case rebalance
        /// To mend the host, or take it out.
        case mendHost = "mend-host"
        /// To move the host away from its neighbours.
        case moveHost = "move-host"
        /// To mend another tier first.
        case mendTier = "mend-tier"
        /// To start what does not run.
        case start
        /// To measure again, for longer or under more load.
        case measure
    }

    /// What to do.
    public var action: Action
    /// Where.
    public var tier: String
    /// How many hosts it takes, where they would help.
    public var hosts: HostEstimate?
    /// Whether more hosts in the tier would help; `nil` where that is not known.
    public var hostsHelp: Bool?
    /// What to do, as a sentence for people.
    public var message: String

    /// An advice.
    public init(
        _ action: Action, tier: String, hosts: HostEstimate? = nil, hostsHelp: Bool? = nil, message: String
    ) {
        self.action = action
        self.tier = tier
        self.hosts = hosts
        self.hostsHelp = hostsHelp
        self.message = message
    }
}

/// How many hosts a tier takes, and how that was worked out.
public struct HostEstimate: Sendable, Hashable, Codable {
    /// In service now.
    public var now: Int
    /// How many it takes, spares included.
    public var needed: Int
    /// The fewest it may turn out to be.
    public var low: Int
    /// The most it may turn out to be.
    public var high: Int
    /// Whether the tier's true demand is hidden by its being at its limit, so that ``needed`` is only what is known.
    public var isAtLeast: Bool
    /// The formula, by name.
    public var formula: String
    /// What it takes for granted.
    public var assumptions: [String]
    /// How it was worked out, a line a step.
    public var arithmetic: [String]

    /// An estimate.
    public init(
        now: Int, needed: Int, low: Int, high: Int, isAtLeast: Bool = false, formula: String,
        assumptions: [String] = [], arithmetic: [String] = []
    ) {
        self.now = now
        self.needed = needed
        self.low = min(low, needed)
        self.high = max(high, needed)
        self.isAtLeast = isAtLeast
        self.formula = formula
        self.assumptions = assumptions
        self.arithmetic = arithmetic
    }

    /// How many more that are.
    public var added: Int { max(0, needed - now) }
}
