import Fleet
import Sampling

/// What a tier uses again and again, against the memory it has: more memory, or more hosts, both worked out.
public struct MemoryAdvice: Sendable, Hashable, Codable {
    /// The tier.
    public var tier: String
    /// Hosts in service.
    public var hosts: Int
    /// Bytes of one host's memory; `nil` where nobody knows.
    public var memory: Double?
    /// Bytes that its programs hold.
    public var held: Double?
    /// Bytes for which there is room beside that, or in the service's own cache.
    public var room: Double?
    /// Bytes that one host uses again and again.
    public var workingSet: Double?
    /// Bytes a second that are read again because they had been dropped.
    public var readAgain: Double
    /// Share of what a cache was asked for that it had.
    public var hits: Double?
    /// Whether it is short of memory.
    public var isShort: Bool
    /// Bytes more for each host that would do.
    public var moreMemory: Double?
    /// Hosts of today's size that would do; `nil` where each host needs all of the data, so that more would not help.
    public var moreHosts: HostEstimate?
    /// Which of the two, and why, as a sentence for people.
    public var message: String

    /// What the figures of a tier come to.
    public init(_ tier: TierObservation, in window: ObservationWindow) {
        let figures = TierFigures(tier, in: window, pages: [])
        let working = WorkingSet(figures)
        self.tier = tier.name
        hosts = figures.inService
        memory = working.memory
        held = working.held
        room = working.room
        workingSet = working.needed
        readAgain = working.again
        hits = working.hits
        isShort = working.isShort
        moreMemory =
            working.isShort
            ? working.needed.flatMap { needed in working.room.map { max(0, needed - $0) } }
            : working.room == nil ? nil : 0
        moreHosts = tier.spread == .parts ? working.hostEstimate(spare: 0) : nil
        message = Self.message(working, tier, moreHosts)
    }

    /// What the tiers of a stage come to.
    public static func of(_ stage: StageObservation) -> [Self] { stage.tiers.map { Self($0, in: stage.window) } }

    private static func message(_ working: WorkingSet, _ tier: TierObservation, _ hosts: HostEstimate?) -> String {
        guard working.memory != nil || working.serviceCache != nil else {
            return "nobody knows how much memory its hosts have"
        }
        guard working.isShort else {
            return "what is used fits: memory that is full of files is as it should be"
        }
        let memory = working.memoryMessage(in: tier)
        guard let hosts else { return "\(memory); more hosts would not help, since each would need all of the data" }
        return hosts.added > 0 ? "\(memory), or \(hosts.added.of("host")) more, each with a part of the data" : memory
    }
}
