/// Identifies something that a loop was asked to do later.
struct TriggerID: Hashable, Sendable {
    let number: UInt64
}

/// A trigger that goes off by itself. The earliest comes first; of two for one moment, the one that was set first.
struct LoopTimer: Comparable {
    var moment: ContinuousClock.Instant
    var id: TriggerID

    static func < (left: Self, right: Self) -> Bool {
        (left.moment, left.id.number) < (right.moment, right.id.number)
    }
}
