import Fleet
import Foundation
import GRDB

/// A journal's file, before it is opened for writing.
struct JournalFile {
    let path: String

    /// Whether there is a file.
    /// - Throws: ``JournalError`` `.damaged` when it is gone and its log is not: the log would be played into another file.
    var isThere: Bool {
        get throws {
            if FileManager.default.fileExists(atPath: path) { return true }
            guard size(of: path + "-wal") == 0 else {
                throw damaged("the journal is gone, while its log \(path)-wal is there")
            }
            return false
        }
    }

    /// Makes sure that the file is a whole journal. Reads only.
    /// - Throws: ``JournalError`` `.damaged` with what is wrong.
    func check(_ patience: Duration) throws {
        guard let kind = try FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType,
            kind == .typeRegular
        else { throw damaged("the journal is no plain file") }
        guard size(of: path) > 0 else {
            throw damaged("the journal is empty (0 bytes): what it held is lost")
        }
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { handle.closeFile() }
        guard try handle.read(upToCount: Self.head.utf8.count)?.elementsEqual(Self.head.utf8) == true else {
            throw damaged("the file is no journal: it does not begin as SQLite's files do")
        }
        try checkPages(patience)
    }

    /// What a SQLite file begins with.
    private static let head = "SQLite format 3\0"

    private func checkPages(_ patience: Duration) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(Double(patience.wholeMilliseconds) / 1000)
        configuration.label = "drover.journal.check"
        let database = try DatabaseQueue(path: path, configuration: configuration)
        let fault = try database.read { database -> String? in
            if let found = try String.fetchOne(database, sql: "PRAGMA quick_check(1)"), found != "ok" {
                let words = found.split(whereSeparator: \.isNewline).last.map(String.init) ?? found
                return "the journal is damaged: \(words)"
            }
            let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
            if tables.isEmpty { return "the journal holds no tables: what it held is lost" }
            return tables.contains("grdb_migrations") && tables.contains("run")
                ? nil : "the file is another program's: it has the table '\(tables[0])'"
        }
        try database.close()
        if let fault { throw damaged(fault) }
    }

    /// Has `make` make the file under another name, and gives it its own.
    func appear(_ make: (String) throws -> Void) throws {
        let temporary = path + ".new"
        for left in ["", "-wal", "-shm", "-journal"] { unlink(temporary + left) }
        try make(temporary)
        guard rename(temporary, path) == 0 else {
            throw JournalError(
                .storage, subject: path, "the journal cannot be made: \(String(cString: strerror(errno)))")
        }
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    // MARK: backup

    /// The journal as it was some time ago, beside it.
    private var backup: String { path + ".backup" }

    /// Keeps a copy of a whole journal, at most once an hour.
    func backUp(_ database: DatabaseQueue) throws {
        if let kept = modified(backup), (0..<3600).contains(Date().timeIntervalSince(kept)) { return }
        let temporary = backup + ".new"
        unlink(temporary)
        defer { unlink(temporary) }
        try database.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [temporary]) }
        chmod(temporary, 0o600)
        guard rename(temporary, backup) == 0 else { throw POSIXError(.EIO) }
    }

    private func modified(_ path: String) -> Date? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Date(timeIntervalSince1970: TimeInterval(status.st_mtim.tv_sec))
    }

    // MARK: damage

    /// That the file cannot be used as it is, and the ways on.
    func damaged(_ reason: String) -> JournalError {
        let folder = (path as NSString).deletingLastPathComponent
        let place = folder.isEmpty ? "damaged" : folder + "/damaged"
        let aside = "mkdir \(place); mv \(path) \(path)-wal \(path)-shm \(place)/"
        var ways = ["to keep what can be read of it: sqlite3 \(path) .recover | sqlite3 \(path).recovered"]
        if let kept = modified(backup) {
            let time = Timestamp(milliseconds: Int64(kept.timeIntervalSince1970) * 1000)
            ways.insert("to take the backup of \(time): \(aside); cp \(backup) \(path)", at: 0)
        } else {
            ways.insert("to take a backup of yours, if there is one: \(aside); then copy it to \(path)", at: 0)
        }
        ways.append(
            "to begin a new one: \(aside); hosts know what they run (drover status STAGE), and say what to do where they "
                + "refuse its tokens")
        return JournalError(.damaged, subject: path, reason, hints: ["nothing was written to it"] + ways)
    }

    private var target: String { (path as NSString).resolvingSymlinksInPath }

    private func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
