import Foundation

/// Cuts a stream of bytes into lines.
public struct LineCutter: Sendable {
    private var rest: [UInt8] = []
    /// A line that is longer is cut here: what has no line ends must not fill memory.
    private static let longestLine = 65536

    /// A cutter that has been fed nothing.
    public init() {}

    /// The lines that `bytes` complete, each without its end; one that is longer than 64 KiB comes in parts.
    public mutating func feed(_ bytes: [UInt8]) -> [[UInt8]] {
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
    public mutating func finish() -> [UInt8]? {
        defer { rest = [] }
        return rest.isEmpty ? nil : rest
    }
}
