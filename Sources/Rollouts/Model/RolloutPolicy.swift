public import Fleet

/// How carefully a build goes to a stage.
public struct RolloutPolicy: Hashable, Sendable {
    /// What becomes of the hosts when a rollout fails.
    public enum FailureResponse: String, Hashable, Sendable, Codable, CaseIterable {
        /// Every changed host goes back.
        case rollback
        /// The batch in hand goes back, the ones before it stay; a person goes on from there.
        case rollbackBatch = "rollback-batch"
        /// The batch in hand leaves rotation as it is; a person goes on from there.
        case stop
    }

    /// After what a rollout waits for somebody's approval.
    public enum ApprovalPoint: String, Hashable, Sendable, Codable, CaseIterable {
        /// The first batch, unless it was the only one.
        case canary
        /// Every batch but the last.
        case batch
        /// The last batch.
        case end
    }

    /// Hosts of the first, small batch; 0 for none.
    public var canary: BatchSize
    /// Hosts of each later batch, in turn; the last goes for all that follow. Never empty.
    public var batches: [BatchSize]
    /// How long a drained host's sessions may take to end.
    public var drain: Duration
    /// How long a host's service may take to become healthy, and its balancers to see it.
    public var health: Duration
    /// How long the gates watch each batch.
    public var bake: Duration
    /// How many hosts may fail or be out of reach, over the whole rollout.
    public var budget: Int
    /// How long a host waits for word of a vanished controller before it switches back, beyond the batch's own time.
    public var confirm: Duration
    /// How many hosts must always be in service; `nil` means half of them, rounded down, but one of several, unless
    /// ``maxUnavailable`` says otherwise.
    public var minimumInService: Int?
    /// How many hosts may be out of service at once; with ``minimumInService`` the stricter holds.
    public var maxUnavailable: BatchSize?
    /// For how long a rollout may go without a host getting further; `nil` for as long as it takes.
    public var progressDeadline: Duration?
    /// What becomes of the hosts when it fails.
    public var onFailure = FailureResponse.rollback
    /// After what it waits for somebody's approval; `nil` for never.
    public var approval: ApprovalPoint?
    /// How many percent of a member's processors may be in use once others have left rotation; `nil` where nobody measures.
    public var capacity: Int?

    /// A policy; the defaults are those of drover.yml.
    public init(
        canary: BatchSize = 1, batch: BatchSize = .percent(25), drain: Duration = .seconds(30),
        health: Duration = .seconds(30), bake: Duration = .seconds(2), budget: Int = 0,
        confirm: Duration = .seconds(120), minimumInService: Int? = nil
    ) {
        self.canary = canary
        batches = [batch]
        self.drain = drain
        self.health = health
        self.bake = bake
        self.budget = budget
        self.confirm = confirm
        self.minimumInService = minimumInService
    }

    /// Hosts of each later batch, where all of these are to be the same.
    public var batch: BatchSize {
        get { batches.last ?? .percent(25) }
        set { batches = [newValue] }
    }

    /// Whether the first batch is a small one in which no failure is tolerated.
    public var hasCanary: Bool { canary != 0 }

    /// How many hosts the batch of that place after the canary has, of `total`.
    public func size(ofBatch place: Int, of total: Int) -> Int {
        (batches.indices.contains(place) ? batches[place] : batch).count(of: total)
    }

    /// Lets so few hosts stay in service, whatever they have to do: somebody said so.
    public mutating func allow(minimum: Int) { (minimumInService, capacity) = (minimum, nil) }

    /// How many of `total` hosts must stay in service.
    public func floor(of total: Int) -> Int {
        let least = maxUnavailable.map { max(0, total - $0.count(of: total)) }
        if let minimumInService { return max(0, min(max(minimumInService, least ?? 0), total)) }
        return least ?? (total < 2 ? 0 : max(1, total / 2))
    }

    /// How long a switched host waits for its confirmation in a batch of `hosts`: the time that the batch may
    /// rightly take, and ``confirm`` on top.
    public func patienceForConfirmation(hosts: Int) -> Duration {
        func seconds(_ time: Duration) -> Double { time / .seconds(1) }
        let batch = (seconds(drain) + 2 * seconds(health)) * Double(max(1, hosts))
        return .bounded(seconds: seconds(confirm) + seconds(bake) + batch)
    }
}

extension Duration {
    /// So many seconds; nothing for what is no time, and ten years for what is longer.
    static func bounded(seconds: Double) -> Self {
        // Not a number compares with nothing.
        guard seconds > 0 else { return .zero }
        return .seconds(min(seconds, 315_360_000))
    }
}
