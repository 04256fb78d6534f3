/// What one tier is short of, what says so, and what would mend it.
public struct TierVerdict: Sendable, Hashable, Codable {
    /// The tier.
    public var tier: String
    /// What part it plays.
    public var role: TierRole
    /// What it is short of.
    public var cause: Cause
    /// How sure that is.
    public var confidence: Confidence
    /// The hosts it concerns; empty for all of them.
    public var hosts: [String]
    /// The figures that say so, the most telling first.
    public var evidence: [FigureEvidence]
    /// What would mend it, best first; empty where nothing need be done.
    public var advice: [Advice]
    /// What it waits for: another tier, or an address that is no tier's; the cause of ``Cause/dependency``.
    public var waitsFor: String?
    /// What else it is near to be short of.
    public var also: [Cause]
    /// What could not be seen, in words.
    public var missing: [String]
    /// One sentence that says it.
    public var summary: String

    /// A verdict.
    public init(
        tier: String, role: TierRole, cause: Cause, confidence: Confidence, hosts: [String] = [],
        evidence: [FigureEvidence] = [], advice: [Advice] = [], waitsFor: String? = nil, also: [Cause] = [],
        missing: [String] = [], summary: String = ""
    ) {
        self.tier = tier
        self.role = role
        self.cause = cause
        self.confidence = confidence
        self.hosts = hosts
        self.evidence = evidence
        self.advice = advice
        self.waitsFor = waitsFor
        self.also = also
        self.missing = missing
        self.summary = summary
    }

    /// As a line for people: `db: bound by its processors (sure)…`.
    public var message: String { "\(tier): \(summary.isEmpty ? cause.words : summary)" }
}

extension Cause {
    /// In words, as what a tier is.
    public var words: String {
        switch self {
        case .healthy: "healthy"
        case .processor: "CPU-bound"
        case .disk: "I/O-bound"
        case .pageCache: "short of memory for its page cache"
        case .connections: "at its limit of connections"
        case .workers: "at the limit of one thread, or of its workers"
        case .memory: "out of memory, or swapping"
        case .space: "out of disk space"
        case .backlog: "behind with its queue: workers are short"
        case .dependency: "waits for another tier"
        case .network: "held back by the network"
        case .neighbour: "robbed of its processors by others"
        case .imbalance: "unevenly loaded"
        case .unknown: "not enough data to say"
        }
    }

    /// Whether a tier so short is what others wait for.
    public var isShortage: Bool { ![.healthy, .dependency, .unknown].contains(self) }
}
