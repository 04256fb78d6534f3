import Foundation

/// Whole small files, also those of `/proc` and `/sys`, which the kernel makes up as they are read.
enum SmallFile {
    /// All of the file, or nothing when it is not there.
    ///
    /// Foundation believes their size, which is 0, and stops after the first page.
    static func read(_ path: String, followingLinks: Bool = true) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (followingLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Foundation.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return String(decoding: text, as: UTF8.self) }
            text += chunk.prefix(count)
        }
    }

    /// Writes `value`.
    /// - Returns: Whether the kernel took it.
    static func write(_ value: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(value.utf8)
        return Foundation.write(descriptor, bytes, bytes.count) == bytes.count
    }
}
