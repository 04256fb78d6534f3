import Synchronization

/// Something that may happen at any time, and those who wait for it.
public final class Doorbell: Sendable {
    private struct State {
        var isRung = false
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var visitors = 0
    }

    private let state = Mutex(State())

    /// A bell that nobody has rung.
    public init() {}

    /// Lets everybody go on who waits, or comes to wait before it is silenced.
    public func ring() {
        let waiting = state.withLock { state in
            state.isRung = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for visitor in waiting { visitor.resume() }
    }

    /// Has whoever comes from now on wait for the next ring.
    public func silence() { state.withLock { $0.isRung = false } }

    /// Whether it was rung, and not silenced since.
    public var isRung: Bool { state.withLock { $0.isRung } }

    /// Waits until it is rung; not at all where it was. A cancelled wait ends at once.
    public func wait() async {
        let visitor = state.withLock { state in
            state.visitors += 1
            return state.visitors
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.isRung || Task.isCancelled { return true }
                    state.waiting[visitor] = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: visitor) }?.resume()
        }
    }
}
