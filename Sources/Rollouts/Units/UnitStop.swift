public import Fleet

/// That somebody stopped the service's units on a host, as the host notes it.
public struct UnitStop: Hashable, Sendable, Codable {
    /// Who did, such as `user@machine:pid`.
    public var by: String
    /// When.
    public var since: Timestamp

    /// A stop.
    public init(by: String, since: Timestamp) {
        self.by = by
        self.since = since
    }

    /// Reads what ``text`` writes; `nil` for anything else.
    init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let since = Int64(words[0]) else { return nil }
        self.init(by: String(words[1]), since: Timestamp(milliseconds: since))
    }

    /// One line.
    var text: String { "\(since.milliseconds) \(by.split(whereSeparator: \.isNewline).joined(separator: " "))" }
}
