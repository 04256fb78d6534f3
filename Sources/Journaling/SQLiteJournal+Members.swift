public import Fleet
import Foundation
import GRDB

extension SQLiteJournal {
    /// The members that are remembered; see ``RunJournal``.
    public func members(stage: String) async throws(JournalError) -> [MemberRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM member WHERE stage = ? ORDER BY host", arguments: [stage]
            ).map { row in
                MemberRecord(
                    stage: stage, host: try HostName(row["host"]), address: row["address"],
                    way: try JSONDecoder().decode(EndpointRecord.self, from: Data((row["way"] as String).utf8)))
            }
        }
    }

    /// Remembers members; see ``RunJournal``.
    public func remember(_ members: [MemberRecord]) async throws(JournalError) {
        try await write { database in
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            for member in members {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO member (stage, host, address, way) VALUES (?, ?, ?, ?)",
                    arguments: [
                        member.stage, member.host.description, member.address,
                        String(decoding: try encoder.encode(member.way), as: UTF8.self),
                    ])
            }
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
