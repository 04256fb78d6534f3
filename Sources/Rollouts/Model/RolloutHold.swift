/// Why a rollout stands still between two batches until somebody has it go on.
public struct RolloutHold: Hashable, Sendable, Codable {
    /// What is waited for.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// Somebody paused it, and somebody is to resume it.
        case paused
        /// Somebody is to approve it.
        case approval
    }

    /// What is waited for.
    public var kind: Kind
    /// Who paused it.
    public var by: String?
    /// Why, in their words.
    public var reason: String?
    /// How many batches were done then.
    public var batches: Int

    /// A rollout that waits.
    public init(_ kind: Kind, by: String? = nil, reason: String? = nil, batches: Int) {
        self.kind = kind
        self.by = by
        self.reason = reason
        self.batches = batches
    }

    func masked(_ mask: (String) -> String) -> Self {
        var hold = self
        hold.reason = reason.map(mask)
        return hold
    }
}

/// That a rollout was stopped by what went wrong, for a person to go on from there.
public struct RolloutHalt: Hashable, Sendable {
    /// What went wrong.
    public var setback: Setback
    /// Whether the batch in hand goes back to what it ran before; else it only leaves rotation.
    public var takesBatchBack: Bool
}
