public import Fleet
import Foundation
import GRDB

extension SQLiteJournal {
    /// Records a build; see ``RunJournal``.
    @discardableResult
    public func add(_ build: BuildRecord) async throws(JournalError) -> BuildRecord {
        try await write { database in
            let provenance = String(decoding: try JSONEncoder().encode(build.provenance), as: UTF8.self)
            try database.execute(
                sql: """
                    INSERT INTO build (digest, name, size, addedAt, provenance) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (digest) DO NOTHING
                    """,
                arguments: [build.digest, build.name, build.size, build.addedAt.milliseconds, provenance])
            return try Self.builds(prefix: build.digest, in: database).first ?? build
        }
    }

    /// Builds by the beginning of their digest, newest first; see ``RunJournal``.
    public func builds(prefix: String) async throws(JournalError) -> [BuildRecord] {
        try await read { try Self.builds(prefix: prefix, in: $0) }
    }

    private static func builds(prefix: String, in database: Database) throws -> [BuildRecord] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM build WHERE substr(digest, 1, length(?1)) = ?1 ORDER BY addedAt DESC, digest",
            arguments: [prefix.lowercased()]
        ).map { row in
            let provenance = Data((row["provenance"] as String).utf8)
            return BuildRecord(
                digest: row["digest"], name: row["name"], size: row["size"],
                addedAt: Timestamp(milliseconds: row["addedAt"]),
                provenance: try JSONDecoder().decode([String: String].self, from: provenance))
        }
    }

    /// What a stage runs; see ``RunJournal``.
    public func stage(_ name: String) async throws(JournalError) -> StageRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM stage WHERE name = ?", arguments: [name]).map { row in
                StageRecord(
                    stage: name, current: row["current"], previous: row["previous"],
                    run: (row["run"] as Int64?).map { RunID($0) },
                    updatedAt: Timestamp(milliseconds: row["updatedAt"]))
            }
        }
    }

    /// Replaces what is recorded of a stage; see ``RunJournal``.
    public func set(_ stage: StageRecord) async throws(JournalError) {
        try await write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO stage (name, current, previous, run, updatedAt) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    stage.stage, stage.current, stage.previous, stage.run?.number, stage.updatedAt.milliseconds,
                ])
        }
    }

    /// Records that a build passed a stage; see ``RunJournal``.
    public func add(_ evidence: Evidence) async throws(JournalError) {
        try await write { database in
            try database.execute(
                sql: "INSERT INTO evidence (build, stage, run, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [evidence.build, evidence.stage, evidence.run.number, evidence.at.milliseconds])
        }
    }

    /// When a build passed a stage, newest first; see ``RunJournal``.
    public func evidence(build: String, stage: String) async throws(JournalError) -> [Evidence] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM evidence WHERE build = ? AND stage = ? ORDER BY at DESC, run DESC",
                arguments: [build, stage]
            ).map { row in
                Evidence(
                    build: build, stage: stage, run: RunID(row["run"] as Int64),
                    at: Timestamp(milliseconds: row["at"]))
            }
        }
    }
}
