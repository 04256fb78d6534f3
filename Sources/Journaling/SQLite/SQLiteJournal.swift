import Dispatch
public import Fleet
import Foundation
import GRDB

/// The journal of one machine: a SQLite file that several processes may use at once.
///
/// Write-ahead logging with `synchronous = FULL`: a transaction is on disk when it returns. Calls do not heed the
/// cancellation of their task, because what was done must be recorded also, and above all, when the run is being stopped.
public final class SQLiteJournal: RunJournal {
    /// The file.
    public let path: String
    private let database: DatabaseQueue
    private let queue = DispatchQueue(label: "drover.journal")

    /// How long a transaction waits for those of other processes before it fails as `.busy`.
    public static let defaultPatience: Duration = .seconds(10)

    /// Opens the journal at `path`, making it, its folder and its tables where they are missing.
    ///
    /// A file that is there is looked at before it is opened for writing; a damaged one is never written to.
    /// - Throws: ``JournalError`` `.storage`, `.busy`, `.damaged`.
    public init(path: String, patience: Duration = SQLiteJournal.defaultPatience) throws(JournalError) {
        self.path = path
        do {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            database = try OpeningLock(beside: path).whileHeld {
                let file = JournalFile(path: path)
                if try file.isThere { try file.check(patience) } else { try Self.create(file) }
                let database = try DatabaseQueue(path: path, configuration: Self.configuration(patience))
                try Self.prepare(database)
                // A full disk must not keep anybody from going back.
                try? file.backUp(database)
                return database
            }
        } catch {
            throw JournalError.wrapping(error, path: path)
        }
    }

    /// A new journal appears whole: a file without tables is always one that lost them.
    private static func create(_ file: JournalFile) throws {
        try file.appear { temporary in
            let database = try DatabaseQueue(path: temporary)
            try Schema.migrator.migrate(database)
            try database.close()
        }
    }

    private static func configuration(_ patience: Duration) -> Configuration {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(Double(patience.wholeMilliseconds) / 1000)
        configuration.label = "drover.journal"
        return configuration
    }

    private static func prepare(_ database: DatabaseQueue) throws {
        // Only now: opening in WAL mode sets NORMAL, which may lose the last transactions with the power.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        if try database.read(Schema.migrator.hasBeenSuperseded) { throw Schema.Superseded() }
        try Schema.migrator.migrate(database)
    }

    /// A journal that is full cannot say what was done to a host; see ``RunJournal``.
    public func expectRoom() async throws(JournalError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        // Where nobody tells how much is free, the journal will.
        let free = try? FileManager.default.attributesOfFileSystem(forPath: folder)[.systemFreeSize] as? Int
        guard let free, free < Self.room else { return }
        throw JournalError(
            .storage, subject: folder, "the disk has \(free >> 10) KiB free, and the journal needs \(Self.room >> 10)",
            hints: ["nothing was touched; make room and try again"])
    }

    /// What a long rollout writes, in bytes.
    private static let room = 256 << 10

    /// Runs `body` in one IMMEDIATE transaction.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws(JournalError) -> Result {
        try await perform { database in try database.write(body) }
    }

    /// Runs `body` on one state of the database.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws(JournalError) -> Result {
        try await perform { database in try database.read(body) }
    }

    private func perform<Answer: Sendable>(
        _ body: @escaping @Sendable (DatabaseQueue) throws -> Answer
    ) async throws(JournalError) -> Answer {
        let (database, path) = (database, path)
        let answer: Result<Answer, JournalError> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(
                    returning: Result { try body(database) }.mapError { JournalError.wrapping($0, path: path) })
            }
        }
        return try answer.get()
    }
}

extension JournalError {
    /// SQLite's and the file system's errors in our words; a `JournalError` stays as it is.
    static func wrapping(_ error: any Error, path: String) -> JournalError {
        switch error {
        case let error as JournalError: error
        // Somebody else wrote a name or a digest that is none.
        case let error as InputError: JournalFile(path: path).damaged("the journal is damaged: \(error.message)")
        case let error as DatabaseError where error.resultCode == .SQLITE_BUSY:
            JournalError(
                .busy, subject: path, "another process keeps the journal locked",
                hints: ["see who has it open with 'fuser -v \(path)'"])
        case let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode):
            JournalFile(path: path).damaged("the journal is damaged: \(error.message ?? error.resultCode.description)")
        case let error as DatabaseError:
            JournalError(
                .storage, subject: path, "the journal failed: \(error.message ?? error.resultCode.description)",
                hints: hints(error.resultCode, path))
        case is Schema.Superseded:
            JournalError(
                .storage, subject: path, "the journal was written by a newer drover",
                hints: ["use that version, or another state folder with DROVER_STATE"])
        default:
            JournalError(
                .storage, subject: path, "the journal cannot be opened: \(error.localizedDescription)",
                hints: ["see whether its folder is there, yours and writable: ls -ld and df -h of it"])
        }
    }

    private static func hints(_ code: ResultCode, _ path: String) -> [String] {
        switch code {
        case .SQLITE_FULL, .SQLITE_IOERR: ["free space on its disk: df -h \(path)"]
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            ["see whether it and its folder are yours and writable: ls -l \(path)*"]
        default: []
        }
    }
}
