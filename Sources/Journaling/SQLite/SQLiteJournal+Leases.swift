public import Fleet
import GRDB

extension SQLiteJournal {
    /// Takes the right to change a stage; see ``RunJournal``.
    public func acquireLease(
        stage: String, holder: String, timeToLive: Duration, now: Timestamp
    ) async throws(JournalError) -> Lease {
        try await write { database in
            let earlier = try LeaseRow.find(stage, in: database)
            if let held = earlier?.lease, held.expiresAt > now { throw JournalError.leaseHeld(held, now: now) }
            let lease = Lease(
                stage: stage, token: try LeaseRow.next(earlier?.token), holder: holder, expiresAt: now + timeToLive)
            try LeaseRow.put(lease, in: database)
            return lease
        }
    }

    /// Notes a token that somebody has seen; see ``RunJournal``.
    public func see(token: Int64, stage: String) async throws(JournalError) {
        try await write { database in
            guard try LeaseRow.find(stage, in: database)?.token ?? 0 < token else { return }
            // Whoever held a smaller one has lost it.
            try LeaseRow.note(token, of: stage, in: database)
        }
    }

    /// The greatest token; see ``RunJournal``.
    public func lastToken(stage: String) async throws(JournalError) -> Int64 {
        try await read { try LeaseRow.find(stage, in: $0)?.token ?? 0 }
    }

    /// Takes a lease over before its end; see ``RunJournal``.
    public func seize(
        _ lease: Lease, holder: String, timeToLive: Duration, now: Timestamp
    ) async throws(JournalError) -> Lease {
        try await write { database in
            let row = try LeaseRow.find(lease.stage, in: database)
            if let held = row?.lease, held != lease { throw JournalError.leaseHeld(held, now: now) }
            let seized = Lease(
                stage: lease.stage, token: try LeaseRow.next(max(row?.token ?? 0, lease.token)), holder: holder,
                expiresAt: now + timeToLive)
            try LeaseRow.put(seized, in: database)
            return seized
        }
    }

    /// Moves a lease's end; see ``RunJournal``.
    public func renew(_ lease: Lease, timeToLive: Duration, now: Timestamp) async throws(JournalError) -> Lease {
        try await write { database in
            try LeaseRow.check(lease, in: database)
            let renewed = Lease(
                stage: lease.stage, token: lease.token, holder: lease.holder, expiresAt: now + timeToLive)
            try LeaseRow.put(renewed, in: database)
            return renewed
        }
    }

    /// Gives a lease back; see ``RunJournal``.
    public func release(_ lease: Lease) async throws(JournalError) {
        try await write { database in
            try database.execute(
                sql: "UPDATE lease SET holder = NULL WHERE stage = ? AND token = ?",
                arguments: [lease.stage, lease.token])
        }
    }

    /// The lease on a stage; see ``RunJournal``.
    public func lease(stage: String) async throws(JournalError) -> Lease? {
        try await read { try LeaseRow.find(stage, in: $0)?.lease }
    }
}

/// A row of `lease`, which stays when its lease is given back.
struct LeaseRow {
    /// The last token given out.
    let token: Int64
    /// The lease, unless it was given back.
    let lease: Lease?

    static func find(_ stage: String, in database: Database) throws -> LeaseRow? {
        try Row.fetchOne(database, sql: "SELECT * FROM lease WHERE stage = ?", arguments: [stage]).map { row in
            let lease = (row["holder"] as String?).map {
                Lease(
                    stage: stage, token: row["token"], holder: $0,
                    expiresAt: Timestamp(milliseconds: row["expiresAt"]))
            }
            return LeaseRow(token: row["token"], lease: lease)
        }
    }

    /// The number after `last`, which no lease has had.
    static func next(_ last: Int64?) throws -> Int64 {
        let (next, isTooLarge) = (last ?? 0).addingReportingOverflow(1)
        guard !isTooLarge else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a token is out of range") }
        return next
    }

    /// That a token has been given out or seen, and nobody holds a lease.
    static func note(_ token: Int64, of stage: String, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO lease (stage, token, holder, expiresAt) VALUES (?, ?, NULL, 0)",
            arguments: [stage, token])
    }

    static func put(_ lease: Lease, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO lease (stage, token, holder, expiresAt) VALUES (?, ?, ?, ?)",
            arguments: [lease.stage, lease.token, lease.holder, lease.expiresAt.milliseconds])
    }

    /// Throws unless `lease` is the last one given out and was not given back.
    static func check(_ lease: Lease, in database: Database) throws {
        let row = try find(lease.stage, in: database)
        guard row?.lease?.token == lease.token else { throw JournalError.leaseLost(lease, to: row?.lease) }
    }
}
