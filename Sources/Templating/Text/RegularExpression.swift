import Foundation
import Synchronization

/// A regular expression with the meaning Python's `re` gives it, run by ICU.
final class RegularExpression: Sendable {
    /// Where a match must be.
    enum Anchor { case anywhere, start, whole }

    private let pattern: String
    private let compiled: NSRegularExpression
    /// Names of groups, and their numbers.
    let names: [String: Int]
    private let ignoresCase: Bool
    private let isMultiline: Bool
    var groupCount: Int { compiled.numberOfCaptureGroups }

    private init(_ pattern: String, ignoresCase: Bool, isMultiline: Bool) throws {
        self.pattern = pattern
        let translation = try PatternTranslation.translate(pattern)
        var options: NSRegularExpression.Options = [.useUnixLineSeparators]
        if ignoresCase { options.insert(.caseInsensitive) }
        if isMultiline { options.insert(.anchorsMatchLines) }
        do {
            compiled = try NSRegularExpression(pattern: translation.pattern, options: options)
        } catch {
            throw TemplateError.filter("'\(pattern)' is no regular expression")
        }
        names = translation.names
        self.ignoresCase = ignoresCase
        self.isMultiline = isMultiline
    }

    private struct Identity: Hashable {
        var pattern: String
        var ignoresCase: Bool
        var isMultiline: Bool
    }

    private static let known = Mutex<[Identity: RegularExpression]>([:])

    /// The expression, compiled once.
    static func cached(_ pattern: String, ignoresCase: Bool, isMultiline: Bool) throws -> RegularExpression {
        let identity = Identity(pattern: pattern, ignoresCase: ignoresCase, isMultiline: isMultiline)
        if let expression = known.withLock({ $0[identity] }) { return expression }
        let expression = try RegularExpression(pattern, ignoresCase: ignoresCase, isMultiline: isMultiline)
        known.withLock { known in
            if known.count > 2000 { known.removeAll() }
            known[identity] = expression
        }
        return expression
    }

    /// One match: its groups' texts, and its place in UTF-16 units.
    struct Match {
        let range: NSRange
        let groups: [String?]
        subscript(group: Int) -> String? { groups[group] }
    }

    func firstMatch(in text: String, _ anchor: Anchor = .anywhere) throws -> Match? {
        if anchor == .whole {
            let ended = try Self.cached("(?:\(pattern))\\Z", ignoresCase: ignoresCase, isMultiline: isMultiline)
            return try ended.firstMatch(in: text, .start)
        }
        let whole = text as NSString
        let range = NSRange(location: 0, length: whole.length)
        let options: NSRegularExpression.MatchingOptions = anchor == .anywhere ? [] : [.anchored]
        var first: Match?
        try eachMatch(in: text, options, range) { result in
            first = match(result, whole)
            return false
        }
        return first
    }

    func matches(in text: String) throws -> [Match] {
        let whole = text as NSString
        var matches: [Match] = []
        try eachMatch(in: text, [], NSRange(location: 0, length: whole.length)) { result in
            matches.append(match(result, whole))
            return true
        }
        return matches
    }

    /// After so many thousands of steps, some seconds, a search is given up: some patterns try a text in more ways than
    /// anybody can wait for.
    private static let mostTicks = 30_000

    /// Calls `body` with each match, as long as it says to go on.
    /// - Throws: `.filter` when the search takes too long, or more memory than ICU gives it.
    private func eachMatch(
        in text: String, _ options: NSRegularExpression.MatchingOptions, _ range: NSRange,
        _ body: (NSTextCheckingResult) -> Bool
    ) throws {
        var ticks = 0
        var hasFailed = false
        withoutActuallyEscaping(body) { body in
            compiled.enumerateMatches(
                in: text, options: options.union([.reportProgress, .reportCompletion]), range: range
            ) { result, flags, stop in
                if flags.contains(.progress) { ticks += 1 }
                if flags.contains(.internalError) { hasFailed = true }
                if ticks > Self.mostTicks || result.map(body) == false { stop.pointee = true }
            }
        }
        guard ticks <= Self.mostTicks else {
            throw TemplateError.filter("the pattern '\(pattern)' takes too long on this text")
        }
        guard !hasFailed else {
            throw TemplateError.filter("the pattern '\(pattern)' needs too much memory on this text")
        }
    }

    private func match(_ result: NSTextCheckingResult, _ text: NSString) -> Match {
        let groups = (0..<result.numberOfRanges).map { index -> String? in
            let range = result.range(at: index)
            return range.location == NSNotFound ? nil : text.substring(with: range)
        }
        return Match(range: result.range, groups: groups)
    }

    /// `text` with matches replaced, at most `limit` of them (0: all), and their number.
    func replacing(in text: String, with template: ReplacementTemplate, limit: Int) throws -> (String, Int) {
        let whole = text as NSString
        var result = ""
        var place = 0
        var count = 0
        for match in try matches(in: text) {
            if limit > 0, count == limit { break }
            try Extent.check(text: result.utf8.count)
            result += whole.substring(with: NSRange(location: place, length: match.range.location - place))
            let replacement = template.expanded(match)
            try Extent.check(text: result.utf8.count + replacement.utf8.count)
            result += replacement
            place = match.range.location + match.range.length
            count += 1
        }
        return (result + whole.substring(from: place), count)
    }
}

/// What a match is replaced with: text, and groups of the match.
struct ReplacementTemplate {
    private enum Piece {
        case text(String)
        case group(Int)
    }

    private var pieces: [Piece] = []

    /// Reads `\1`, `\g<1>`, `\g<name>` and escapes.
    init(_ template: String, for expression: RegularExpression) throws {
        var rest = template.unicodeScalars[...]
        var text = ""
        while let scalar = rest.popFirst() {
            guard scalar == "\\", let escaped = rest.popFirst() else {
                text.unicodeScalars.append(scalar)
                continue
            }
            switch escaped {
            case "g":
                pieces += [.text(text), .group(try Self.reference(&rest, expression))]
                text = ""
            case "0":
                text.unicodeScalars.append(Self.octal(&rest))
            case "1"..."9":
                pieces += [.text(text), .group(try Self.number(escaped, &rest, expression))]
                text = ""
            default: text += try Self.escape(escaped, template)
            }
        }
        pieces.append(.text(text))
    }

    private static func reference(
        _ rest: inout Substring.UnicodeScalarView, _ expression: RegularExpression
    ) throws -> Int {
        guard rest.popFirst() == "<", let end = rest.firstIndex(of: ">") else {
            throw TemplateError.filter("missing <group> after \\g in a replacement")
        }
        let name = String(rest[..<end])
        rest = rest[rest.index(after: end)...]
        guard let group = Int(name) ?? expression.names[name], (0...expression.groupCount).contains(group) else {
            throw TemplateError.filter("unknown group '\(name)' in a replacement")
        }
        return group
    }

    private static func number(
        _ first: Unicode.Scalar, _ rest: inout Substring.UnicodeScalarView, _ expression: RegularExpression
    ) throws -> Int {
        var number = Int(first.value) - 0x30
        if let next = rest.first, ("0"..."9").contains(next) {
            number = number * 10 + Int(next.value) - 0x30
            rest.removeFirst()
        }
        guard number <= expression.groupCount else {
            throw TemplateError.filter("invalid group reference \(number) in a replacement")
        }
        return number
    }

    private static func octal(_ rest: inout Substring.UnicodeScalarView) -> Unicode.Scalar {
        var value: UInt32 = 0
        for _ in 0..<2 {
            guard let next = rest.first, ("0"..."7").contains(next) else { break }
            value = value * 8 + next.value - 0x30
            rest.removeFirst()
        }
        return Unicode.Scalar(value) ?? "\0"
    }

    private static func escape(_ scalar: Unicode.Scalar, _ template: String) throws -> String {
        let known: [Unicode.Scalar: String] = [
            "a": "\u{7}", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{B}", "\\": "\\",
        ]
        if let text = known[scalar] { return text }
        guard !(scalar.isASCII && scalar.properties.isAlphabetic) else {
            throw TemplateError.filter("bad escape \\\(scalar) in the replacement '\(template)'")
        }
        return "\\" + String(scalar)
    }

    func expanded(_ match: RegularExpression.Match) -> String {
        var result = ""
        for piece in pieces {
            switch piece {
            case .text(let text): result += text
            case .group(let group): result += match[group] ?? ""
            }
        }
        return result
    }
}
