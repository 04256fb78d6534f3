import Fleet
import Foundation

/// An exclusive lock that ends with the process that holds it, however that ends.
struct FileLock: ~Copyable {
    private static let folder = "/run/drover-lab"
    fileprivate let descriptor: Int32
    fileprivate let path: String

    /// Takes the lock `name`, calling `onWait` once if another process has it.
    /// - Throws: ``LabError`` `.stuck` when the lock's file cannot be made, or the task is cancelled while it waits.
    static func take(_ name: String, onWait: @Sendable () -> Void) async throws(LabError) -> FileLock {
        let path = "\(folder)/\(name).lock"
        var hasTold = false
        while true {
            if let lock = try attempt(path) { return lock }
            if !hasTold { onWait() }
            hasTold = true
            if Task.isCancelled { throw LabError(.stuck, "interrupted while another Drover works on this lab") }
            await pause(.milliseconds(50))
        }
    }

    /// The lock, or `nil` when another has it, or had it and took the file away since we opened it.
    private static func attempt(_ path: String) throws(LabError) -> FileLock? {
        mkdir(folder, 0o755)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        // Whoever gave back the last lock took the folder away in this moment.
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else {
            throw LabError(.stuck, "could not open \(path): \(String(cString: strerror(errno)))")
        }
        var opened = stat()
        var present = stat()
        let isOurs =
            flock(descriptor, LOCK_EX | LOCK_NB) == 0 && fstat(descriptor, &opened) == 0 && stat(path, &present) == 0
            && opened.st_ino == present.st_ino
        if !isOurs {
            close(descriptor)
            return nil
        }
        return FileLock(descriptor: descriptor, path: path)
    }

    /// Does `work`, and gives the lock back at its end.
    consuming func whileHeld<Value: Sendable>(
        _ work: () async throws(LabError) -> Value
    ) async throws(LabError) -> Value {
        let value = try await work()
        // Only now: the compiler may end what is used no more as soon as it likes.
        _ = consume self
        return value
    }

    deinit {
        // Taken away while held: whoever opened this file before sees that it is gone, and opens the next.
        unlink(path)
        rmdir(Self.folder)
        close(descriptor)
    }
}
