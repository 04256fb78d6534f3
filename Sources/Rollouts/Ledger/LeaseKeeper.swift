import Fleet

/// Holds a stage's lease for the length of some work, and renews it meanwhile: in the journal, and on the stage's hosts and
/// balancers, which are what others from elsewhere see.
struct LeaseKeeper: Sendable {
    /// How a lease is asked for.
    struct Terms: Sendable {
        /// What for, such as `rollout`.
        var purpose = "change"
        /// Why it is taken where no more than half of the hosts and balancers answer; `nil` where it is not.
        var force: String?
        /// For how long another holder is waited for.
        var wait: Duration = .zero
    }

    private let journal: any RunJournal
    private let openNotes: (@Sendable (_ token: Int64) -> StageNotes)?
    private let holder: String
    private let timeToLive: Duration
    private let heartbeat: Duration
    private let now: @Sendable () -> Timestamp
    private let sleep: @Sendable (Duration) async throws -> Void
    private let watching: @Sendable (Lease, Duration) -> Void
    private let heard: @Sendable ([RolloutRequest]) -> Void

    /// - Parameters:
    ///   - notes: What stands on hosts and balancers, written under a token; `nil` for the journal alone.
    ///   - holder: Who this is, such as `user@machine:pid`.
    ///   - timeToLive: How long a vanished holder keeps others out.
    ///   - heartbeat: How often the lease is renewed.
    ///   - heard: Told what is asked of the holder, at each renewal.
    ///   - watching: Told before a lease of which this clock makes no sense is watched, and for how long.
    init(
        journal: any RunJournal, notes: (@Sendable (_ token: Int64) -> StageNotes)? = nil, holder: String,
        timeToLive: Duration = .seconds(30),
        heartbeat: Duration = .seconds(10), now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        watching: @escaping @Sendable (Lease, Duration) -> Void = { _, _ in },
        heard: @escaping @Sendable ([RolloutRequest]) -> Void = { _ in }
    ) {
        self.journal = journal
        openNotes = notes
        self.holder = holder
        self.timeToLive = timeToLive
        self.heartbeat = heartbeat
        self.now = now
        self.sleep = sleep
        self.watching = watching
        self.heard = heard
    }

    /// Does `work` under the lease on `stage`, then gives it back.
    ///
    /// A lease of the journal that ends later than any can was left, or is held, by a machine with another time. Its end says
    /// nothing here; so it is watched for as long as a lease lasts, and taken over unless somebody renews it.
    ///
    /// - Parameters:
    ///   - isDead: Whether a lease's holder is known not to live any more, so that its time need not be waited for.
    ///   - work: Is given the lease, and what stood on hosts and balancers when it was taken.
    /// - Throws: ``JournalError`` `.leaseHeld`; `.leaseLost` when it could not be renewed, and `work` was cancelled;
    ///   ``StageError`` `.noMajority`; ``RolloutError`` for what stands on a host and cannot be read; what `work` throws.
    @discardableResult
    func hold<Answer: Sendable>(
        _ stage: String, _ terms: Terms = Terms(), isDead: @Sendable (Lease) -> Bool = { _ in false },
        _ work: @escaping @Sendable (Lease, StageNotes.Answers) async throws -> Answer
    ) async throws -> Answer {
        let (lease, answers) = try await patiently(terms) { try await take(stage, terms, isDead: isDead) }
        let outcome = await Result { () async throws in
            try await renewing(lease, terms) { try await work(lease, answers) }
        }
        do { try await giveBack(lease) } catch {
            // After a failure of the work, that is the one to tell; the lease ends by itself.
            if case .success = outcome { throw error }
        }
        return try outcome.get()
    }

    /// Tries again for as long as the terms say while another holds it.
    private func patiently<Answer>(_ terms: Terms, _ attempt: () async throws -> Answer) async throws -> Answer {
        var left = terms.wait
        while true {
            do {
                return try await attempt()
            } catch let error as JournalError where error.code == .leaseHeld && left > .zero {
                try await sleep(min(.seconds(1), left))
                left -= .seconds(1)
            }
        }
    }

    // MARK: taking

    private func take(
        _ stage: String, _ terms: Terms, isDead: @Sendable (Lease) -> Bool
    ) async throws -> (Lease, StageNotes.Answers) {
        guard let openNotes else { return (try await takeFromJournal(stage, isDead: isDead), StageNotes.Answers()) }
        let seen = try await openNotes(0).read()
        let standing = seen.lease
        if let held = standing?.asLease(at: now()), !isDead(held) { throw JournalError.leaseHeld(held, now: now()) }
        try await journal.see(token: seen.token, stage: stage)
        let lease = try await takeFromJournal(stage, isDead: isDead)
        do {
            let answers = try await openNotes(lease.token).take(
                onHosts(lease, terms), replacing: standing?.lease.token, silent: seen.silent,
                isForced: terms.force != nil)
            return (lease, answers)
        } catch let conflict as LeaseConflict {
            try await journal.release(lease)
            throw JournalError.leaseHeld(conflict.other.asLease(at: now()), now: now())
        } catch let error as RolloutError where error.code == .fenced {
            try await journal.release(lease)
            throw JournalError.leaseRaced(stage, error)
        } catch {
            // The first error is the one to tell; the lease ends by itself.
            try? await journal.release(lease)
            throw error
        }
    }

    private func onHosts(_ lease: Lease, _ terms: Terms) -> StageLease {
        StageLease(
            stage: lease.stage, token: lease.token, holder: holder, purpose: terms.purpose, timeToLive: timeToLive)
    }

    private func takeFromJournal(_ stage: String, isDead: @Sendable (Lease) -> Bool) async throws -> Lease {
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

    // MARK: holding

    /// The lease on `stage` that others see; `nil` when nobody holds it.
    func lease(_ stage: String) async throws -> Lease? {
        if let standing = try await openNotes?(0).read().lease { return standing.asLease(at: now()) }
        return try await journal.lease(stage: stage)
    }

    /// Whether `lease` is renewed while one heartbeat and a bit go by, or as often as fit into `time`.
    func isAlive(_ lease: Lease, within time: Duration? = nil) async throws -> Bool {
        let whole = time ?? heartbeat + heartbeat / 4
        watching(lease, whole)
        var left = whole
        while left > .zero {
            try await sleep(min(left, heartbeat / 4))
            left -= heartbeat / 4
            guard let current = try await self.lease(lease.stage) else { return true }
            // Hosts count whole seconds.
            let isRenewed = openNotes == nil ? current != lease : current.expiresAt - lease.expiresAt > .seconds(3)
            if isRenewed || current.token != lease.token { return true }
        }
        return false
    }

    private func renewing<Answer: Sendable>(
        _ lease: Lease, _ terms: Terms, _ work: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                // When all is cancelled, the work says how it ended.
                do { try await keepRenewing(lease, terms) } catch is CancellationError { return nil }
                return nil
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let finished { return finished }
            }
            throw CancellationError()
        }
    }

    private func keepRenewing(_ lease: Lease, _ terms: Terms) async throws {
        var missed = 0
        while true {
            try await sleep(heartbeat)
            try Task.checkCancellation()
            _ = try await journal.renew(lease, timeToLive: timeToLive, now: now())
            guard let notes = openNotes?(lease.token) else { continue }
            let isHeld: Bool
            do {
                let answer = try await notes.renew(onHosts(lease, terms))
                isHeld = answer.isHeld
                if !answer.requests.isEmpty { heard(answer.requests) }
            } catch let error as RolloutError where error.code == .fenced {
                throw JournalError.leaseLost(lease, to: try await notes.read().lease?.asLease(at: now()))
            }
            missed = isHeld || terms.force != nil ? 0 : missed + 1
            if heartbeat * missed >= timeToLive { throw JournalError.leaseIsAlone(lease, for: heartbeat * missed) }
        }
    }

    /// Runs in a task of its own, awaited here: a cancelled caller gives its lease back all the same.
    private func giveBack(_ lease: Lease) async throws {
        try await Task {
            await openNotes?(lease.token).release(lease.token)
            try await journal.release(lease)
        }.value
    }
}
