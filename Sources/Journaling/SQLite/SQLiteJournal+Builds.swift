public import Fleet
import GRDB

extension SQLiteJournal {
    /// Records a build; see ``RunJournal``.
    @discardableResult
    public func add(_ build: BuildRecord) async throws(JournalError) -> BuildRecord {
        try await write { try BuildRow.add(build, in: $0) }
    }

    /// Builds by the beginning of their digest, newest first; see ``RunJournal``.
    public func builds(prefix: String) async throws(JournalError) -> [BuildRecord] {
        try await read { try BuildRow.find(prefix: prefix, in: $0) }
    }

    /// Forgets a build and what it passed; see ``RunJournal``.
    public func remove(_ build: BuildDigest) async throws(JournalError) {
        try await write { database in
            try database.execute(sql: "DELETE FROM evidence WHERE build = ?", arguments: [build.description])
            try database.execute(sql: "DELETE FROM build WHERE digest = ?", arguments: [build.description])
        }
    }

    /// What every stage runs; see ``RunJournal``.
    public func stages() async throws(JournalError) -> [StageRecord] {
        try await read { try Row.fetchAll($0, sql: "SELECT * FROM stage ORDER BY name").map(StageRow.record) }
    }

    /// What a stage runs; see ``RunJournal``.
    public func stage(_ name: String) async throws(JournalError) -> StageRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM stage WHERE name = ?", arguments: [name])
                .map(StageRow.record)
        }
    }

    /// Replaces what is recorded of a stage; see ``RunJournal``.
    public func set(_ stage: StageRecord) async throws(JournalError) {
        try await write { try StageRow.put(stage, in: $0) }
    }

    /// Records that a build passed a stage; see ``RunJournal``.
    public func add(_ evidence: Evidence) async throws(JournalError) {
        try await write { try EvidenceRow.add(evidence, in: $0) }
    }

    /// When a build passed a stage, newest first; see ``RunJournal``.
    public func evidence(build: BuildDigest, stage: String) async throws(JournalError) -> [Evidence] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM evidence WHERE build = ? AND stage = ? ORDER BY at DESC, run DESC",
                arguments: [build.description, stage]
            ).map(EvidenceRow.record)
        }
    }
}
