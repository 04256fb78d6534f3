import CLibSSH2
import Glibc

/// What is still to be written to a shell: bytes in memory, and parts of files that are read when their turn comes.
struct WriteQueue {
    enum Item {
        case bytes([UInt8])
        case file(OpenFile, offset: Int, count: Int)
    }

    private var items: [Item] = []
    /// The bytes at the front, and how many of them are gone.
    private var front: [UInt8] = []
    private var gone = 0
    /// A multiple of the 32,700 bytes that libssh2 puts into a packet, so that none goes almost empty.
    private static let slice = 8 * 32700

    var isEmpty: Bool { items.isEmpty && gone == front.count }

    mutating func append(_ item: Item) {
        switch item {
        case .bytes(let bytes) where bytes.isEmpty: break
        case .file(_, _, count: 0): break
        default: items.append(item)
        }
    }

    /// Calls `body` with the next bytes, which stay until they are consumed.
    /// - Throws: ``OpenFile/Shrunk`` when a file ends before its part does.
    mutating func withNext<Result>(_ body: (UnsafeRawBufferPointer) -> Result) throws(OpenFile.Shrunk) -> Result? {
        if gone == front.count { try refill() }
        guard gone < front.count else { return nil }
        return front.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[gone...])) }
    }

    /// Takes away `count` bytes that were written.
    mutating func consume(_ count: Int) {
        gone += count
        if gone == front.count { (front, gone) = ([], 0) }
    }

    private mutating func refill() throws(OpenFile.Shrunk) {
        guard let item = items.first else { return }
        switch item {
        case .bytes(let bytes):
            front = bytes
            items.removeFirst()
        case .file(let file, let offset, let count):
            let length = min(count, Self.slice)
            front = try file.read(at: offset, count: length)
            file.passed(offset + length, file.size)
            if length == count {
                items.removeFirst()
            } else {
                items[0] = .file(file, offset: offset + length, count: count - length)
            }
        }
        gone = 0
    }
}

/// A local file that is open for reading.
final class OpenFile: Sendable {
    /// The file became shorter while it was read.
    struct Shrunk: Error {}

    let descriptor: Int32
    let size: Int
    /// Told how much of the file, from its beginning, has been taken to be written, and its size.
    let passed: @Sendable (Int, Int) -> Void

    /// - Returns: `nil` when the path is no regular file that can be read; `errno` says why.
    init?(_ path: String, passed: @escaping @Sendable (Int, Int) -> Void = { _, _ in }) {
        self.passed = passed
        // A pipe without a writer would keep us waiting before it could be refused.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        guard descriptor >= 0 else { return nil }
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            errno = EISDIR
            return nil
        }
        size = Int(status.st_size)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func read(at offset: Int, count: Int) throws(Shrunk) -> [UInt8] {
        var isShort = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
                guard got > 0 else {
                    isShort = true
                    return
                }
                filled += got
            }
        }
        if isShort { throw Shrunk() }
        return bytes
    }
}
