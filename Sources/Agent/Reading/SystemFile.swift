import Glibc

/// A failed call of the system, in its own words.
struct SystemError: Error, CustomStringConvertible {
    var what: String
    var code: Int32

    init(_ what: String, code: Int32 = errno) {
        self.what = what
        self.code = code
    }

    var description: String { "\(what): \(Self.words(for: code))" }

    private static func words(for code: Int32) -> String {
        guard let words = strerror(code) else { return "error \(code)" }
        return String(cString: words)
    }
}

/// A file of the kernel's that is read again and again: it stays open.
final class SystemFile {
    let path: String
    private let descriptor: Int32

    /// `nil` where it is not there, or not to be read.
    init?(path: String) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Its content now, `limit` bytes at most; `nil` where it is gone.
    func read(into buffer: UnsafeMutableRawBufferPointer, limit: Int = 1 << 20) -> [UInt8]? {
        var content: [UInt8] = []
        while content.count < limit {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(content.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            content.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            // The kernel fills the buffer as far as its records go, so a short answer need not be the last.
            if count == 0 { break }
        }
        return content
    }
}
