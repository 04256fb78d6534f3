import Fleet
import Foundation

/// A regular expression of Python's `re` over bytes, as `lineinfile` and `replace` use it.
///
/// Bytes are matched as the characters of Latin-1, so a text in any encoding passes through unharmed, and positions in
/// the text are positions in the bytes.
struct PythonPattern: Sendable {
    private let expression: Expression
    private let names: [String: Int]

    /// NSRegularExpression is immutable and documented as safe to share.
    private struct Expression: @unchecked Sendable {
        // Nobody guards it: it never changes after its making.
        let value: NSRegularExpression
    }

    /// One match: the ranges of the whole and of its groups, `nil` for groups that took no part.
    struct Match: Sendable {
        let ranges: [Range<Int>?]
        let names: [String: Int]
        fileprivate let bytes: [UInt8]

        /// The whole.
        var range: Range<Int> { (ranges.first ?? nil) ?? 0..<0 }

        /// What group `index` holds; nothing when it took no part.
        func group(_ index: Int) -> ArraySlice<UInt8> {
            ranges.indices.contains(index) ? ranges[index].map { bytes[$0] } ?? [] : []
        }
    }

    /// Translates and compiles `source`.
    /// - Throws: ``InputError`` when it is no regular expression.
    init(_ source: String, multiline: Bool = false, dotMatchesNewline: Bool = false) throws(InputError) {
        var translator = PatternTranslator(Latin1.text(Array(source.utf8)))
        let text = translator.translate()
        names = translator.names
        var options: NSRegularExpression.Options = [.useUnixLineSeparators]
        if multiline { options.insert(.anchorsMatchLines) }
        if dotMatchesNewline { options.insert(.dotMatchesLineSeparators) }
        do {
            expression = Expression(value: try NSRegularExpression(pattern: text, options: options))
        } catch {
            throw InputError("'\(source)' is not a regular expression", hints: ["check its brackets and backslashes"])
        }
    }

    /// The first match anywhere in `bytes`.
    func firstMatch(in bytes: [UInt8]) -> Match? {
        let text = Latin1.text(bytes)
        return expression.value.firstMatch(in: text, range: NSRange(location: 0, length: bytes.count))
            .map { match($0, bytes) }
    }

    /// All matches in `bytes` that do not overlap.
    func matches(in bytes: [UInt8]) -> [Match] {
        let text = Latin1.text(bytes)
        return expression.value.matches(in: text, range: NSRange(location: 0, length: bytes.count))
            .map { match($0, bytes) }
    }

    private func match(_ result: NSTextCheckingResult, _ bytes: [UInt8]) -> Match {
        let ranges = (0..<result.numberOfRanges).map { Range(result.range(at: $0)) }
        return Match(ranges: ranges, names: names, bytes: bytes)
    }
}

/// Bytes as the characters with the same numbers.
enum Latin1 {
    /// The text of `bytes`.
    static func text(_ bytes: [UInt8]) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}

extension PythonPattern.Match {
    /// `template` with `\1`, `\g<name>` and escapes such as `\n` replaced, as Python's `Match.expand` does.
    /// - Throws: ``InputError`` for a group that does not exist.
    func expand(_ template: [UInt8]) throws(InputError) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < template.count {
            let byte = template[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < template.count else {
                result.append(byte)
                continue
            }
            let next = template[index]
            index += 1
            switch next {
            case UInt8(ascii: "0"): result.append(0)
            case UInt8(ascii: "1")...UInt8(ascii: "9"):
                var number = Int(next - UInt8(ascii: "0"))
                if index < template.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(template[index]) {
                    number = number * 10 + Int(template[index] - UInt8(ascii: "0"))
                    index += 1
                }
                result += try checked(number)
            case UInt8(ascii: "g"):
                guard index < template.count, template[index] == UInt8(ascii: "<"),
                    let end = template[index...].firstIndex(of: UInt8(ascii: ">"))
                else { throw InputError("a group's name must stand in '<>' behind '\\g'") }
                let name = String(decoding: template[(index + 1)..<end], as: UTF8.self)
                index = end + 1
                guard let number = Int(name) ?? names[name] else { throw InputError("there is no group '\(name)'") }
                result += try checked(number)
            default: result += Self.escape(next)
            }
        }
        return result
    }

    private func checked(_ number: Int) throws(InputError) -> ArraySlice<UInt8> {
        guard ranges.indices.contains(number) else { throw InputError("there is no group \(number)") }
        return group(number)
    }

    private static func escape(_ letter: UInt8) -> [UInt8] {
        switch letter {
        case UInt8(ascii: "n"): [0x0A]
        case UInt8(ascii: "t"): [0x09]
        case UInt8(ascii: "r"): [0x0D]
        case UInt8(ascii: "a"): [0x07]
        case UInt8(ascii: "b"): [0x08]
        case UInt8(ascii: "f"): [0x0C]
        case UInt8(ascii: "v"): [0x0B]
        case UInt8(ascii: "\\"): [letter]
        default: [UInt8(ascii: "\\"), letter]
        }
    }
}
