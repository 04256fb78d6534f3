public import Fleet

/// A lease as it stands in etcd, bound to one of etcd's own leases, which removes it when nobody renews it.
struct EtcdHeldLease {
    /// What the key holds.
    struct Record: Codable {
        var holder: String
        /// The least token that it may have: one above all that were given out or seen.
        var floor: Int64
        /// The token, where the lease is a former one that is held again.
        var token: Int64?
        var attempt: String
    }

    let stage: String
    let record: Record
    /// etcd's number of the lease that keeps the key.
    let lease: EtcdNumber
    /// The fencing token. The revision at which a key was made grows with every holder.
    let token: Int64

    init(_ stage: String, _ record: Record, createdAt revision: Int64, _ lease: EtcdNumber) {
        (self.stage, self.record, self.lease) = (stage, record, lease)
        token = record.token ?? max(record.floor, revision)
    }

    func lease(endingAt end: Timestamp) -> Lease {
        Lease(stage: stage, token: token, holder: record.holder, expiresAt: end)
    }
}

extension EtcdJournal {
    /// Takes the right to change a stage; see ``RunJournal``. etcd counts its time, whatever `now` is.
    public func acquireLease(
        stage: String, holder: String, timeToLive: Duration, now: Timestamp
    ) async throws(JournalError) -> Lease {
        try await take(stage, holder, timeToLive, now) { held throws(EtcdFailure) in
            guard let held else { return }
            throw .refused(.leaseHeld(held.lease(endingAt: now + (try await self.timeLeft(held) ?? .zero)), now: now))
        }
    }

    /// Takes a lease over before its end; see ``RunJournal``.
    public func seize(
        _ lease: Lease, holder: String, timeToLive: Duration, now: Timestamp
    ) async throws(JournalError) -> Lease {
        try await see(token: lease.token, stage: lease.stage)
        return try await take(lease.stage, holder, timeToLive, now) { held throws(EtcdFailure) in
            guard let held, let left = try await self.timeLeft(held) else { return }
            let isRenewed = now + left > lease.expiresAt + Self.slack
            guard held.token != lease.token || isRenewed else { return }
            throw .refused(.leaseHeld(held.lease(endingAt: now + left), now: now))
        }
    }

    /// By how much the end of a lease that nobody renews seems to move: etcd tells whole seconds.
    private static let slack = Duration.milliseconds(1500)

    private func take(
        _ stage: String, _ holder: String, _ timeToLive: Duration, _ now: Timestamp,
        unless isHeld: @escaping @Sendable (EtcdHeldLease?) async throws(EtcdFailure) -> Void
    ) async throws(JournalError) -> Lease {
        let attempt = Marked<Lease>.newAttempt
        return try await using { store throws(EtcdFailure) in
            let earlier = try await self.held(stage)
            try await isHeld(earlier)
            let granted = try await self.grant(timeToLive)
            let (record, revision) = try await store.update([
                .key(self.keys.lease(stage)), .key(self.keys.token(stage)),
            ]) {
                found throws(JournalError) in
                let held = try self.held(stage, found[0])
                if let held, held.record.attempt == attempt { return EtcdStore.Change(held.record) }
                // Somebody else was faster.
                if let held, held.token != earlier?.token {
                    throw .leaseHeld(held.lease(endingAt: now + timeToLive), now: now)
                }
                let floor = try self.next(max(try self.number(found[1]), held?.token ?? 0))
                let record = EtcdHeldLease.Record(holder: holder, floor: floor, token: nil, attempt: attempt)
                var change = EtcdStore.Change(record)
                if held != nil {
                    // A key that was there keeps the revision at which it was made.
                    change.result.token = floor
                    change.put(self.keys.token(stage), floor)
                }
                change.put(self.keys.lease(stage), change.result, lease: granted)
                return change
            }
            let lease = EtcdHeldLease(stage, record, createdAt: revision, granted).lease(endingAt: now + timeToLive)
            try await self.note(lease.token, of: stage)
            return lease
        }
    }

    /// Moves a lease's end; see ``RunJournal``.
    public func renew(_ lease: Lease, timeToLive: Duration, now: Timestamp) async throws(JournalError) -> Lease {
        let renewed = Lease(
            stage: lease.stage, token: lease.token, holder: lease.holder, expiresAt: now + timeToLive)
        return try await using { store throws(EtcdFailure) in
            if let held = try await self.held(lease.stage), held.token == lease.token {
                let request = EtcdLeaseRequest(id: held.lease)
                let answer: EtcdStreamed<EtcdLeaseAnswer> = try await store.client.call("lease/keepalive", request)
                if answer.result.timeToLive != nil { return renewed }
            }
            try await self.holdAgain(lease, timeToLive)
            return renewed
        }
    }

    /// A lease whose time is over belongs to its last holder until somebody else takes it.
    private func holdAgain(_ lease: Lease, _ timeToLive: Duration) async throws(EtcdFailure) {
        let (stage, attempt) = (lease.stage, Marked<Lease>.newAttempt)
        let granted = try await grant(timeToLive)
        try await store.update([.key(keys.lease(stage)), .key(keys.token(stage))]) { found throws(JournalError) in
            let held = try self.held(stage, found[0])
            if let held, held.record.attempt == attempt { return EtcdStore.Change(()) }
            guard held == nil, try self.number(found[1]) == lease.token else {
                throw JournalError.leaseLost(lease, to: held?.lease(endingAt: self.now()))
            }
            var change = EtcdStore.Change(())
            let record = EtcdHeldLease.Record(
                holder: lease.holder, floor: lease.token, token: lease.token, attempt: attempt)
            change.put(self.keys.lease(stage), record, lease: granted)
            return change
        }
    }

    /// Gives a lease back; see ``RunJournal``.
    public func release(_ lease: Lease) async throws(JournalError) {
        try await using { store throws(EtcdFailure) in
            let held = try await store.update([.key(self.keys.lease(lease.stage))]) { found throws(JournalError) in
                let held = try self.held(lease.stage, found[0])
                var change = EtcdStore.Change(held)
                if held?.token == lease.token { change.delete(self.keys.lease(lease.stage)) }
                return change
            }.result
            guard let held, held.token == lease.token else { return }
            do throws(EtcdFailure) {
                let _: EtcdNothing = try await store.client.call("lease/revoke", EtcdLeaseRequest(id: held.lease))
            } catch .leaseGone {
                // It was over already.
            }
        }
    }

    /// The lease on a stage; see ``RunJournal``. One whose time is over is not there any more.
    public func lease(stage: String) async throws(JournalError) -> Lease? {
        try await using { store throws(EtcdFailure) in
            guard let held = try await self.held(stage), let left = try await self.timeLeft(held) else { return nil }
            return held.lease(endingAt: self.now() + left)
        }
    }

    // MARK: tokens

    /// Notes a token that somebody has seen; see ``RunJournal``.
    public func see(token: Int64, stage: String) async throws(JournalError) {
        try await using { _ throws(EtcdFailure) in try await self.note(token, of: stage, endingSmaller: true) }
    }

    /// The greatest token; see ``RunJournal``.
    public func lastToken(stage: String) async throws(JournalError) -> Int64 {
        try await using { store throws(EtcdFailure) in
            let noted = try await store.pair(self.keys.token(stage))
            let held = try await self.held(stage)
            return try EtcdFailure.refusing { () throws(JournalError) in
                max(try self.number(noted), held?.token ?? 0)
            }
        }
    }

    private func note(_ token: Int64, of stage: String, endingSmaller: Bool = false) async throws(EtcdFailure) {
        try await store.update([.key(keys.token(stage)), .key(keys.lease(stage))]) { found throws(JournalError) in
            var change = EtcdStore.Change(())
            if token > (try self.number(found[0])) { change.put(self.keys.token(stage), token) }
            // Whoever held a smaller one has lost it.
            if endingSmaller, let held = try self.held(stage, found[1]), held.token < token {
                change.delete(self.keys.lease(stage))
            }
            return change
        }
    }

    // MARK: etcd's leases

    /// The lease that a pair holds.
    func held(_ stage: String, _ pair: EtcdPair?) throws(JournalError) -> EtcdHeldLease? {
        guard let pair else { return nil }
        let record: EtcdHeldLease.Record = try store.decoded(pair)
        return EtcdHeldLease(stage, record, createdAt: pair.createRevision.value, pair.lease ?? EtcdNumber(0))
    }

    private func held(_ stage: String) async throws(EtcdFailure) -> EtcdHeldLease? {
        let pair = try await store.pair(keys.lease(stage))
        return try EtcdFailure.refusing { () throws(JournalError) in try held(stage, pair) }
    }

    private func grant(_ timeToLive: Duration) async throws(EtcdFailure) -> EtcdNumber {
        let seconds = max(1, (timeToLive.wholeMilliseconds + 999) / 1000)
        let request = EtcdLeaseRequest(timeToLive: EtcdNumber(seconds))
        let answer: EtcdLeaseAnswer = try await store.client.call("lease/grant", request)
        return answer.id ?? EtcdNumber(0)
    }

    /// How long a lease has left, in whole seconds; `nil` when it is over.
    private func timeLeft(_ held: EtcdHeldLease) async throws(EtcdFailure) -> Duration? {
        let answer: EtcdLeaseAnswer = try await store.client.call("lease/timetolive", EtcdLeaseRequest(id: held.lease))
        // The last second is a zero, and left out.
        let seconds = answer.timeToLive?.value ?? 0
        return seconds < 0 ? nil : .seconds(seconds)
    }
}
