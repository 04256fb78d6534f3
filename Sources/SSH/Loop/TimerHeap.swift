/// Identifies something that a loop was asked to do later.
struct TriggerID: Hashable, Sendable {
    let number: UInt64
}

/// Moments in order, the earliest first.
struct TimerHeap {
    struct Entry {
        var moment: ContinuousClock.Instant
        var id: TriggerID
    }

    private var entries: [Entry] = []

    var count: Int { entries.count }
    var first: Entry? { entries.first }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].moment < entries[parent].moment else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> Entry? {
        guard let earliest = entries.first else { return nil }
        let last = entries.removeLast()
        guard !entries.isEmpty else { return earliest }
        entries[0] = last
        sink(from: 0)
        return earliest
    }

    /// Forgets entries that `isWanted` refuses.
    mutating func keep(where isWanted: (TriggerID) -> Bool) {
        let kept = entries.filter { isWanted($0.id) }
        entries = []
        for entry in kept { insert(entry) }
    }

    private mutating func sink(from start: Int) {
        var parent = start
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child].moment < entries[smallest].moment { smallest = child }
            }
            guard smallest != parent else { return }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
