/// What a MariaDB said over a window: status and variables, asked twice. Rates are per second; `nil` is what it did not say.
public struct MariaFigures: Sendable, Hashable, Codable {
    /// Clients now (`Threads_connected`).
    public var connections: Double?
    /// How many there may be (`max_connections`).
    public var connectionLimit: Double?
    /// Clients that were refused since there were that many.
    public var refusals: Double?
    /// Statements that run just now.
    public var running: Double?
    /// Statements.
    public var queries: Double?
    /// Statements that took longer than `long_query_time`.
    public var slowQueries: Double?
    /// Transactions.
    public var commits: Double?
    /// Pages that were looked for in the buffer pool.
    public var pageRequests: Double?
    /// Those that were not there and came from the disk.
    public var pageReads: Double?
    /// Waits for a free page in the buffer pool.
    public var poolWaits: Double?
    /// Bytes of the buffer pool.
    public var poolBytes: Double?
    /// `fsync` calls.
    public var syncs: Double?
    /// Milliseconds a second that statements waited for others' rows.
    public var rowLockTime: Double?
    /// Rows that were read one after another for want of an index.
    public var scannedRows: Double?
    /// Rows that were found by an index.
    public var indexedRows: Double?
    /// Whether it takes no writes.
    public var isReadOnly: Bool?
    /// How it follows its primary; `nil` where it follows none.
    public var replica: MariaReplica?
    /// Whether commits wait for a replica (semi-synchronous); `nil` where they are not meant to.
    public var isSemiSynchronous: Bool?
    /// Microseconds that a commit waits for a replica, on average since it started.
    public var replicaWait: Double?

    /// Nothing known yet.
    public init() {}

    /// Share of the pages looked for that came from the disk, from 0 to 1; `nil` where nobody looked.
    public var missShare: Double? {
        guard let pageRequests, let pageReads, pageRequests > 0 else { return nil }
        return pageReads / pageRequests
    }
}

/// How a replica follows its primary.
public struct MariaReplica: Sendable, Hashable, Codable {
    /// Whether it fetches what the primary writes. Says yes for a minute after the primary has gone.
    public var isFetching: Bool
    /// Whether it applies what it fetched.
    public var isApplying: Bool
    /// Seconds by which what it applies is old; `nil` while a thread of it stands still.
    public var lag: Double?
    /// Why it stands still.
    public var error: String?

    /// A replica.
    public init(isFetching: Bool, isApplying: Bool, lag: Double? = nil, error: String? = nil) {
        self.isFetching = isFetching
        self.isApplying = isApplying
        self.lag = lag
        self.error = error
    }
}
