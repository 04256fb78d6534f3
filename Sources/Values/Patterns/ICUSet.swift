/// Characters and sets of them, as ICU writes them.
enum ICUSet {
    /// One character; several where case does not matter.
    static func literal(_ value: UInt32, _ flags: PatternFlags, _ alphabet: ICUWriter.Alphabet) -> String {
        guard flags.contains(.ignoresCase) else { return escaped(value) }
        let set = PatternSet(members: [.range(value, value)])
        return hasCase(value) ? text(set, flags, alphabet) : escaped(value)
    }

    /// Letters and digits as they are, all else by number.
    private static func escaped(_ value: UInt32) -> String {
        if let scalar = Unicode.Scalar(value), scalar.isASCIILetter || scalar.isASCIIDigit || scalar == "_" {
            return String(scalar)
        }
        return "\\x{" + String(value, radix: 16) + "}"
    }

    private static func hasCase(_ value: UInt32) -> Bool {
        guard let scalar = Unicode.Scalar(value) else { return false }
        return scalar.isASCII ? scalar.isASCIILetter : scalar.properties.isCased
    }

    static func text(_ set: PatternSet, _ flags: PatternFlags, _ alphabet: ICUWriter.Alphabet) -> String {
        let isASCII = alphabet == .bytes || flags.contains(.isASCII)
        var members = set.members.map { member in
            switch member {
            case .range(let low, let high): range(low, high)
            case .category(let category, let isNegated): text(category, isNegated, isASCII, alphabet)
            }
        }.joined()
        guard flags.contains(.ignoresCase) else { return "[" + (set.isNegated ? "^" : "") + members + "]" }
        let ranges = set.members.compactMap { member -> ClosedRange<UInt32>? in
            if case .range(let low, let high) = member { low...high } else { nil }
        }
        members += otherCases(ranges, isASCII)
        // ICU folds what is beyond ASCII; in sets that are negated, it would fold what they leave.
        guard !isASCII, ranges.contains(where: { $0.upperBound > 0x7F }) else {
            return "[" + (set.isNegated ? "^" : "") + members + "]"
        }
        return set.isNegated ? "(?:(?!(?i:[\(members)]))(?s:.))" : "(?i:[\(members)])"
    }

    private static func range(_ low: UInt32, _ high: UInt32) -> String {
        low == high ? escaped(low) : escaped(low) + "-" + escaped(high)
    }

    // MARK: Classes

    private static func text(
        _ category: PatternSet.Category, _ isNegated: Bool, _ isASCII: Bool, _ alphabet: ICUWriter.Alphabet
    ) -> String {
        let members =
            switch (category, isASCII, alphabet) {
            case (.digit, false, .unicode): #"\p{Nd}"#
            case (.digit, _, _): "0-9"
            case (.word, false, .unicode): #"\p{L}\p{N}_"#
            case (.word, _, _): "a-zA-Z0-9_"
            case (.space, true, _): #"\x{9}-\x{d}\x{20}"#
            case (.space, false, _):
                #"\x{9}-\x{d}\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"#
            }
        return isNegated ? "[^\(members)]" : members
    }

    // MARK: Case

    /// Letters that Python takes for one another beside the pairs of ASCII: the dotless and the dotted i, the long s, the
    /// sign of Kelvin.
    private static let families: [[UInt32]] = [
        [0x69, 0x49, 0x130, 0x131], [0x73, 0x53, 0x17F], [0x6B, 0x4B, 0x212A],
    ]

    /// The letters that differ in case alone from some of `ranges`.
    private static func otherCases(_ ranges: [ClosedRange<UInt32>], _ isASCII: Bool) -> String {
        var text = ""
        let (lower, upper): (ClosedRange<UInt32>, ClosedRange<UInt32>) = (0x61...0x7A, 0x41...0x5A)
        for range in ranges {
            if range.overlaps(lower) {
                let part = range.clamped(to: lower)
                text += Self.range(part.lowerBound - 0x20, part.upperBound - 0x20)
            }
            if range.overlaps(upper) {
                let part = range.clamped(to: upper)
                text += Self.range(part.lowerBound + 0x20, part.upperBound + 0x20)
            }
        }
        guard !isASCII else { return text }
        for family in families where family.contains(where: { letter in ranges.contains { $0.contains(letter) } }) {
            text += family.map(escaped).joined()
        }
        return text
    }
}
