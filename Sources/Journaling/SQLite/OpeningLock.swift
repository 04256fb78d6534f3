import Foundation

/// Lets one process at a time open and migrate a journal: SQLite's busy timeout does not cover the change to
/// write-ahead logging. The kernel drops the lock with its process.
struct OpeningLock {
    private let path: String

    init(beside journal: String) { path = journal + ".lock" }

    func whileHeld<Result>(_ body: () throws -> Result) throws -> Result {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.lastError(path) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw Self.lastError(path) }
        }
        return try body()
    }

    private static func lastError(_ path: String) -> any Error {
        CocoaError.error(
            .fileWriteUnknown, userInfo: [NSLocalizedDescriptionKey: "\(path): \(String(cString: strerror(errno)))"])
    }
}
