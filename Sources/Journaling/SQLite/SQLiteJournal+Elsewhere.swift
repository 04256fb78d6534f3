public import Fleet
import GRDB

/// What was done elsewhere.
extension SQLiteJournal {
    /// Begins such a run once; see ``RunJournal``.
    public func note(
        _ run: NewRun, begunAt: Timestamp, line: (kind: String, payload: String)?
    ) async throws(JournalError) -> (run: RunRecord, isNew: Bool) {
        // One transaction: of two that learn of it at the same moment, one finds what the other wrote.
        try await write { database in
            let known = try Row.fetchOne(
                database, sql: "SELECT * FROM run WHERE stage = ? AND holder = ? AND startedAt = ? AND kind = ?",
                arguments: [run.stage, run.holder, begunAt.milliseconds, run.kind.rawValue])
            if let known { return (try RunRow.record(known), false) }
            try database.execute(
                sql: "INSERT INTO run (kind, stage, build, holder, startedAt) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    run.kind.rawValue, run.stage, run.build?.description, run.holder, begunAt.milliseconds,
                ])
            let record = RunRecord(
                id: RunID(database.lastInsertedRowID), kind: run.kind, stage: run.stage, build: run.build,
                holder: run.holder, startedAt: begunAt)
            if let line {
                try EntryRow.add(
                    JournalEntry(run: record.id, sequence: 1, at: begunAt, kind: line.kind, payload: line.payload),
                    in: database)
            }
            return (record, true)
        }
    }
}
