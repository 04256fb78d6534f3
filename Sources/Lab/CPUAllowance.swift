/// How much of this machine's processors a host may use: `0.2` is a fifth of one, `2` is two.
public struct CPUAllowance: Hashable, Sendable, CustomStringConvertible {
    /// In thousandths of a processor.
    public let thousandths: Int

    /// The kernel takes no less than a millisecond in a tenth of a second.
    private static let range = 10...1_024_000

    /// Exactly `thousandths`, or the nearest number that the kernel takes.
    public init(thousandths: Int) {
        self.thousandths = min(max(thousandths, Self.range.lowerBound), Self.range.upperBound)
    }

    /// Reads a number with at most three digits behind the point, from 0.01 to 1024.
    /// - Returns: `nil` for anything else.
    public init?(_ text: String) {
        guard let parts = text.wholeMatch(of: /([0-9]{1,4})(?:\.([0-9]{1,3}))?/), let whole = Int(parts.1) else {
            return nil
        }
        let digits = parts.2.map(String.init) ?? ""
        guard let rest = Int(digits.padding(to: 3)), Self.range.contains(whole * 1000 + rest) else { return nil }
        thousandths = whole * 1000 + rest
    }

    /// What to write, for a hint.
    public static let example = "a number of processors from 0.01 to 1024, such as 0.2 or 2"

    /// As ``init(_:)`` reads it, without zeros that say nothing.
    public var description: String {
        let (whole, rest) = thousandths.quotientAndRemainder(dividingBy: 1000)
        guard rest > 0 else { return String(whole) }
        var digits = String(String(rest + 1000).dropFirst())
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}

extension String {
    /// The text with zeros behind it, until it has `count` characters.
    fileprivate func padding(to count: Int) -> String {
        self + String(repeating: "0", count: max(0, count - self.count))
    }
}

extension CPUAllowance: Codable {
    /// Writes the number of processors.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Double(thousandths) / 1000)
    }

    /// Reads what ``encode(to:)`` wrote.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let number = try container.decode(Double.self)
        guard let thousandths = Int(exactly: (number * 1000).rounded()) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no number of processors")
        }
        self.init(thousandths: thousandths)
    }
}
