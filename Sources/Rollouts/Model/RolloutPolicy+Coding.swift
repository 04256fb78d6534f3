import Fleet

extension RolloutPolicy: Codable {
    private enum Key: String, CodingKey {
        case canary, canaryShare, batch, batches, drain, health, bake, budget, confirm
        case minimumInService = "minimum"
        case maxUnavailable, progressDeadline, onFailure, approval, capacity
    }

    /// Decodes a policy with its times in seconds. Earlier versions knew numbers of canaries alone, and one size of batches.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        func seconds(_ key: Key) throws -> Duration { .bounded(seconds: try fields.decode(Double.self, forKey: key)) }
        self.init(
            canary: .hosts(try fields.decode(Int.self, forKey: .canary)),
            batch: try fields.decode(BatchSize.self, forKey: .batch),
            drain: try seconds(.drain), health: try seconds(.health), bake: try seconds(.bake),
            budget: try fields.decode(Int.self, forKey: .budget), confirm: try seconds(.confirm),
            minimumInService: try fields.decodeIfPresent(Int.self, forKey: .minimumInService))
        if let share = try fields.decodeIfPresent(BatchSize.self, forKey: .canaryShare) { canary = share }
        if let sizes = try fields.decodeIfPresent([BatchSize].self, forKey: .batches), !sizes.isEmpty {
            batches = sizes
        }
        maxUnavailable = try fields.decodeIfPresent(BatchSize.self, forKey: .maxUnavailable)
        progressDeadline = try fields.decodeIfPresent(Double.self, forKey: .progressDeadline)
            .map(Duration.bounded(seconds:))
        onFailure = try fields.decodeIfPresent(FailureResponse.self, forKey: .onFailure) ?? .rollback
        approval = try fields.decodeIfPresent(ApprovalPoint.self, forKey: .approval)
        capacity = try fields.decodeIfPresent(Int.self, forKey: .capacity)
    }

    /// Encodes the policy with its times in seconds; what an earlier version does not know only where it is said.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        switch canary {
        case .hosts(let count): try fields.encode(count, forKey: .canary)
        case .percent:
            try fields.encode(1, forKey: .canary)
            try fields.encode(canary, forKey: .canaryShare)
        }
        try fields.encode(batch, forKey: .batch)
        if batches.count > 1 { try fields.encode(batches, forKey: .batches) }
        try fields.encode(drain / .seconds(1), forKey: .drain)
        try fields.encode(health / .seconds(1), forKey: .health)
        try fields.encode(bake / .seconds(1), forKey: .bake)
        try fields.encode(budget, forKey: .budget)
        try fields.encode(confirm / .seconds(1), forKey: .confirm)
        try fields.encodeIfPresent(minimumInService, forKey: .minimumInService)
        try fields.encodeIfPresent(maxUnavailable, forKey: .maxUnavailable)
        try fields.encodeIfPresent(progressDeadline.map { $0 / .seconds(1) }, forKey: .progressDeadline)
        if onFailure != .rollback { try fields.encode(onFailure, forKey: .onFailure) }
        try fields.encodeIfPresent(approval, forKey: .approval)
        try fields.encodeIfPresent(capacity, forKey: .capacity)
    }
}
