import Fleet

/// Names with ranges in brackets, as inventories write them: `ap[01:20]`, `db-[a:c].test`, `n[1:9:4]`, several in one name.
enum HostRange {
    /// What one name may unfold to. More is a slip of the keyboard.
    static let mostNames = 100_000
    private static let longest = 4096

    /// The names that `pattern` stands for; itself when it has no range.
    /// - Throws: ``InputError`` for a range that is malformed, ends before it begins, or makes too many names.
    static func expand(_ pattern: String) throws(InputError) -> [String] {
        guard let open = pattern.firstIndex(of: "[") else { return [pattern] }
        guard pattern.utf8.count <= longest else {
            throw InputError("a name with ranges is longer than \(longest) bytes")
        }
        guard let close = pattern[open...].firstIndex(of: "]") else {
            throw InputError("the host range in '\(pattern)' has no closing ']'")
        }
        let head = pattern[..<open]
        let tails = try expand(String(pattern[pattern.index(after: close)...]))
        let parts = try elements(String(pattern[pattern.index(after: open)..<close]), in: pattern)
        guard parts.count * tails.count <= mostNames else {
            throw InputError("the host range in '\(pattern)' makes more than \(mostNames) names")
        }
        var names: [String] = []
        names.reserveCapacity(parts.count * tails.count)
        for part in parts {
            for tail in tails {
                var name = ""
                name.reserveCapacity(head.utf8.count + part.utf8.count + tail.utf8.count)
                name += head
                name += part
                name += tail
                names.append(name)
            }
        }
        return names
    }

    private static func elements(_ range: String, in pattern: String) throws(InputError) -> [String] {
        let bounds = range.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard bounds.count == 2 || bounds.count == 3 else {
            throw malformed(range, "must be begin:end or begin:end:step")
        }
        guard !bounds[1].isEmpty else { throw malformed(range, "has no end") }
        let begin = bounds[0].isEmpty ? "0" : bounds[0]
        let step = bounds.count == 3 ? Int(bounds[2]) : 1
        guard let step, step > 0 else { throw malformed(range, "must have a step of 1 or more") }
        if let letters = try letters(from: begin, to: bounds[1], step: step, range) { return letters }
        return try numbers(from: begin, to: bounds[1], step: step, range)
    }

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

    private static func letters(
        from begin: String, to end: String, step: Int, _ range: String
    ) throws(InputError) -> [String]? {
        guard begin.count == 1, end.count == 1, let first = begin.first, let last = end.first,
            let low = alphabet.firstIndex(of: first), let high = alphabet.firstIndex(of: last)
        else { return nil }
        guard low <= high else { throw malformed(range, "ends before it begins") }
        return places(from: low, to: high, step).map { String(alphabet[$0]) }
    }

    private static func numbers(
        from begin: String, to end: String, step: Int, _ range: String
    ) throws(InputError) -> [String] {
        guard let low = number(begin), let high = number(end) else {
            throw malformed(range, "must go from number to number or from letter to letter")
        }
        guard low <= high else { throw malformed(range, "ends before it begins") }
        guard (high - low) / step < mostNames else { throw malformed(range, "makes more than \(mostNames) names") }
        var width = 0
        if begin.count > 1, begin.hasPrefix("0") {
            width = begin.count
            guard end.count == width else {
                throw malformed(range, "needs as many digits at its end as at its beginning")
            }
        }
        return places(from: low, to: high, step).map { number in
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
    }

    /// Numbers from `low`, none above `high`, where nothing leaves 64 bits on the way.
    private static func places(from low: Int, to high: Int, _ step: Int) -> [Int] {
        (0...(high - low) / step).map { low + $0 * step }
    }

    private static func number(_ text: String) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    private static func malformed(_ range: String, _ what: String) -> InputError {
        InputError(
            "the host range [\(range)] \(what)", hints: ["ranges look like [1:20], [01:20], [a:f] or [0:100:10]"])
    }
}
