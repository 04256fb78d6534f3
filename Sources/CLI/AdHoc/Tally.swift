import Synchronization

/// A count that several tasks add to.
final class Tally: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock(\.self) }

    func add() { value.withLock { $0 += 1 } }
}
