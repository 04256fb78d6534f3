public import Fleet

/// What was done elsewhere.
extension EtcdJournal {
    /// Begins such a run once; see ``RunJournal``.
    public func note(
        _ run: NewRun, begunAt: Timestamp, line: (kind: String, payload: String)?
    ) async throws(JournalError) -> (run: RunRecord, isNew: Bool) {
        let attempt = Marked<RunRecord>.newAttempt
        while true {
            // As long as this key stays as it is, no run is begun.
            let counted = try await using { store throws(EtcdFailure) in try await store.pair(self.keys.lastRun) }
            let known = try await runs(stage: run.stage, limit: .max).first {
                ($0.holder, $0.startedAt) == (run.holder, begunAt) && $0.kind == run.kind
            }
            if let known { return (known, false) }
            if let made = try await note(run, begunAt, line, attempt, while: counted) { return (made, true) }
        }
    }

    /// The run; `nil` when another one was begun since `counted` was read.
    private func note(
        _ run: NewRun, _ begunAt: Timestamp, _ line: (kind: String, payload: String)?, _ attempt: String,
        while counted: EtcdPair?
    ) async throws(JournalError) -> RunRecord? {
        try await using { store throws(EtcdFailure) in
            try await store.update([.last(self.keys.runs), .key(self.keys.lastRun)]) {
                found throws(JournalError) -> EtcdStore.Change<RunRecord?> in
                let latest: Marked<RunRecord>? = try store.held(found[0])
                if let latest, latest.attempt == attempt { return EtcdStore.Change(latest.record) }
                guard found[1]?.modRevision == counted?.modRevision else { return EtcdStore.Change(nil) }
                let record = try self.record(of: run, after: latest?.record, found[1], begunAt)
                var change = EtcdStore.Change<RunRecord?>(record)
                self.begin(record, attempt, in: &change)
                if let line {
                    let entry = JournalEntry(
                        run: record.id, sequence: 1, at: begunAt, kind: line.kind, payload: line.payload)
                    change.create(self.keys.entry(record.id, 1), Marked(record: entry, attempt: attempt))
                }
                return change
            }.result
        }
    }
}
