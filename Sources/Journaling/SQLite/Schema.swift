import GRDB

/// The journal's tables. A migration that was released is never edited: a change is a new one.
enum Schema {
    /// The file has migrations that this program does not know.
    struct Superseded: Error {}

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 runs, leases, builds") { try $0.execute(sql: first) }
        migrator.registerMigration("2 members") { try $0.execute(sql: members) }
        migrator.registerMigration("3 balancers left out") { try $0.execute(sql: balancers) }
        migrator.registerMigration("4 other names of builds") { try $0.execute(sql: otherNames) }
        migrator.registerMigration("5 tars and signatures of builds") { try $0.execute(sql: signatures) }
        return migrator
    }

    private static let signatures = """
        ALTER TABLE build ADD COLUMN tar TEXT;
        ALTER TABLE build ADD COLUMN signatures TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(signatures));
        """

    private static let otherNames = """
        ALTER TABLE build ADD COLUMN otherNames TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(otherNames));
        """

    private static let balancers = """
        CREATE TABLE leftOut (
            stage TEXT NOT NULL,
            balancer TEXT NOT NULL,
            reason TEXT NOT NULL,
            holder TEXT NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (stage, balancer)
        ) STRICT, WITHOUT ROWID;
        """

    private static let members = """
        CREATE TABLE member (
            stage TEXT NOT NULL,
            host TEXT NOT NULL,
            address TEXT NOT NULL,
            way TEXT NOT NULL CHECK (json_valid(way)),
            PRIMARY KEY (stage, host)
        ) STRICT, WITHOUT ROWID;
        """

    // AUTOINCREMENT, so that a number is never given twice. A lease's row outlives the lease: its token must never
    // come again.
    private static let first = """
        CREATE TABLE run (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            stage TEXT NOT NULL,
            build TEXT,
            holder TEXT NOT NULL,
            startedAt INTEGER NOT NULL,
            endedAt INTEGER,
            outcome TEXT
        ) STRICT;
        CREATE INDEX runOfStage ON run (stage, id);
        CREATE TABLE entry (
            run INTEGER NOT NULL REFERENCES run (id),
            sequence INTEGER NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            payload TEXT NOT NULL CHECK (json_valid(payload)),
            PRIMARY KEY (run, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE lease (
            stage TEXT PRIMARY KEY NOT NULL,
            token INTEGER NOT NULL,
            holder TEXT,
            expiresAt INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE build (
            digest TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            size INTEGER NOT NULL,
            addedAt INTEGER NOT NULL,
            provenance TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE stage (
            name TEXT PRIMARY KEY NOT NULL,
            current TEXT,
            previous TEXT,
            run INTEGER,
            updatedAt INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE evidence (
            build TEXT NOT NULL,
            stage TEXT NOT NULL,
            run INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (build, stage, run)
        ) STRICT, WITHOUT ROWID;
        """
}
