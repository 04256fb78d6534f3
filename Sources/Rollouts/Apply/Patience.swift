import Fleet
import Synchronization

/// How long those who say nothing are waited for, when many are asked at once: longer where the others are slow.
final class Patience: Sendable {
    private let clock: any Clock<Duration>
    private let least: Duration
    private let most: Duration
    private let slowest = Mutex(Duration.zero)

    /// - Parameter least: Enough where round trips take up to 300 ms, unless said otherwise: connecting takes seven of them.
    init(_ clock: any Clock<Duration>, least: Duration = .milliseconds(2200), most: Duration = .seconds(5)) {
        self.clock = clock
        self.least = least
        self.most = max(least, most)
    }

    /// What `work` gives, or `late` of how long it was waited for.
    func bounded<Answer: Sendable>(
        _ late: @escaping @Sendable (_ after: Duration) -> Answer, _ work: @escaping @Sendable () async -> Answer
    ) async -> Answer {
        let elapsed = clock.stopwatch()
        return await withTaskGroup(of: Answer.self) { group in
            group.addTask { [self] in
                let answer = await work()
                slowest.withLock { $0 = max($0, elapsed()) }
                return answer
            }
            group.addTask { [self] in late(await silence()) }
            defer { group.cancelAll() }
            return await group.next() ?? late(elapsed())
        }
    }

    /// Waits as long as is waited for anybody; cancelled as soon as there is an answer.
    private func silence() async -> Duration {
        // Cancelled with the work's answer, and then of no account.
        try? await clock.sleep(for: least)
        let whole = slowest.withLock { min(most, max(least, $0 * 4)) }
        // As above.
        if whole > least { try? await clock.sleep(for: whole - least) }
        return whole
    }
}
