import Fleet

/// Says how long something takes: in the last line where a person watches, elsewhere in a line now and then.
struct ElapsedProgress<Time: Clock>: Sendable where Time.Duration == Duration {
    let clock: Time
    /// How often it is said.
    let pause: Duration
    /// What is being done.
    let what: String
    let say: @Sendable (String) -> Void

    /// Does `work`, and says so until it is done.
    func during<Answer: Sendable>(_ work: @Sendable @escaping () async throws -> Answer) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask {
                await tell()
                return nil
            }
            group.addTask { try await work() }
            defer { group.cancelAll() }
            while let answer = try await group.next() {
                if let answer { return answer }
            }
            throw CancellationError()
        }
    }

    private func tell() async {
        let begun = clock.now
        // Cancelled when the work is done.
        while (try? await clock.sleep(for: pause)) != nil {
            say("\(what): \(begun.duration(to: clock.now).inSeconds)")
        }
    }
}

extension Terminal {
    /// Does `work`, and says how long `what` takes until it is done.
    func during<Answer: Sendable>(
        _ what: String, _ work: @Sendable @escaping () async throws -> Answer
    ) async throws -> Answer {
        let progress = ElapsedProgress(
            clock: ContinuousClock(), pause: isInteractive ? .seconds(1) : .seconds(5), what: what,
            say: { line in if isInteractive { show(progress: line) } else { say(line) } })
        return try await progress.during(work)
    }
}
