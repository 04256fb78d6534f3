public import Fleet

/// Holds a stage's lease for the length of some work, and renews it meanwhile.
public struct LeaseKeeper: Sendable {
    private let journal: any RunJournal
    private let holder: String
    private let timeToLive: Duration
    private let heartbeat: Duration
    private let now: @Sendable () -> Timestamp
    private let sleep: @Sendable (Duration) async throws -> Void
    private let watching: @Sendable (Lease, Duration) -> Void

    /// - Parameters:
    ///   - holder: Who this is, such as `user@machine:pid`.
    ///   - timeToLive: How long a vanished holder keeps others out.
    ///   - heartbeat: How often the lease is renewed.
    ///   - watching: Told before a lease of which this clock makes no sense is watched, and for how long.
    public init(
        journal: any RunJournal, holder: String, timeToLive: Duration = .seconds(30),
        heartbeat: Duration = .seconds(10), now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        watching: @escaping @Sendable (Lease, Duration) -> Void = { _, _ in }
    ) {
        self.journal = journal
        self.holder = holder
        self.timeToLive = timeToLive
        self.heartbeat = heartbeat
        self.now = now
        self.sleep = sleep
        self.watching = watching
    }

    /// Does `work` under the lease on `stage`, then gives it back.
    ///
    /// A lease that ends later than any can was left, or is held, by a machine with another time. Its end says nothing
    /// here; so it is watched for as long as a lease lasts, and taken over unless somebody renews it.
    ///
    /// - Parameter isDead: Whether a lease's holder is known not to live any more, so that its time need not be
    ///   waited for.
    /// - Throws: ``JournalError`` `.leaseHeld`; `.leaseLost` when it could not be renewed, and `work` was cancelled;
    ///   what `work` throws.
    @discardableResult
    public func hold<Answer: Sendable>(
        _ stage: String, isDead: @Sendable (Lease) -> Bool = { _ in false },
        _ work: @escaping @Sendable (Lease) async throws -> Answer
    ) async throws -> Answer {
        let lease = try await take(stage, isDead: isDead)
        let outcome = await attempt(lease, work)
        do { try await giveBack(lease) } catch {
            // After a failure of the work, that is the one to tell; the lease ends by itself.
            if case .success = outcome { throw error }
        }
        return try outcome.get()
    }

    /// Whether `lease` is renewed while one heartbeat and a bit go by, or as often as fit into `time`.
    public func isAlive(_ lease: Lease, within time: Duration? = nil) async throws -> Bool {
        let whole = time ?? heartbeat + heartbeat / 4
        watching(lease, whole)
        var left = whole
        while left > .zero {
            try await sleep(min(left, heartbeat / 4))
            left -= heartbeat / 4
            if try await journal.lease(stage: lease.stage) != lease { return true }
        }
        return false
    }

    private func take(_ stage: String, isDead: @Sendable (Lease) -> Bool) async throws -> Lease {
        if let left = try await journal.lease(stage: stage) {
            if isDead(left) {
                try await journal.release(left)
            } else if left.expiresAt > now() + (timeToLive + Self.tolerance) {
                return try await takeOver(left)
            }
        }
        return try await journal.acquireLease(stage: stage, holder: holder, timeToLive: timeToLive, now: now())
    }

    /// By how much clocks may differ before a lease's end is not believed.
    private static let tolerance = Duration.seconds(5)

    private func takeOver(_ left: Lease) async throws -> Lease {
        guard try await isAlive(left, within: timeToLive) else {
            return try await journal.seize(left, holder: holder, timeToLive: timeToLive, now: now())
        }
        guard let other = try await journal.lease(stage: left.stage) else {
            return try await journal.acquireLease(
                stage: left.stage, holder: holder, timeToLive: timeToLive, now: now())
        }
        throw JournalError.leaseIsAlive(other, timeToLive: timeToLive, now: now())
    }

    private func attempt<Answer: Sendable>(
        _ lease: Lease, _ work: @escaping @Sendable (Lease) async throws -> Answer
    ) async -> Result<Answer, any Error> {
        do { return .success(try await renewing(lease) { try await work(lease) }) } catch { return .failure(error) }
    }

    private func renewing<Answer: Sendable>(
        _ lease: Lease, _ work: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while true {
                    // When all is cancelled, the work says how it ended.
                    do { try await sleep(heartbeat) } catch is CancellationError { return nil }
                    _ = try await journal.renew(lease, timeToLive: timeToLive, now: now())
                }
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let finished { return finished }
            }
            throw CancellationError()
        }
    }

    /// Runs in a task of its own, awaited here: a cancelled caller gives its lease back all the same.
    private func giveBack(_ lease: Lease) async throws {
        try await Task { try await journal.release(lease) }.value
    }
}
