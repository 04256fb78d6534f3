public import Fleet

/// What somebody asks of a rollout that another process drives.
public struct RolloutRequest: Hashable, Sendable, Codable {
    /// What is asked.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// To stand still after the batch in hand.
        case pause
        /// To go on.
        case resume
        /// To go back.
        case abort
        /// To take what was done for good, and go on.
        case approve
    }

    /// What tells it from all others.
    public var id: String
    /// What is asked.
    public var kind: Kind
    /// Who asks.
    public var by: String
    /// Why, in their words.
    public var reason: String?
    /// The rollout that is meant, by who began it and when.
    public var rollout: Subject

    /// A rollout, as every machine knows it.
    public struct Subject: Hashable, Sendable, Codable {
        /// Who began it.
        public var holder: String
        /// When.
        public var startedAt: Timestamp

        /// The rollout that `run` is.
        public init(_ run: RunRecord) { (holder, startedAt) = (run.holder, run.startedAt) }
    }

    /// A request.
    public init(_ kind: Kind, of rollout: Subject, id: String, by: String, reason: String? = nil) {
        self.id = id
        self.kind = kind
        self.by = by
        self.reason = reason
        self.rollout = rollout
    }

    func masked(_ mask: (String) -> String) -> Self {
        var request = self
        request.reason = reason.map(mask)
        return request
    }
}
