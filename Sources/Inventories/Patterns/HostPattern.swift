import Fleet
import Foundation

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
        private let word: String
        private let expression: NSRegularExpression?
        /// Whether hosts are matched even where groups matched.
        let isWild: Bool

        init(_ pattern: String) throws(InputError) {
            word = pattern
            let isExpression = pattern.hasPrefix("~")
            isWild = isExpression || pattern.contains { ".?*[".contains($0) }
            guard isExpression || pattern.contains(where: { "?*[".contains($0) }) else {
                expression = nil
                return
            }
            let source = isExpression ? Self.translate(python: pattern.dropFirst()) : Self.translate(glob: pattern)
            do {
                expression = try NSRegularExpression(pattern: source)
            } catch {
                let isSlice = !isExpression && pattern.hasSuffix("]")
                throw InputError(
                    "'\(pattern)' is no valid \(isExpression ? "regular expression" : "pattern")",
                    hints: isSlice ? ["slices look like group[0], group[-1], group[1:3] and group[1:]"] : [])
            }
        }

        func matches(_ name: String) -> Bool {
            guard let expression else { return name == word }
            let whole = NSRange(name.startIndex..., in: name)
            return expression.firstMatch(in: name, options: [.anchored], range: whole) != nil
        }

        private static func translate(python expression: Substring) -> String {
            String(expression).replacing("(?P<", with: "(?<")
        }

        /// As Python's `fnmatch`: a bracket without an end stands for itself.
        private static func translate(glob: String) -> String {
            var pattern = ""
            var rest = Substring(glob)
            while let character = rest.popFirst() {
                switch character {
                case "*": pattern += ".*"
                case "?": pattern += "."
                case "[": pattern += bracket(&rest)
                default: pattern += NSRegularExpression.escapedPattern(for: String(character))
                }
            }
            return "(?s:\(pattern))\\z"
        }

        private static func bracket(_ rest: inout Substring) -> String {
            let negated = rest.first == "!"
            let body = negated ? rest.dropFirst() : rest
            // A ']' that comes first belongs to the set.
            guard let close = body.dropFirst().firstIndex(of: "]") else { return "\\[" }
            let set = body[..<close].map { "\\[]&^:".contains($0) ? "\\\($0)" : String($0) }.joined()
            rest = body[body.index(after: close)...]
            return negated ? "[^\(set)]" : "[\(set)]"
        }
    }
}
