/// A number of bytes.
public struct ByteCount: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number.
    public let bytes: Int

    /// Exactly `bytes` bytes; a negative number counts as none.
    public init(_ bytes: Int) { self.bytes = max(0, bytes) }

    /// `count` times 1,024 bytes.
    public static func kibibytes(_ count: Int) -> Self { Self(count, times: 1024) }

    /// `count` times 1,048,576 bytes.
    public static func mebibytes(_ count: Int) -> Self { Self(count, times: 1_048_576) }

    /// As many as there can be, when it is more than that.
    private init(_ count: Int, times unit: Int) {
        let (product, isTooLarge) = count.multipliedReportingOverflow(by: unit)
        self.init(isTooLarge ? (count < 0 ? 0 : .max) : product)
    }

    /// Orders by size.
    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    /// For people: `512 B`, `12 KiB`, `3.4 MiB`.
    public var description: String {
        if bytes < 1024 { return "\(bytes) B" }
        if bytes < 1_048_576 { return "\(bytes / 1024) KiB" }
        let (whole, rest) = bytes.quotientAndRemainder(dividingBy: 1_048_576)
        return "\(whole).\(rest * 10 / 1_048_576) MiB"
    }
}
