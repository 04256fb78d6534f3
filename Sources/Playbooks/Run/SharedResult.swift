import Fleet
import Synchronization
import Values

/// One thing that is worked out for many hosts: each result is kept with what it was worked out from, for the hosts that are
/// alike.
final class SharedResult<Result: Sendable>: Sendable {
    private struct State {
        var known: [(reads: ScopeReads, result: Result)] = []
        /// How many hosts in a row were like none before them.
        var misses = 0
    }

    /// So many kinds of hosts are told apart.
    private static var mostKinds: Int { 8 }
    /// After so many hosts that are like none before them, nothing is kept any more: each is of its own kind.
    private static var mostMisses: Int { 16 }

    private let state = Mutex(State())

    /// The result for the host of `scope`: that of a host like it, or what `make` comes to in the scope that it is given.
    ///
    /// - Parameter fits: Whether a result holds for what is no variable.
    /// - Throws: What `make` throws; errors are not kept.
    func value(
        in scope: TaskScope, fits: (Result) -> Bool = { _ in true }, make: (TaskScope) throws -> Result
    ) rethrows -> Result {
        let (known, isOff) = state.withLock { state in
            (state.known.first { fits($0.result) && $0.reads.hold(in: scope) }?.result, state.misses > Self.mostMisses)
        }
        if let known { return known }
        if isOff { return try make(scope) }
        let recorder = ScopeRecorder()
        let result = try make(scope.recorded(by: recorder))
        let reads = recorder.reads
        state.withLock { state in
            state.misses += 1
            guard let reads, state.misses <= Self.mostMisses else { return state.known = [] }
            if state.known.count < Self.mostKinds { state.known.append((reads, result)) }
        }
        return result
    }
}

/// What one task has come to on the hosts that it has met, for those that are like them.
final class SharedTask: Sendable {
    /// Parts of one item, or of a task without a loop.
    final class Item: Sendable {
        /// The condition that does not hold.
        let falseCondition = SharedResult<String?>()
        /// Which handlers and topics are told of a change.
        let notifications = SharedResult<[String]>()
        /// Whose rights are asked for, by the method that gives them.
        let rights = SharedResult<(method: Endpoint.BecomeMethod, settings: ConnectionSettings)>()
        /// The module with its arguments.
        let call = SharedResult<PreparedCall>()
    }

    /// The loop's items.
    let items = SharedResult<[Value?]>()
    private let parts = Mutex<[Item]>([])
    private let reachedAsPlay = Mutex<Bool?>(nil)
    /// Parts of further items are not kept.
    private static let mostItems = 1000

    /// Whether the task reaches its hosts as the play does; decided once.
    func isReachedAsPlay(or decide: @autoclosure () -> Bool) -> Bool {
        if let known = reachedAsPlay.withLock(\.self) { return known }
        let decided = decide()
        reachedAsPlay.withLock { $0 = decided }
        return decided
    }

    /// The parts of an item by its index.
    func item(_ index: Int) -> Item {
        guard index < Self.mostItems else { return Item() }
        return parts.withLock { parts in
            while parts.count <= index { parts.append(Item()) }
            return parts[index]
        }
    }
}
