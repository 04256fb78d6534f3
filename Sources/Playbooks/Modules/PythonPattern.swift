import Fleet
import Foundation

/// A regular expression of Python's `re`.
///
/// Over bytes, as `lineinfile` uses it, bytes are matched as the characters of Latin-1, so a text in any encoding passes
/// through unharmed. Over text, as `replace` uses it, UTF-16 units are matched.
struct PythonPattern: Sendable {
    private let source: String
    private let expression: Expression
    private let names: [String: Int]

    /// NSRegularExpression is immutable and documented as safe to share.
    private struct Expression: @unchecked Sendable {
        // Nobody guards it: it never changes after its making.
        let value: NSRegularExpression
    }

    /// What is matched.
    enum Subject { case bytes, text }

    /// One match: the ranges of the whole and of its groups, `nil` for groups that took no part.
    struct Match: Sendable {
        fileprivate let ranges: [Range<Int>?]
        fileprivate let names: [String: Int]
        fileprivate let units: [UInt16]

        /// The whole.
        var range: Range<Int> { (ranges.first ?? nil) ?? 0..<0 }

        /// Where group `index` matched.
        func range(of index: Int) -> Range<Int>? { ranges.indices.contains(index) ? ranges[index] : nil }

        /// Where the group called `name` matched.
        func range(of name: String) -> Range<Int>? { names[name].flatMap(range(of:)) }
    }

    /// Translates and compiles `source`.
    /// - Throws: ``InputError`` when it is no regular expression.
    init(
        _ source: String, over subject: Subject = .bytes, multiline: Bool = false, dotMatchesNewline: Bool = false
    ) throws(InputError) {
        let text = subject == .bytes ? String(String.UnicodeScalarView(source.utf8.map { Unicode.Scalar($0) })) : source
        var translator = PatternTranslator(text, isAscii: subject == .bytes)
        let translated = translator.translate()
        names = translator.names
        self.source = source
        var options: NSRegularExpression.Options = [.useUnixLineSeparators]
        if multiline { options.insert(.anchorsMatchLines) }
        if dotMatchesNewline { options.insert(.dotMatchesLineSeparators) }
        do {
            expression = Expression(value: try NSRegularExpression(pattern: translated, options: options))
        } catch {
            throw InputError("'\(source)' is not a regular expression", hints: ["check its brackets and backslashes"])
        }
    }

    /// The first match anywhere in `bytes`.
    /// - Throws: as ``matches(in:)``.
    func firstMatch(in bytes: [UInt8]) throws(InputError) -> Match? { try firstMatch(in: bytes.map(UInt16.init)) }

    /// The first match anywhere in `units`.
    /// - Throws: as ``matches(in:)``.
    func firstMatch(in units: [UInt16]) throws(InputError) -> Match? { try matches(in: units, most: 1).first }

    /// All matches in `units` that do not overlap.
    /// - Throws: ``InputError`` when the search takes too long, or more memory than ICU gives it.
    func matches(in units: [UInt16]) throws(InputError) -> [Match] { try matches(in: units, most: .max) }

    /// After so many thousands of steps, some seconds, a search is given up: some patterns try a text in more ways than
    /// anybody can wait for.
    private static let mostTicks = 30_000

    private func matches(in units: [UInt16], most: Int) throws(InputError) -> [Match] {
        let text = String(utf16CodeUnits: units, count: units.count)
        var matches: [Match] = []
        var ticks = 0
        var hasFailed = false
        expression.value.enumerateMatches(
            in: text, options: [.reportProgress, .reportCompletion], range: NSRange(location: 0, length: units.count)
        ) { result, flags, stop in
            if let result { matches.append(match(result, units)) }
            if flags.contains(.progress) { ticks += 1 }
            if flags.contains(.internalError) { hasFailed = true }
            if ticks > Self.mostTicks || matches.count >= most { stop.pointee = true }
        }
        guard ticks <= Self.mostTicks, !hasFailed else {
            throw InputError(
                "the regular expression '\(source)' takes too \(hasFailed ? "much memory" : "long") on this text")
        }
        return matches
    }

    private func match(_ result: NSTextCheckingResult, _ units: [UInt16]) -> Match {
        let ranges = (0..<result.numberOfRanges).map { Range(result.range(at: $0)) }
        return Match(ranges: ranges, names: names, units: units)
    }
}

extension PythonPattern.Match {
    /// ``expand(_:)-([UInt16])`` for bytes.
    func expand(_ template: [UInt8]) throws(InputError) -> [UInt8] {
        try expand(template.map(UInt16.init)).map { UInt8(truncatingIfNeeded: $0) }
    }

    /// `template` with `\1`, `\g<name>` and escapes such as `\n` replaced, as Python's `Match.expand` does.
    /// - Throws: ``InputError`` for a group that does not exist.
    func expand(_ template: [UInt16]) throws(InputError) -> [UInt16] {
        var result: [UInt16] = []
        var rest = template[...]
        while let unit = rest.popFirst() {
            guard unit == 0x5C, let next = rest.popFirst() else {
                result.append(unit)
                continue
            }
            switch Character(Unicode.Scalar(next) ?? " ") {
            case "0": result.append(0)
            case let digit where digit.isASCII && digit.isNumber:
                var number = Int(next) - 0x30
                if let second = rest.first, (0x30...0x39).contains(second) {
                    number = number * 10 + Int(second) - 0x30
                    rest.removeFirst()
                }
                result += try group(number)
            case "g": result += try namedGroup(&rest)
            default: result += Self.escape(next)
            }
        }
        return result
    }

    private func namedGroup(_ rest: inout ArraySlice<UInt16>) throws(InputError) -> ArraySlice<UInt16> {
        guard rest.first == 0x3C, let end = rest.firstIndex(of: 0x3E) else {
            throw InputError("a group's name must stand in '<>' behind '\\g'")
        }
        let name = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF16.self)
        rest = rest[(end + 1)...]
        guard let number = Int(name) ?? names[name] else { throw InputError("there is no group '\(name)'") }
        return try group(number)
    }

    /// What a group holds; nothing when it took no part.
    private func group(_ number: Int) throws(InputError) -> ArraySlice<UInt16> {
        guard ranges.indices.contains(number) else { throw InputError("there is no group \(number)") }
        return ranges[number].map { units[$0] } ?? []
    }

    private static func escape(_ letter: UInt16) -> [UInt16] {
        switch Character(Unicode.Scalar(letter) ?? " ") {
        case "n": [0x0A]
        case "t": [0x09]
        case "r": [0x0D]
        case "a": [0x07]
        case "b": [0x08]
        case "f": [0x0C]
        case "v": [0x0B]
        case "\\": [letter]
        default: [0x5C, letter]
        }
    }
}
