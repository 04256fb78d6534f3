public import Fleet

/// How carefully a build goes to a stage.
public struct RolloutPolicy: Hashable, Sendable {
    /// Hosts of the first, small batch; 0 for none.
    public var canary: Int
    /// Hosts of each later batch.
    public var batch: BatchSize
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
    /// How many hosts must always be in service; `nil` means half of them, rounded down, but one of several.
    public var minimumInService: Int?

    /// A policy; the defaults are those of drover.yml.
    public init(
        canary: Int = 1, batch: BatchSize = .percent(25), drain: Duration = .seconds(30),
        health: Duration = .seconds(30), bake: Duration = .seconds(2), budget: Int = 0,
        confirm: Duration = .seconds(120), minimumInService: Int? = nil
    ) {
        self.canary = canary
        self.batch = batch
        self.drain = drain
        self.health = health
        self.bake = bake
        self.budget = budget
        self.confirm = confirm
        self.minimumInService = minimumInService
    }

    /// How many of `total` hosts must stay in service.
    public func floor(of total: Int) -> Int {
        if let minimumInService { return max(0, min(minimumInService, total)) }
        return total < 2 ? 0 : max(1, total / 2)
    }

    /// How long a switched host waits for its confirmation in a batch of `hosts`: the time that the batch may
    /// rightly take, and ``confirm`` on top.
    public func patienceForConfirmation(hosts: Int) -> Duration {
        func seconds(_ time: Duration) -> Double { time / .seconds(1) }
        let batch = (seconds(drain) + 2 * seconds(health)) * Double(max(1, hosts))
        return .bounded(seconds: seconds(confirm) + seconds(bake) + batch)
    }
}

extension RolloutPolicy: Codable {
    private enum Key: String, CodingKey {
        case canary, batch, drain, health, bake, budget, confirm
        case minimumInService = "minimum"
    }

    /// Decodes a policy with its times in seconds.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        func seconds(_ key: Key) throws -> Duration { .bounded(seconds: try fields.decode(Double.self, forKey: key)) }
        self.init(
            canary: try fields.decode(Int.self, forKey: .canary),
            batch: try fields.decode(BatchSize.self, forKey: .batch), drain: try seconds(.drain),
            health: try seconds(.health), bake: try seconds(.bake),
            budget: try fields.decode(Int.self, forKey: .budget), confirm: try seconds(.confirm),
            minimumInService: try fields.decodeIfPresent(Int.self, forKey: .minimumInService))
    }

    /// Encodes the policy with its times in seconds.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(canary, forKey: .canary)
        try fields.encode(batch, forKey: .batch)
        try fields.encode(drain / .seconds(1), forKey: .drain)
        try fields.encode(health / .seconds(1), forKey: .health)
        try fields.encode(bake / .seconds(1), forKey: .bake)
        try fields.encode(budget, forKey: .budget)
        try fields.encode(confirm / .seconds(1), forKey: .confirm)
        try fields.encodeIfPresent(minimumInService, forKey: .minimumInService)
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
