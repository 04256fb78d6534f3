public import Fleet
import Foundation

extension EtcdJournal {
    /// Begins a run; see ``RunJournal``.
    public func begin(_ run: NewRun, under lease: Lease?, at: Timestamp) async throws(JournalError) -> RunRecord {
        let attempt = Marked<RunRecord>.newAttempt
        let sources = [.last(keys.runs), .key(keys.lastRun)] + leaseSource(lease)
        return try await using { store throws(EtcdFailure) in
            try await store.update(sources) { found throws(JournalError) in
                let latest: Marked<RunRecord>? = try store.held(found[0])
                if let latest, latest.attempt == attempt { return EtcdStore.Change(latest.record) }
                try self.check(lease, found.last ?? nil)
                let record = try self.record(of: run, after: latest?.record, found[1], at)
                var change = EtcdStore.Change(record)
                self.begin(record, attempt, in: &change)
                return change
            }.result
        }
    }

    /// Adds a line to an open run; see ``RunJournal``.
    @discardableResult
    public func append(
        _ kind: String, payload: String, to run: RunID, under lease: Lease?, at: Timestamp
    ) async throws(JournalError) -> JournalEntry {
        // As said here.
        guard (try? JSONSerialization.jsonObject(with: Data(payload.utf8), options: .fragmentsAllowed)) != nil else {
            throw JournalError(.storage, subject: place.description, "what is to be journaled is no JSON")
        }
        let attempt = Marked<JournalEntry>.newAttempt
        let sources = [.key(keys.run(run)), .last(keys.entries(run))] + leaseSource(lease)
        return try await using { store throws(EtcdFailure) in
            try await store.update(sources) { found throws(JournalError) in
                let latest: Marked<JournalEntry>? = try store.held(found[1])
                if let latest, latest.attempt == attempt { return EtcdStore.Change(latest.record) }
                try self.check(lease, found.last ?? nil)
                if let outcome = try self.existing(run, found[0]).record.outcome {
                    throw JournalError.runEnded(run, outcome)
                }
                let entry = JournalEntry(
                    run: run, sequence: try self.next(latest?.record.sequence ?? 0), at: at, kind: kind,
                    payload: payload)
                var change = EtcdStore.Change(entry)
                change.create(self.keys.entry(run, entry.sequence), Marked(record: entry, attempt: attempt))
                return change
            }.result
        }
    }

    /// Ends a run; see ``RunJournal``.
    public func finish(_ run: RunID, _ outcome: RunOutcome, at: Timestamp) async throws(JournalError) {
        try await using { store throws(EtcdFailure) in
            _ = try await store.update([.key(self.keys.run(run))]) { found throws(JournalError) in
                var marked = try self.existing(run, found[0])
                let record = marked.record
                if let earlier = record.outcome {
                    guard earlier == outcome else { throw JournalError.runEnded(run, earlier) }
                    return EtcdStore.Change(())
                }
                marked.record = RunRecord(
                    id: record.id, kind: record.kind, stage: record.stage, build: record.build, holder: record.holder,
                    startedAt: record.startedAt, endedAt: at, outcome: outcome)
                var change = EtcdStore.Change(())
                change.put(self.keys.run(run), marked)
                return change
            }
        }
    }

    /// Forgets old runs; see ``RunJournal``.
    @discardableResult
    public func pruneRuns(of stage: String, keeping kept: Int) async throws(JournalError) -> Int {
        let ended = try await runs(stage: stage, limit: .max).filter { !$0.isOpen }
        var named = Set(try await stages().compactMap(\.run))
        named.formUnion(try await evidence().map(\.run))
        let old = ended.dropFirst(max(0, kept)).map(\.id).filter { !named.contains($0) }
        try await using { store throws(EtcdFailure) in
            var change = EtcdStore.Change(())
            for run in old {
                change.delete(prefix: self.keys.entries(run))
                change.delete(self.keys.run(run))
            }
            try await store.change(change)
        }
        return old.count
    }

    /// One run; see ``RunJournal``.
    public func run(_ id: RunID) async throws(JournalError) -> RunRecord? {
        let pair = try await using { store throws(EtcdFailure) in try await store.pair(self.keys.run(id)) }
        return try store.held(pair, as: Marked<RunRecord>.self)?.record
    }

    /// The latest runs, newest first; see ``RunJournal``.
    public func runs(stage: String?, limit: Int) async throws(JournalError) -> [RunRecord] {
        guard limit > 0 else { return [] }
        @Sendable func records(_ pairs: [EtcdPair]) throws(JournalError) -> [RunRecord] {
            var records: [RunRecord] = []
            for pair in pairs { records.append(try self.store.decoded(pair, as: Marked<RunRecord>.self).record) }
            return records.filter { stage == nil || $0.stage == stage }
        }
        let pairs = try await using { store throws(EtcdFailure) in
            try await store.pairs(self.keys.runs, order: .descending) { found throws(JournalError) in
                limit < .max ? try records(found).count >= limit : false
            }
        }
        return Array(try records(pairs).prefix(limit))
    }

    /// A run's lines in order; see ``RunJournal``.
    public func entries(of run: RunID) async throws(JournalError) -> [JournalEntry] {
        let pairs = try await using { store throws(EtcdFailure) in try await store.pairs(self.keys.entries(run)) }
        return try decoded(pairs, Marked<JournalEntry>.self).map(\.record)
    }

    // MARK: parts of a change

    /// A run with the number after the last one's.
    func record(
        of run: NewRun, after latest: RunRecord?, _ counted: EtcdPair?, _ at: Timestamp
    ) throws(JournalError) -> RunRecord {
        let last = max(try number(counted), latest?.id.number ?? 0)
        return RunRecord(
            id: RunID(try next(last)), kind: run.kind, stage: run.stage, build: run.build, holder: run.holder,
            startedAt: at)
    }

    /// That a run is begun.
    func begin<Answer>(_ record: RunRecord, _ attempt: String, in change: inout EtcdStore.Change<Answer>) {
        change.create(keys.run(record.id), Marked(record: record, attempt: attempt))
        change.put(keys.lastRun, record.id.number)
    }

    private func leaseSource(_ lease: Lease?) -> [EtcdStore.Source] { lease.map { [.key(keys.lease($0.stage))] } ?? [] }

    /// Throws unless `lease` is what stands at the stage's key.
    private func check(_ lease: Lease?, _ found: EtcdPair?) throws(JournalError) {
        guard let lease else { return }
        let held = try held(lease.stage, found)
        guard held?.token == lease.token else { throw JournalError.leaseLost(lease, to: held?.lease(endingAt: now())) }
    }

    private func existing(_ run: RunID, _ found: EtcdPair?) throws(JournalError) -> Marked<RunRecord> {
        guard let found else { throw JournalError.unknownRun(run) }
        return try store.decoded(found)
    }

    /// The number that a key holds; 0 where it is not there.
    func number(_ pair: EtcdPair?) throws(JournalError) -> Int64 { try store.held(pair) ?? 0 }

    /// The number after `last`.
    func next(_ last: Int64) throws(JournalError) -> Int64 {
        let (next, isTooLarge) = last.addingReportingOverflow(1)
        guard !isTooLarge else { throw .etcdIsDamaged(place, keys.prefix, "holds a number that is out of range") }
        return next
    }

    /// What every pair holds.
    func decoded<Record: Decodable>(_ pairs: [EtcdPair], _ type: Record.Type) throws(JournalError) -> [Record] {
        var records: [Record] = []
        for pair in pairs { records.append(try store.decoded(pair)) }
        return records
    }
}
