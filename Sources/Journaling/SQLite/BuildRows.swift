import Fleet
import Foundation
import GRDB

/// A row of `build`.
enum BuildRow {
    static func find(prefix: String, in database: Database) throws -> [BuildRecord] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM build WHERE substr(digest, 1, length(?1)) = ?1 ORDER BY addedAt DESC, digest",
            arguments: [prefix.lowercased()]
        ).map(record)
    }

    static func record(_ row: Row) throws -> BuildRecord {
        let provenance = Data((row["provenance"] as String).utf8)
        let otherNames = Data((row["otherNames"] as String).utf8)
        let signatures = Data((row["signatures"] as String).utf8)
        return BuildRecord(
            digest: try BuildDigest(row["digest"]), name: row["name"],
            otherNames: try JSONDecoder().decode([String].self, from: otherNames), size: row["size"],
            addedAt: Timestamp(milliseconds: row["addedAt"]),
            provenance: try JSONDecoder().decode([String: String].self, from: provenance),
            tar: (row["tar"] as String?).flatMap { TarDigest($0) },
            signatures: try JSONDecoder().decode([BuildSignature].self, from: signatures))
    }

    /// One that is known keeps its first record, and gets more names and signatures.
    @discardableResult
    static func add(_ build: BuildRecord, in database: Database) throws -> BuildRecord {
        let merged = try find(prefix: build.digest.description, in: database).first?.taking(newsOf: build) ?? build
        try database.execute(
            sql: """
                INSERT INTO build (digest, name, size, addedAt, provenance, otherNames, tar, signatures)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (digest) DO UPDATE
                SET otherNames = excluded.otherNames, tar = excluded.tar, signatures = excluded.signatures
                """,
            arguments: [
                merged.digest.description, merged.name, merged.size, merged.addedAt.milliseconds,
                try json(merged.provenance), try json(merged.otherNames), merged.tar?.description,
                try json(merged.signatures),
            ])
        return merged
    }

    private static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }
}

/// A row of `stage`.
enum StageRow {
    static func record(_ row: Row) throws -> StageRecord {
        StageRecord(
            stage: row["name"], current: try row.digest("current"), previous: try row.digest("previous"),
            run: (row["run"] as Int64?).map { RunID($0) }, updatedAt: Timestamp(milliseconds: row["updatedAt"]))
    }

    static func put(_ stage: StageRecord, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO stage (name, current, previous, run, updatedAt) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                stage.stage, stage.current?.description, stage.previous?.description, stage.run?.number,
                stage.updatedAt.milliseconds,
            ])
    }
}

/// A row of `evidence`.
enum EvidenceRow {
    static func record(_ row: Row) throws -> Evidence {
        Evidence(
            build: try BuildDigest(row["build"]), stage: row["stage"], run: RunID(row["run"] as Int64),
            at: Timestamp(milliseconds: row["at"]))
    }

    static func add(_ evidence: Evidence, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO evidence (build, stage, run, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [evidence.build.description, evidence.stage, evidence.run.number, evidence.at.milliseconds])
    }
}

extension Row {
    /// The build that a column names; `nil` when it names none.
    /// - Throws: ``InputError`` for what is no digest.
    func digest(_ column: String) throws -> BuildDigest? {
        guard let text: String = self[column] else { return nil }
        return try BuildDigest(text)
    }
}
