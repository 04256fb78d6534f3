public import Fleet
import Foundation

/// A file that appears whole and on disk, or not at all.
public struct DurableFile: Sendable {
    /// Its path.
    public let path: String

    /// The file at `path`.
    public init(_ path: String) { self.path = path }

    /// Writes `bytes` in the place of whatever stands at the path.
    /// - Parameter mode: Its permissions.
    /// - Throws: ``InputError`` with the system's reason; what stood at the path still does.
    public func write(_ bytes: [UInt8], mode: UInt32 = 0o644) throws(InputError) {
        let temporary = "\(path).\(getpid()).new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw failure() }
        let reason = Self.fill(descriptor, bytes)
        close(descriptor)
        if reason == 0, rename(temporary, path) == 0 { return synchronizeFolder() }
        let error = failure(reason == 0 ? errno : reason)
        unlink(temporary)
        throw error
    }

    /// Zero, or why not all is on disk.
    private static func fill(_ descriptor: Int32, _ bytes: [UInt8]) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            if written < 0 { return errno }
            rest = rest.dropFirst(written)
        }
        return fsync(descriptor) == 0 ? 0 : errno
    }

    private func synchronizeFolder() {
        let folder = (path as NSString).deletingLastPathComponent
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func failure(_ reason: Int32 = errno) -> InputError {
        InputError(
            .unreadable, "the file cannot be written: \(String(cString: strerror(reason)))",
            at: SourceLocation(file: path))
    }
}
