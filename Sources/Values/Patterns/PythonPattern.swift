public import Fleet
import Foundation
import Synchronization

/// A regular expression with the meaning that Python's `re` gives it, run by ICU.
///
/// Over text, places are counted in UTF-16 units. Over bytes, as Ansible's `lineinfile` uses it, bytes are matched as the
/// characters of Latin-1, so a text in any encoding passes through unharmed.
public final class PythonPattern: Sendable {
    /// What is matched.
    public enum Matter: Sendable {
        /// Text: classes such as `\w` hold letters of all scripts.
        case text
        /// Bytes: classes hold ASCII.
        case bytes
    }

    /// Flags beside those that the pattern itself sets.
    public struct Options: OptionSet, Hashable, Sendable {
        /// The flags as bits.
        public let rawValue: Int
        /// Flags from bits.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// `re.IGNORECASE`
        public static let ignoresCase = Self(rawValue: 1)
        /// `re.MULTILINE`: `^` and `$` match at lines.
        public static let isMultiline = Self(rawValue: 2)
        /// `re.DOTALL`: a dot matches the end of a line too.
        public static let dotMatchesAll = Self(rawValue: 4)
        /// `re.VERBOSE`: white space and comments mean nothing.
        public static let isVerbose = Self(rawValue: 8)
    }

    /// Where a match must be.
    public enum Anchor: Sendable {
        /// `re.search`
        case anywhere
        /// `re.match`: at the start.
        case start
        /// `re.fullmatch`: all of it.
        case whole
    }

    /// The pattern as it was given.
    public let source: String
    /// What it matches.
    public let matter: Matter
    /// The numbers of the groups that have names.
    public let names: [String: Int]
    /// How many groups capture something.
    public let groupCount: Int
    private let reading: PatternReader.Reading
    /// Text that every match holds, which is looked for before ICU is asked; empty when there is none.
    private let needle: [UInt8]
    /// Whether a match may be empty where a longer one was possible.
    private let mayPreferEmpty: Bool
    private let forms = Mutex<[Form: ICUExpression]>([:])

    /// Reads `source`.
    /// - Throws: ``InputError`` when it is no regular expression, with Python's reason.
    public init(_ source: String, _ options: Options = [], over matter: Matter = .text) throws(InputError) {
        self.source = source
        self.matter = matter
        do {
            reading = try PatternReader.read(
                matter == .text ? Array(source.unicodeScalars) : source.utf8.map { Unicode.Scalar($0) },
                flags: PatternFlags(rawValue: options.rawValue), isText: matter == .text)
            names = reading.names
            groupCount = reading.groupCount
            needle = PatternNode.needle(in: reading.nodes, reading.flags, isText: matter == .text)
            mayPreferEmpty = !PatternNode.triesEmptyLast(reading.nodes, reading.widths)
            // What ICU can't do is told now, and not by the first text.
            _ = try expression(Form(alphabet: matter == .text ? .plain : .bytes))
        } catch {
            throw InputError("'\(source)' is not a regular expression: \(error.message)")
        }
    }

    /// A pattern that stands in the program; one that can't be read is the programmer's mistake, and ends the program.
    public convenience init(known source: StaticString, _ options: Options = []) {
        do {
            try self.init(String(describing: source), options)
        } catch {
            preconditionFailure(error.message)
        }
    }

    // MARK: Searching

    /// The first match.
    /// - Throws: ``InputError`` when the search takes too long, or more memory than ICU gives it.
    public func firstMatch(in text: String, _ anchor: Anchor = .anywhere) throws(InputError) -> Match? {
        try first(PatternMatter(text), anchor)
    }

    /// The first match in bytes.
    /// - Throws: as ``firstMatch(in:_:)-(String,_)``.
    public func firstMatch(in bytes: [UInt8], _ anchor: Anchor = .anywhere) throws(InputError) -> Match? {
        try first(PatternMatter(bytes), anchor)
    }

    /// All matches, as `re.finditer` finds them: none overlaps another, and an empty one may follow upon another at once.
    /// - Throws: as ``firstMatch(in:_:)-(String,_)``.
    public func matches(in text: String) throws(InputError) -> [Match] { try all(PatternMatter(text), most: .max) }

    /// All matches in bytes.
    /// - Throws: as ``firstMatch(in:_:)-(String,_)``.
    public func matches(in bytes: [UInt8]) throws(InputError) -> [Match] {
        try all(PatternMatter(bytes), most: .max)
    }

    /// `text` with its matches replaced, at most `most` of them, and how many were.
    /// - Parameter longest: How many bytes the result may have.
    /// - Throws: as ``firstMatch(in:_:)-(String,_)``, and for a result that is longer.
    public func replacing(
        in text: String, with replacement: PatternReplacement, most: Int = .max, longest: Int = .max
    ) throws(InputError) -> (text: String, count: Int) {
        let matter = PatternMatter(text)
        var result = ""
        var end = 0
        let matches = try all(matter, most: most)
        for match in matches {
            result += matter.text(end..<match.range.lowerBound)
            result += replacement.text(for: match)
            end = match.range.upperBound
            guard result.utf8.count <= longest else {
                throw InputError("the text would be longer than \(longest >> 20) MiB")
            }
        }
        return (result + matter.text(end..<matter.count), matches.count)
    }

    private func first(_ matter: PatternMatter, _ anchor: Anchor) throws(InputError) -> Match? {
        guard matter.mayHold(needle) else { return nil }
        var form = form(for: matter)
        form.isWhole = anchor == .whole
        let place = ICUExpression.Place(start: 0, isAnchored: anchor != .anywhere)
        return try expression(form).matches(in: matter, at: place, most: 1, self).first
    }

    private func all(_ matter: PatternMatter, most: Int) throws(InputError) -> [Match] {
        guard matter.mayHold(needle), most > 0 else { return [] }
        let form = form(for: matter)
        guard mayPreferEmpty else { return try expression(form).matches(in: matter, at: .init(), most: most, self) }
        return try eachByItself(matter, form, most)
    }

    /// Where a match was empty, Python first looks for one that is not, at the same place; ICU goes on behind it.
    private func eachByItself(_ matter: PatternMatter, _ form: Form, _ most: Int) throws(InputError) -> [Match] {
        let expression = try expression(form)
        var longerForm = form
        longerForm.isLonger = true
        var matches: [Match] = []
        var place = ICUExpression.Place()
        while matches.count < most {
            guard let match = try expression.matches(in: matter, at: place, most: 1, self).first else { break }
            matches.append(match)
            place.start = match.range.upperBound
            guard match.range.isEmpty else { continue }
            guard place.start < matter.count else { break }
            let here = ICUExpression.Place(start: place.start, isAnchored: true)
            if matches.count < most,
                let longer = try self.expression(longerForm).matches(in: matter, at: here, most: 1, self).first
            {
                matches.append(longer)
                place.start = longer.range.upperBound
            } else {
                place.start = matter.index(after: place.start)
            }
        }
        return matches
    }

    // MARK: Expressions

    /// One of the ways in which a pattern is written for ICU.
    struct Form: Hashable {
        var alphabet: ICUWriter.Alphabet
        /// It must reach the end.
        var isWhole = false
        /// It must not be empty.
        var isLonger = false
    }

    private func form(for matter: PatternMatter) -> Form {
        Form(alphabet: self.matter == .bytes ? .bytes : matter.isASCII ? .plain : .unicode)
    }

    private func expression(_ form: Form) throws(InputError) -> ICUExpression {
        if let known = forms.withLock({ $0[form] }) { return known }
        let expression = try ICUExpression(reading, form)
        forms.withLock { $0[form] = expression }
        return expression
    }
}
