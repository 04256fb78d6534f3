public import Fleet
import GRDB

extension SQLiteJournal {
    /// Records that changes are made without a balancer; see ``RunJournal``.
    public func leaveOut(_ balancer: LeftOutBalancer) async throws(JournalError) {
        try await write { try LeftOutRow.put(balancer, in: $0) }
    }

    /// Records that a balancer has been made right again; see ``RunJournal``.
    public func takeBack(_ balancer: HostName, stage: String) async throws(JournalError) {
        try await write { database in
            try database.execute(
                sql: "DELETE FROM leftOut WHERE stage = ? AND balancer = ?",
                arguments: [stage, balancer.description])
        }
    }

    /// The balancers that changes of a stage were made without; see ``RunJournal``.
    public func leftOut(stage: String) async throws(JournalError) -> [LeftOutBalancer] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM leftOut WHERE stage = ? ORDER BY balancer", arguments: [stage]
            ).map(LeftOutRow.record)
        }
    }
}

/// A row of `leftOut`.
enum LeftOutRow {
    static func record(_ row: Row) throws -> LeftOutBalancer {
        LeftOutBalancer(
            stage: row["stage"], balancer: try HostName(row["balancer"]), reason: row["reason"], by: row["holder"],
            since: Timestamp(milliseconds: row["since"]))
    }

    static func put(_ balancer: LeftOutBalancer, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO leftOut (stage, balancer, reason, holder, since) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (stage, balancer) DO UPDATE SET reason = excluded.reason, holder = excluded.holder
                """,
            arguments: [
                balancer.stage, balancer.balancer.description, balancer.reason, balancer.by,
                balancer.since.milliseconds,
            ])
    }
}
