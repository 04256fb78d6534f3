/// The dates of YAML 1.1, which Drover keeps as text.
enum YAMLTimestamp {
    /// Whether a text is `2001-12-14`, or a date and a time such as `2001-12-14t21:59:43.10-05:00`.
    static func matches(_ text: String) -> Bool {
        var rest = text.utf8[...]
        guard digits(&rest, 4...4), take("-", &rest) else { return false }
        let month = rest
        guard digits(&rest, 1...2), take("-", &rest), digits(&rest, 1...2) else { return false }
        if rest.isEmpty { return month.count == 5 }
        guard take("T", &rest) || take("t", &rest) || blanks(&rest) > 0 else { return false }
        return time(&rest)
    }

    private static func time(_ rest: inout Substring.UTF8View) -> Bool {
        guard digits(&rest, 1...2), take(":", &rest), digits(&rest, 2...2), take(":", &rest), digits(&rest, 2...2)
        else { return false }
        if take(".", &rest) { _ = digits(&rest, 0...Int.max) }
        if rest.isEmpty { return true }
        _ = blanks(&rest)
        if take("Z", &rest) { return rest.isEmpty }
        guard take("-", &rest) || take("+", &rest), digits(&rest, 1...2) else { return false }
        if take(":", &rest) { guard digits(&rest, 2...2) else { return false } }
        return rest.isEmpty
    }

    private static func digits(_ rest: inout Substring.UTF8View, _ count: ClosedRange<Int>) -> Bool {
        let digits = rest.prefix(count.upperBound).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(digits.count)
        return count.contains(digits.count)
    }

    private static func blanks(_ rest: inout Substring.UTF8View) -> Int {
        let blanks = rest.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        rest = rest.dropFirst(blanks.count)
        return blanks.count
    }

    private static func take(_ mark: Unicode.Scalar, _ rest: inout Substring.UTF8View) -> Bool {
        guard rest.first == UInt8(ascii: mark) else { return false }
        rest.removeFirst()
        return true
    }
}
