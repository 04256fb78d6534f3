public import Fleet
import GRDB

extension SQLiteJournal {
    /// Begins a run; see ``RunJournal``.
    public func begin(_ run: NewRun, under lease: Lease?, at: Timestamp) async throws(JournalError) -> RunRecord {
        try await write { database in
            try lease.map { try LeaseRow.check($0, in: database) }
            try database.execute(
                sql: "INSERT INTO run (kind, stage, build, holder, startedAt) VALUES (?, ?, ?, ?, ?)",
                arguments: [run.kind.rawValue, run.stage, run.build?.description, run.holder, at.milliseconds])
            return RunRecord(
                id: RunID(database.lastInsertedRowID), kind: run.kind, stage: run.stage, build: run.build,
                holder: run.holder, startedAt: at)
        }
    }

    /// Adds a line to an open run; see ``RunJournal``.
    @discardableResult
    public func append(
        _ kind: String, payload: String, to run: RunID, under lease: Lease?, at: Timestamp
    ) async throws(JournalError) -> JournalEntry {
        try await write { database in
            try lease.map { try LeaseRow.check($0, in: database) }
            let record = try RunRow.existing(run, in: database)
            if let outcome = record.outcome { throw JournalError.runEnded(run, outcome) }
            let last = try Int64.fetchOne(
                database, sql: "SELECT max(sequence) FROM entry WHERE run = ?", arguments: [run.number])
            let entry = JournalEntry(run: run, sequence: try LeaseRow.next(last), at: at, kind: kind, payload: payload)
            try EntryRow.add(entry, in: database)
            return entry
        }
    }

    /// Ends a run; see ``RunJournal``.
    public func finish(_ run: RunID, _ outcome: RunOutcome, at: Timestamp) async throws(JournalError) {
        try await write { database in
            let record = try RunRow.existing(run, in: database)
            if let earlier = record.outcome {
                if earlier == outcome { return }
                throw JournalError.runEnded(run, earlier)
            }
            try database.execute(
                sql: "UPDATE run SET outcome = ?, endedAt = ? WHERE id = ?",
                arguments: [outcome.rawValue, at.milliseconds, run.number])
        }
    }

    /// Forgets old runs; see ``RunJournal``.
    @discardableResult
    public func pruneRuns(of stage: String, keeping kept: Int) async throws(JournalError) -> Int {
        try await write { database in
            let old = try Int64.fetchAll(
                database,
                sql: """
                    SELECT id FROM run WHERE stage = ?1 AND outcome IS NOT NULL
                    AND id NOT IN (SELECT run FROM evidence)
                    AND id NOT IN (SELECT run FROM stage WHERE run IS NOT NULL)
                    AND id NOT IN (
                        SELECT id FROM run WHERE stage = ?1 AND outcome IS NOT NULL ORDER BY id DESC LIMIT ?2)
                    """, arguments: [stage, max(0, kept)])
            for run in old {
                try database.execute(sql: "DELETE FROM entry WHERE run = ?", arguments: [run])
                try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [run])
            }
            return old.count
        }
    }

    /// One run; see ``RunJournal``.
    public func run(_ id: RunID) async throws(JournalError) -> RunRecord? {
        try await read { try RunRow.find(id, in: $0) }
    }

    /// The latest runs, newest first; see ``RunJournal``.
    public func runs(stage: String?, limit: Int) async throws(JournalError) -> [RunRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM run WHERE ?1 IS NULL OR stage = ?1 ORDER BY id DESC LIMIT ?2",
                arguments: [stage, max(0, limit)]
            ).map(RunRow.record)
        }
    }

    /// A run's lines in order; see ``RunJournal``.
    public func entries(of run: RunID) async throws(JournalError) -> [JournalEntry] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM entry WHERE run = ? ORDER BY sequence", arguments: [run.number]
            ).map(EntryRow.record)
        }
    }
}

/// A row of `entry`.
enum EntryRow {
    static func record(_ row: Row) -> JournalEntry {
        JournalEntry(
            run: RunID(row["run"] as Int64), sequence: row["sequence"], at: Timestamp(milliseconds: row["at"]),
            kind: row["kind"], payload: row["payload"])
    }

    static func add(_ entry: JournalEntry, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO entry (run, sequence, at, kind, payload) VALUES (?, ?, ?, ?, ?)",
            arguments: [entry.run.number, entry.sequence, entry.at.milliseconds, entry.kind, entry.payload])
    }
}

/// A row of `run`.
enum RunRow {
    static func find(_ id: RunID, in database: Database) throws -> RunRecord? {
        try Row.fetchOne(database, sql: "SELECT * FROM run WHERE id = ?", arguments: [id.number]).map(record)
    }

    static func existing(_ id: RunID, in database: Database) throws -> RunRecord {
        guard let record = try find(id, in: database) else { throw JournalError.unknownRun(id) }
        return record
    }

    static func add(_ run: RunRecord, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO run (id, kind, stage, build, holder, startedAt, endedAt, outcome)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                run.id.number, run.kind.rawValue, run.stage, run.build?.description, run.holder,
                run.startedAt.milliseconds, run.endedAt?.milliseconds, run.outcome?.rawValue,
            ])
    }

    static func record(_ row: Row) throws -> RunRecord {
        RunRecord(
            id: RunID(row["id"] as Int64), kind: RunKind(rawValue: row["kind"]), stage: row["stage"],
            build: try row.digest("build"), holder: row["holder"], startedAt: Timestamp(milliseconds: row["startedAt"]),
            endedAt: (row["endedAt"] as Int64?).map { Timestamp(milliseconds: $0) },
            outcome: (row["outcome"] as String?).map { RunOutcome(rawValue: $0) })
    }
}
