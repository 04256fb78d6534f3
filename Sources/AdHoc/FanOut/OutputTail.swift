public import Fleet

/// The last bytes of something that may be long.
public struct OutputTail: Sendable, Hashable {
    /// The bytes that are kept.
    public private(set) var bytes: [UInt8] = []
    /// How many bytes came before them and were let go.
    public private(set) var omitted = 0
    private let limit: Int

    /// Keeps at most `limit`.
    public init(_ limit: ByteCount) { self.limit = limit.bytes }

    /// Whether nothing ever came.
    public var isEmpty: Bool { bytes.isEmpty && omitted == 0 }

    /// Takes what comes next.
    public mutating func append(_ more: [UInt8]) {
        bytes.append(contentsOf: more)
        // Moving the tail for every piece would cost more than a quarter of room.
        if bytes.count > limit + limit / 4 { cut(to: limit) }
    }

    /// Lets go of what is beyond the limit.
    public mutating func finish() { cut(to: limit) }

    /// Keeps only the last `count` bytes.
    public mutating func cut(to count: Int) {
        let surplus = bytes.count - count
        guard surplus > 0 else { return }
        bytes.removeFirst(surplus)
        omitted += surplus
    }

    /// As text; bytes that are not UTF-8 become U+FFFD.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
