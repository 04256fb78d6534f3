public import Fleet
import GRDB

extension SQLiteJournal: PortableJournal {
    /// Everything in it; see ``PortableJournal``.
    public func dump() async throws(JournalError) -> JournalDump {
        try await read { database in
            func all<Record>(_ source: String, _ record: (Row) throws -> Record) throws -> [Record] {
                try Row.fetchAll(database, sql: "SELECT * FROM \(source)").map(record)
            }
            var dump = JournalDump(lastRun: try Self.lastRun(in: database))
            dump.runs = try all("run ORDER BY id", RunRow.record)
            dump.entries = try all("entry ORDER BY run, sequence", EntryRow.record)
            dump.builds = try all("build ORDER BY addedAt, digest", BuildRow.record)
            dump.stages = try all("stage ORDER BY name", StageRow.record)
            dump.evidence = try all("evidence ORDER BY run, stage", EvidenceRow.record)
            dump.members = try all("member ORDER BY stage, host", MemberRow.record)
            dump.leftOut = try all("leftOut ORDER BY stage, balancer", LeftOutRow.record)
            for (stage, token) in try all("lease", { ($0["stage"] as String, $0["token"] as Int64) }) {
                dump.tokens[stage] = token
            }
            return dump
        }
    }

    /// Takes over everything, or nothing; see ``PortableJournal``.
    public func restore(_ dump: JournalDump) async throws(JournalError) {
        let path = path
        try await write { database in
            guard try Self.isEmpty(database) else { throw JournalError.notEmpty(path) }
            for run in dump.runs { try RunRow.add(run, in: database) }
            for entry in dump.entries { try EntryRow.add(entry, in: database) }
            for build in dump.builds { try BuildRow.add(build, in: database) }
            for stage in dump.stages { try StageRow.put(stage, in: database) }
            for evidence in dump.evidence { try EvidenceRow.add(evidence, in: database) }
            for member in dump.members { try MemberRow.put(member, in: database) }
            for balancer in dump.leftOut { try LeftOutRow.put(balancer, in: database) }
            for (stage, token) in dump.tokens { try LeaseRow.note(token, of: stage, in: database) }
            try Self.setLastRun(dump.lastRun, in: database)
        }
    }

    private static func isEmpty(_ database: Database) throws -> Bool {
        for table in ["run", "build", "stage", "evidence", "member", "leftOut", "lease"] {
            if try Int.fetchOne(database, sql: "SELECT 1 FROM \(table) LIMIT 1") != nil { return false }
        }
        return try lastRun(in: database) == RunID(0)
    }

    // The numbers that AUTOINCREMENT has given.
    private static func lastRun(in database: Database) throws -> RunID {
        RunID(try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'run'") ?? 0)
    }

    private static func setLastRun(_ run: RunID, in database: Database) throws {
        try database.execute(sql: "DELETE FROM sqlite_sequence WHERE name = 'run'")
        try database.execute(sql: "INSERT INTO sqlite_sequence (name, seq) VALUES ('run', ?)", arguments: [run.number])
    }
}

extension JournalError {
    /// The journal at `path` holds something, and another one would be lost in it.
    static func notEmpty(_ path: String) -> Self {
        Self(
            .notEmpty, subject: path, "the journal holds something already, and is left as it is",
            hints: ["import into a new state folder: DROVER_STATE=FOLDER drover state import FILE"])
    }
}
