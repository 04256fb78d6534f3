/// What a memcached did over a window: `stats`, asked twice. Rates are per second.
public struct MemcachedFigures: Sendable, Hashable, Codable {
    /// Keys asked for.
    public var gets: Double
    /// How many of them were there, from 0 to 1; `nil` where nobody asked.
    public var hitShare: Double?
    /// Values stored.
    public var sets: Double
    /// Items that had to go before their time.
    public var evictions: Double
    /// Items now.
    public var items: Double
    /// Bytes that items take.
    public var bytes: Double
    /// Bytes they may take.
    public var limitBytes: Double
    /// Clients now.
    public var connections: Double
    /// How many there may be; `nil` where it does not say.
    public var connectionLimit: Double?
    /// How often it stopped accepting since there were that many.
    public var refusals: Double
    /// Processor time, in processors.
    public var processors: Double
    /// Its threads; `nil` where it does not say.
    public var threads: Double?

    /// What was measured.
    public init(
        gets: Double = 0, hitShare: Double? = nil, sets: Double = 0, evictions: Double = 0, items: Double = 0,
        bytes: Double = 0, limitBytes: Double = 0, connections: Double = 0, connectionLimit: Double? = nil,
        refusals: Double = 0, processors: Double = 0, threads: Double? = nil
    ) {
        self.gets = gets
        self.hitShare = hitShare
        self.sets = sets
        self.evictions = evictions
        self.items = items
        self.bytes = bytes
        self.limitBytes = limitBytes
        self.connections = connections
        self.connectionLimit = connectionLimit
        self.refusals = refusals
        self.processors = processors
        self.threads = threads
    }

    /// How full it is, from 0 to 1. Full is as it should be.
    public var fill: Double? { limitBytes > 0 ? bytes / limitBytes : nil }
}
