import Synchronization

/// An answer to one question that many ask at once: whoever asks while it is being asked shares the next answer with all who
/// came meanwhile. So nobody gets what was asked before they wanted to know, and it is not asked once for each of them.
public final class SharedAnswer<Answer: Sendable>: Sendable {
    private final class Round: Sendable {
        private let state = Mutex<(waiting: Int, task: Task<Answer, Never>?)>((0, nil))

        func begin(_ task: Task<Answer, Never>) { state.withLock { $0.task = task } }

        var isAbandoned: Bool { state.withLock { $0.task?.isCancelled == true } }

        func answer() async -> Answer? {
            let task = state.withLock { state in
                state.waiting += 1
                return state.task
            }
            return await withTaskCancellationHandler {
                await task?.value
            } onCancel: {
                leave()
            }
        }

        /// Nobody wants to know any more when all have been cancelled.
        private func leave() {
            state.withLock { state in
                state.waiting -= 1
                if state.waiting == 0 { state.task?.cancel() }
            }
        }
    }

    private let question: @Sendable () async -> Answer
    private let turn = AsyncLock()
    /// Those that wait for the next time that it is asked.
    private let next = Mutex<Round?>(nil)

    /// - Parameter question: Asks it, one at a time.
    public init(_ question: @escaping @Sendable () async -> Answer) { self.question = question }

    /// An answer to the question, asked from now on.
    public func callAsFunction() async -> Answer {
        // A round always has its task; a turn that nobody may cancel always comes.
        if let answer = await round().answer() { return answer }
        return await question()
    }

    private func round() -> Round {
        next.withLock { next in
            if let next, !next.isAbandoned { return next }
            let round = Round()
            // Several tasks share it, so that it is none of theirs; it ends with the question, or when all are cancelled.
            round.begin(Task { await self.ask() })
            next = round
            return round
        }
    }

    private func ask() async -> Answer {
        do {
            return try await turn.withLock(cancelled: CancellationError()) { () async throws(CancellationError) in
                next.withLock { $0 = nil }
                return await question()
            }
        } catch {
            next.withLock { $0 = nil }
            return await question()
        }
    }
}
