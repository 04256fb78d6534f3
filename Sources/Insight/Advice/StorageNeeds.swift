/// What is to be kept, and how it is used.
public struct StorageNeeds: Sendable, Hashable, Codable {
    /// Mean size of an object in bytes.
    public var averageBytes: Double
    /// Size of the biggest one.
    public var maximumBytes: Double
    /// How many there are, or will be.
    public var count: Double
    /// Objects a second that are added.
    public var adds: Double
    /// Objects a second that are changed.
    public var updates: Double
    /// Objects a second that are deleted.
    public var deletes: Double
    /// Objects a second that are read.
    public var reads: Double
    /// Whether several change together or not at all.
    public var needsTransactions: Bool
    /// Whether they are asked for by what they have to do with others.
    public var needsJoins: Bool
    /// Whether they are asked for by anything but their names.
    public var needsSearch: Bool
    /// How many hosts may be lost without loss of objects; `nil` where any object may go, since it can be made again.
    public var survives: Int?
    /// Share of the bytes that most reads are for, from 0 to 1.
    public var hotShare: Double
    /// What a host has to keep them on, and with.
    public var host: StorageHost

    /// Needs; `survives` of 1 is a copy on another host.
    public init(
        averageBytes: Double, maximumBytes: Double? = nil, count: Double, adds: Double = 0, updates: Double = 0,
        deletes: Double = 0, reads: Double = 0, needsTransactions: Bool = false, needsJoins: Bool = false,
        needsSearch: Bool = false, survives: Int? = 1, hotShare: Double = 0.2, host: StorageHost = StorageHost()
    ) {
        func known(_ value: Double) -> Double { value.isFinite ? min(max(0, value), 1e18) : 0 }
        self.averageBytes = known(averageBytes)
        self.maximumBytes = max(known(maximumBytes ?? averageBytes), known(averageBytes))
        self.count = known(count)
        self.adds = known(adds)
        self.updates = known(updates)
        self.deletes = known(deletes)
        self.reads = known(reads)
        self.needsTransactions = needsTransactions
        self.needsJoins = needsJoins
        self.needsSearch = needsSearch
        self.survives = survives.map { min(max(0, $0), 100) }
        self.hotShare = hotShare.isFinite ? min(max(hotShare, 0), 1) : 0.2
        self.host = host
    }

    /// Objects a second that are added, changed or deleted.
    public var changes: Double { adds + updates + deletes }
    /// How often an object is changed in a day, on average.
    public var changesPerObjectAndDay: Double { count > 0 ? (updates + deletes) / count * 86400 : 0 }
    /// Copies of each object, the first included.
    public var copies: Double { Double(survives ?? 0) + 1 }
    /// All bytes, one copy of each object.
    public var bytes: Double { averageBytes * count }
    /// Whether anything but the name finds objects, or several change together.
    public var isRelational: Bool { needsTransactions || needsJoins || needsSearch }
}

/// A host that keeps objects.
public struct StorageHost: Sendable, Hashable, Codable {
    /// Bytes of its disk.
    public var diskBytes: Double
    /// Bytes of its memory.
    public var memoryBytes: Double
    /// `fsync` calls a second that its disk bears: some 115 of a plain virtual one.
    public var syncs: Double
    /// Transactions that one of them writes, on average.
    public var transactionsPerSync: Double

    /// A host; of a usual size unless somebody says otherwise.
    public init(
        diskBytes: Double = 500e9, memoryBytes: Double = 16e9, syncs: Double = 115, transactionsPerSync: Double = 4
    ) {
        func known(_ value: Double, _ usual: Double) -> Double {
            value.isFinite && value > 0 ? min(value, 1e18) : usual
        }
        self.diskBytes = known(diskBytes, 500e9)
        self.memoryBytes = known(memoryBytes, 16e9)
        self.syncs = known(syncs, 115)
        self.transactionsPerSync = known(transactionsPerSync, 4)
    }

    /// Transactions a second that a database on it commits at most.
    public var commits: Double { syncs * transactionsPerSync }
}
