import Synchronization

/// Lets a limited number through at once; the others wait in line, and whoever came first goes first.
///
/// A task that is cancelled leaves the line at once, and is not let through.
public final class AsyncSemaphore: Sendable {
    /// The right to go on. It ends with ``release()``, or when nobody holds it any more.
    public final class Permit: Sendable {
        private let semaphore: AsyncSemaphore
        private let isHeld = Atomic<Bool>(true)

        fileprivate init(of semaphore: AsyncSemaphore) { self.semaphore = semaphore }

        /// Lets the next in line through. Safe to repeat, and from any thread.
        public func release() {
            if isHeld.exchange(false, ordering: .relaxed) { semaphore.giveBack() }
        }

        deinit { release() }
    }

    private let line: Mutex<WaitingLine<CheckedContinuation<Bool, Never>>>

    /// A semaphore that lets `count` through at once, one at least.
    public init(_ count: Int) { line = Mutex(WaitingLine(free: max(1, count))) }

    /// Waits until fewer than the limit are through.
    /// - Returns: `nil` when the caller's task was cancelled before that.
    public nonisolated(nonsending) func acquire() async -> Permit? {
        if Task.isCancelled { return nil }
        guard let ticket = line.withLock({ $0.enter() }) else { return Permit(of: self) }
        let isThrough = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = line.withLock { $0.wait(with: ticket, continuation) }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            line.withLock { $0.leave(ticket) }?.resume(returning: false)
        }
        return isThrough ? Permit(of: self) : nil
    }

    /// How many wait.
    var waitingCount: Int { line.withLock { $0.count } }

    private func giveBack() { line.withLock { $0.giveBack() }?.resume(returning: true) }
}
