public import Fleet
import Foundation
import GRDB

extension SQLiteJournal {
    /// The members that are remembered; see ``RunJournal``.
    public func members(stage: String) async throws(JournalError) -> [MemberRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM member WHERE stage = ? ORDER BY host", arguments: [stage]
            ).map(MemberRow.record)
        }
    }

    /// Remembers members; see ``RunJournal``.
    public func remember(_ members: [MemberRecord]) async throws(JournalError) {
        try await write { database in
            for member in members { try MemberRow.put(member, in: database) }
        }
    }

    /// Forgets a member; see ``RunJournal``.
    public func forget(_ host: HostName, stage: String) async throws(JournalError) {
        try await write { database in
            try database.execute(
                sql: "DELETE FROM member WHERE stage = ? AND host = ?", arguments: [stage, host.description])
        }
    }
}

/// A row of `member`.
enum MemberRow {
    static func record(_ row: Row) throws -> MemberRecord {
        MemberRecord(
            stage: row["stage"], host: try HostName(row["host"]), address: row["address"],
            way: try JSONDecoder().decode(RouteRecord.self, from: Data((row["way"] as String).utf8)))
    }

    static func put(_ member: MemberRecord, in database: Database) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try database.execute(
            sql: "INSERT OR REPLACE INTO member (stage, host, address, way) VALUES (?, ?, ?, ?)",
            arguments: [
                member.stage, member.host.description, member.address,
                String(decoding: try encoder.encode(member.way), as: UTF8.self),
            ])
    }
}
