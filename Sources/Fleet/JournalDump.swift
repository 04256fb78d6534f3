/// Everything that a journal holds, but for leases: these are for a time, and their tokens are all that must outlive them.
public struct JournalDump: Hashable, Sendable {
    /// The greatest number that a run was given, be the run still there or not: none is given twice.
    public var lastRun: RunID
    /// The runs, by number.
    public var runs: [RunRecord] = []
    /// Their lines, by run and place.
    public var entries: [JournalEntry] = []
    /// The builds, oldest first.
    public var builds: [BuildRecord] = []
    /// What stages run.
    public var stages: [StageRecord] = []
    /// What passed which stage.
    public var evidence: [Evidence] = []
    /// The members of pools.
    public var members: [MemberRecord] = []
    /// The balancers that changes are made without.
    public var leftOut: [LeftOutBalancer] = []
    /// The last token of each stage.
    public var tokens: [String: Int64] = [:]

    /// A dump that holds nothing yet.
    public init(lastRun: RunID = RunID(0)) { self.lastRun = lastRun }
}

/// A journal that can be taken elsewhere, whatever it is kept in.
public protocol PortableJournal: RunJournal {
    /// Everything in it, as it stood at one moment.
    func dump() async throws(JournalError) -> JournalDump

    /// Takes over everything, or nothing at all.
    /// - Throws: ``JournalError`` `.notEmpty` when the journal holds anything.
    func restore(_ dump: JournalDump) async throws(JournalError)
}
