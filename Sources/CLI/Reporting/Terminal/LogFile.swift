import Fleet
import Foundation
import Synchronization

/// A file to which everything that is said is added, each line behind its time.
final class LogFile: Sendable {
    private let path: String
    private let descriptor: Int32
    private let now: @Sendable () -> Timestamp
    private let isBroken = Mutex(false)

    /// Opens the file at `path`, which is made for its owner alone where there is none.
    /// - Throws: ``InputError`` when it can't be written.
    init(_ path: String, now: @escaping @Sendable () -> Timestamp) throws(InputError) {
        // A pipe without a reader, or a terminal, must not hold the command up.
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            throw InputError("cannot write the log file \(path): \(String(cString: strerror(errno)))")
        }
        (self.path, self.now) = (path, now)
    }

    deinit { close(descriptor) }

    /// Adds lines. A file that can't be written any more is told of once, and ends nothing.
    func add(_ text: String) {
        let stamp = now().precise
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true).map { "\(stamp) \($0)\n" }
        // In one piece: lines of others who add to the file come between, never within.
        var bytes = lines.joined()
        let written = bytes.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
        if written == bytes.utf8.count { return }
        let reason = written < 0 ? String(cString: strerror(errno)) : "it took only a part of a line"
        let isFirst = isBroken.withLock { broken in
            defer { broken = true }
            return !broken
        }
        guard isFirst else { return }
        Terminal.put("warning: the log file \(path) lacks what follows: \(reason)\n", on: STDERR_FILENO)
    }
}
