import Crypto
import Fleet
import Foundation

/// SHA-256 of local files, each computed once for all hosts.
actor DigestCache {
    private var known: [String: Task<String?, Never>] = [:]

    /// The digest in hexadecimal; `nil` when the file can't be read.
    func digest(of path: String) async -> String? {
        let task = known[path] ?? Task.detached { Self.compute(path) }
        known[path] = task
        return await task.value
    }

    private static func compute(_ path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        var hash = SHA256()
        do {
            while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty { hash.update(data: part) }
            try handle.close()
        } catch {
            return nil
        }
        return Hex.text(hash.finalize())
    }

    /// The digest of bytes in memory.
    static func digest(of bytes: [UInt8]) -> String { Hex.text(SHA256.hash(data: bytes)) }
}
