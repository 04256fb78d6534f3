/// What a gate comes to that had too little to judge by, once it has waited.
public enum NoDataPolicy: String, Hashable, Sendable, CaseIterable {
    /// The build goes back.
    case fail
    /// The build may go on.
    case pass
}

/// When a batch fails too many requests.
public struct ErrorLimits: Hashable, Sendable {
    /// How many more of the batch's requests than of the rest's may fail, as a share of them.
    public var tolerance: Double
    /// How many of them may fail at most, whatever the rest does; `nil` leaves that open.
    public var limit: Double?
    /// Requests that the batch, and the rest, must have had for it to pass.
    public var minimum: Int
    /// What it comes to without them.
    public var onNoData: NoDataPolicy
    /// For how long after the bake it looks on: for more requests, and at what is suspicious.
    public var wait: Duration

    /// Limits; the defaults are those of drover.yml.
    public init(
        tolerance: Double = 0.01, limit: Double? = nil, minimum: Int = 50, onNoData: NoDataPolicy = .fail,
        wait: Duration = .seconds(15)
    ) {
        self.tolerance = tolerance
        self.limit = limit
        self.minimum = minimum
        self.onNoData = onNoData
        self.wait = wait
    }
}

/// When a batch answers too slowly.
public struct LatencyLimits: Hashable, Sendable {
    /// By how much it may be slower than the rest.
    public var tolerance: Duration
    /// By how much of the rest's time it may be, where that is more.
    public var share: Double
    /// What it comes to with too few requests.
    public var onNoData: NoDataPolicy
    /// For how long after the bake it looks on: for more requests, and at what is suspicious.
    public var wait: Duration

    /// Limits; the defaults are those of drover.yml.
    public init(
        tolerance: Duration = .milliseconds(100), share: Double = 0.25, onNoData: NoDataPolicy = .fail,
        wait: Duration = .seconds(15)
    ) {
        self.tolerance = tolerance
        self.share = share
        self.onNoData = onNoData
        self.wait = wait
    }
}
