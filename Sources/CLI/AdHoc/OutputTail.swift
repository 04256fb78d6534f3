import Fleet
import Foundation

/// The last bytes of something that may be long.
struct OutputTail: Sendable, Hashable {
    private(set) var bytes: [UInt8] = []
    /// How many bytes came before them and were let go.
    private(set) var omitted = 0
    private let limit: Int

    /// Keeps at most `limit`.
    init(_ limit: ByteCount) { self.limit = limit.bytes }

    var isEmpty: Bool { bytes.isEmpty && omitted == 0 }

    mutating func append(_ more: [UInt8]) {
        bytes.append(contentsOf: more)
        // Moving the tail for every piece would cost more than a quarter of room.
        if bytes.count > limit + limit / 4 { cut(to: limit) }
    }

    /// Lets go of what is beyond the limit.
    mutating func finish() { if bytes.count > limit { cut(to: limit) } }

    /// Keeps only the last `count` bytes.
    mutating func cut(to count: Int) {
        let surplus = bytes.count - count
        guard surplus > 0 else { return }
        bytes.removeFirst(surplus)
        omitted += surplus
    }

    /// As text; bytes that are not UTF-8 become U+FFFD.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Cuts a stream of bytes into lines.
struct LineCutter: Sendable {
    private var rest: [UInt8] = []
    /// A line that is longer is cut here: what has no line ends must not fill memory.
    private static let longestLine = 65536

    /// The lines that `bytes` complete, each without its end.
    mutating func feed(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var start = 0
            while let hit = memchr(base + start, 10, bytes.count - start) {
                let end = base.distance(to: UnsafeRawPointer(hit))
                lines.append(rest + bytes[start..<end])
                rest = []
                start = end + 1
            }
            rest.append(contentsOf: bytes[start...])
        }
        while rest.count >= Self.longestLine {
            lines.append(Array(rest.prefix(Self.longestLine)))
            rest.removeFirst(Self.longestLine)
        }
        return lines
    }

    /// What came after the last line's end.
    mutating func finish() -> [UInt8]? {
        defer { rest = [] }
        return rest.isEmpty ? nil : rest
    }
}
