import Synchronization
import Testing

/// What came of several tasks, in the order of its coming.
final class Gathering<Item: Sendable>: Sendable {
    private let gathered = Mutex<[Item]>([])

    var items: [Item] { gathered.withLock(\.self) }

    func add(_ item: Item) { gathered.withLock { $0.append(item) } }
}

/// How many are somewhere at once.
final class Crowd: Sendable {
    private let counts = Mutex((now: 0, most: 0, all: 0))

    var most: Int { counts.withLock { $0.most } }
    var all: Int { counts.withLock { $0.all } }
    var now: Int { counts.withLock { $0.now } }

    func come() {
        counts.withLock { counts in
            counts.now += 1
            counts.all += 1
            counts.most = max(counts.most, counts.now)
        }
    }

    func go() { counts.withLock { $0.now -= 1 } }
}

/// Lets others run until `condition` holds; one that never does is an issue, and no end of the tests.
func until(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async {
    let end = ContinuousClock.now + .seconds(50)
    while !condition() {
        guard ContinuousClock.now < end else {
            Issue.record("waited in vain", sourceLocation: sourceLocation)
            return
        }
        await Task.yield()
    }
}
