import Fleet
import Foundation
import Values

/// The parts of host patterns.
enum HostPattern {
    /// Splits at commas, else at colons; an address or a range with colons in it stays whole.
    static func split(_ text: String) -> [String] {
        let parts: [String]
        if text.contains(",") {
            parts = text.split(separator: ",").map(String.init)
        } else if HostAddress.parse(text) != nil {
            parts = [text]
        } else {
            parts = splitAtColons(text)
        }
        return parts.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// Runs of characters that are neither blanks nor colons, brackets with all they hold included.
    private static func splitAtColons(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var rest = Substring(text)
        while let character = rest.popFirst() {
            if character == "[", let close = rest.firstIndex(of: "]") {
                part += "[" + rest[...close]
                rest = rest[rest.index(after: close)...]
            } else if character == ":" || character == "[" || character == "]" || character.isWhitespace {
                parts.append(part)
                part = ""
            } else {
                part.append(character)
            }
        }
        return (parts + [part]).filter { !$0.isEmpty }
    }

    /// The patterns of a limit; `@file` stands for the lines of a file.
    static func limits(_ text: String) throws(InputError) -> [String] {
        var patterns: [String] = []
        for pattern in split(text) {
            guard pattern.hasPrefix("@") else {
                patterns.append(pattern)
                continue
            }
            let lines = try YAMLReader.text(of: String(pattern.dropFirst())).split(separator: "\n")
            patterns += lines.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }
        return patterns
    }

    // MARK: Subscripts

    /// Which of a pattern's hosts: `[2]`, `[-1]`, `[1:3]` (both ends included), `[1:]`.
    struct Subscript {
        var start: Int
        /// `nil` for a single one.
        var end: Int?

        func applied<Element>(to elements: [Element]) -> [Element] {
            guard let end, end != 0 else {
                let index = start < 0 ? elements.count + start : start
                return elements.indices.contains(index) ? [elements[index]] : []
            }
            let last = end == -1 ? elements.count - 1 : min(end, elements.count - 1)
            return start <= last ? Array(elements[start...last]) : []
        }
    }

    /// A pattern and its subscript. Regular expressions have none.
    static func subscripted(_ pattern: String) -> (String, Subscript?) {
        guard !pattern.hasPrefix("~"), pattern.hasSuffix("]"), let open = pattern.lastIndex(of: "["),
            open != pattern.startIndex
        else { return (pattern, nil) }
        let inner = pattern[pattern.index(after: open)...].dropLast()
        guard let range = parseSubscript(inner) else { return (pattern, nil) }
        return (String(pattern[..<open]), range)
    }

    private static func parseSubscript(_ text: Substring) -> Subscript? {
        let isNegative = text.first == "-"
        let digits = isNegative ? text.dropFirst() : text
        if !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) {
            return Int(text).map { Subscript(start: $0, end: nil) }
        }
        guard !isNegative, let separator = text.firstIndex(where: { $0 == ":" || $0 == "-" }) else { return nil }
        guard let start = Int(text[..<separator]) else { return nil }
        let end = text[text.index(after: separator)...]
        if end.isEmpty { return Subscript(start: start, end: -1) }
        guard end.allSatisfy({ $0.isASCII && $0.isNumber }), let end = Int(end) else { return nil }
        return Subscript(start: start, end: end)
    }

    // MARK: Matching

    /// Matches names against one pattern: a plain word, a pattern of the shell, or `~` and a regular expression.
    struct Matcher {
        private enum Kind {
            case word(String)
            case shell(FileNamePattern)
            case expression(PythonPattern)
        }

        private let kind: Kind
        /// Whether hosts are matched even where groups matched.
        let isWild: Bool

        /// - Throws: ``InputError`` for a regular expression that is none.
        init(_ pattern: String) throws(InputError) {
            if pattern.hasPrefix("~") {
                kind = .expression(try PythonPattern(String(pattern.dropFirst())))
                isWild = true
            } else {
                kind = pattern.contains { "?*[".contains($0) } ? .shell(FileNamePattern(pattern)) : .word(pattern)
                isWild = pattern.contains { ".?*[".contains($0) }
            }
        }

        /// - Throws: ``InputError`` when a regular expression takes too long.
        func matches(_ name: String) throws(InputError) -> Bool {
            switch kind {
            case .word(let word): name == word
            case .shell(let pattern): pattern.matches(name)
            case .expression(let pattern): try pattern.firstMatch(in: name, .start) != nil
            }
        }

        /// The places of the names that match.
        /// - Throws: as ``matches(_:)``.
        func places(in names: some Sequence<String>) throws(InputError) -> [Int] {
            var places: [Int] = []
            for (place, name) in names.enumerated() where try matches(name) { places.append(place) }
            return places
        }
    }
}
