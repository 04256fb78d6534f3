import Fleet

/// What Ctrl-C means while something is done: the first time, stop after what is in hand; the second time, stop now. SIGTERM
/// and SIGHUP mean the same.
struct SignalHandling {
    let terminal: Terminal
    /// Raised at the first signal. Work without one changes nothing: the first signal stops it now.
    var stop: StopSignal?
    /// What is said when the stop signal is raised.
    var stopping: @Sendable () -> String = { "stopping after the hosts in hand; press Ctrl-C again to stop now" }
    /// What is said when the work is cancelled, if anything.
    var cancelling: String?

    private enum Turn<Answer: Sendable>: Sendable {
        case done(Answer)
        case cancelled
        case unheard
    }

    /// Does `work` and gives its answer. Where it is cancelled, what it then throws or gives says how it was left; a signal
    /// after that ends this program.
    func during<Answer: Sendable>(_ work: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        // Before anything is done: work that has begun must not be ended by a signal that nobody heard.
        let signals = HeardSignals.shared.listen()
        return try await withThrowingTaskGroup(of: Turn<Answer>.self) { group in
            group.addTask { .done(try await work()) }
            group.addTask {
                for await _ in signals {
                    guard let stop, !stop.wasRaised else { return .cancelled }
                    stop.raise()
                    terminal.tell(stopping())
                }
                return .unheard
            }
            defer { group.cancelAll() }
            while let turn = try await group.next() {
                switch turn {
                case .done(let answer): return answer
                case .cancelled:
                    if let cancelling { terminal.tell(cancelling) }
                    group.cancelAll()
                case .unheard: break
                }
            }
            throw CancellationError()
        }
    }
}
