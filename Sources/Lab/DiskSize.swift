/// How large a disk is, in the notation that people give disks' sizes in: `512M`, `2G`.
public struct DiskSize: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// In bytes.
    public let bytes: Int

    private static let units: [(letter: Character, bytes: Int)] = [
        ("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10),
    ]

    /// Exactly `bytes` bytes; a negative number counts as none.
    public init(bytes: Int) { self.bytes = max(0, bytes) }

    /// Reads a whole number of bytes, or one with `K`, `M`, `G` or `T` behind it: powers of 1,024.
    /// - Returns: `nil` for anything else, and for more than can be counted.
    public init?(_ text: String) {
        guard let parts = text.wholeMatch(of: /([0-9]+)([KMGT]?)/), let number = Int(parts.1) else { return nil }
        let unit = Self.units.first { String($0.letter) == parts.2 }?.bytes ?? 1
        let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: unit)
        guard !isTooLarge else { return nil }
        self.bytes = bytes
    }

    /// What to write, for a hint.
    public static let example = "a whole number with K, M, G or T behind it: 512M"

    /// Orders by size.
    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    /// As ``init(_:)`` reads it: in the largest unit of which it is a whole number.
    public var description: String {
        let unit = Self.units.first { bytes >= $0.bytes && bytes.isMultiple(of: $0.bytes) }
        return unit.map { "\(bytes / $0.bytes)\($0.letter)" } ?? String(bytes)
    }

    /// For people, in the largest unit that it fills, cut to a tenth: `74.1G`.
    var rounded: String {
        guard let unit = Self.units.first(where: { bytes >= $0.bytes }) else { return "\(bytes) bytes" }
        let (whole, rest) = bytes.quotientAndRemainder(dividingBy: unit.bytes)
        return rest == 0 ? "\(whole)\(unit.letter)" : "\(whole).\(rest / (unit.bytes / 1024) * 10 / 1024)\(unit.letter)"
    }
}
