/// Counters and states by the names that a service gives them, at one time.
struct CounterReading: Sendable, Hashable {
    private(set) var numbers: [String: Double] = [:]

    /// Notes a number. What is none, or no real one, is not noted.
    mutating func note(_ name: some StringProtocol, _ text: some StringProtocol) {
        guard let number = Double(text), number.isFinite else { return }
        numbers[String(name)] = number
    }

    /// Notes a number.
    mutating func note(_ name: String, _ number: Double?) {
        guard let number, number.isFinite else { return }
        numbers[name] = number
    }

    subscript(name: String) -> Double? { numbers[name] }

    /// How fast a counter grew. One that went back began anew, and has counted what it is since then.
    ///
    /// - Parameters:
    ///   - earlier: The reading before.
    ///   - seconds: How long before; more than 0.
    func rate(_ name: String, since earlier: Self, _ seconds: Double) -> Double? {
        guard let now = self[name], let then = earlier[name], seconds > 0 else { return nil }
        return max(0, now >= then ? now - then : now) / seconds
    }

    /// Lines of a name and a number with a blank between them.
    init(lines: [Substring], separator: Character = " ", prefix: String = "") {
        for line in lines where line.hasPrefix(prefix) {
            let words = line.dropFirst(prefix.count).split(separator: separator, maxSplits: 1)
            if words.count == 2 { note(words[0], words[1].drop { $0 == " " }.prefix { !$0.isWhitespace }) }
        }
    }

    init() {}
}
