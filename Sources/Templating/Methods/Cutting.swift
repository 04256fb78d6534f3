import Values

/// How Python cuts text.
enum Cutting {
    static func split(_ text: String, _ call: MethodCall, fromRight: Bool) throws -> [String] {
        let limit = try call.integer(1, "maxsplit", default: -1)
        switch call.value(0, "sep") {
        case nil, .some(.none): return fromRight ? wordsFromRight(text, limit) : words(text, limit)
        case .some(let value):
            guard case .string(let separator) = value, !separator.isEmpty else {
                throw TemplateError.type("the separator must be text that is not empty")
            }
            guard fromRight, limit >= 0 else { return text.parts(separatedBy: separator, limit: limit) }
            let parts = text.parts(separatedBy: separator)
            let kept = max(parts.count - limit, 1)
            return [parts.prefix(kept).joined(separator: separator)] + parts.dropFirst(kept)
        }
    }

    /// Cut at runs of white space, without empty parts.
    static func words(_ text: String, _ limit: Int = -1) -> [String] {
        var result: [String] = []
        var rest = text.unicodeScalars[...]
        while true {
            rest = rest.drop { $0.isPythonSpace }
            guard !rest.isEmpty else { return result }
            if limit >= 0, result.count == limit { return result + [String(rest)] }
            let word = rest.prefix { !$0.isPythonSpace }
            result.append(String(word))
            rest = rest[word.endIndex...]
        }
    }

    private static func wordsFromRight(_ text: String, _ limit: Int) -> [String] {
        var result: [String] = []
        var rest = text.unicodeScalars[...]
        while true {
            while let last = rest.last, last.isPythonSpace { rest.removeLast() }
            guard !rest.isEmpty else { return result.reversed() }
            if limit >= 0, result.count == limit { return [String(rest)] + result.reversed() }
            let word = rest.suffix { !$0.isPythonSpace }
            result.append(String(word))
            rest = rest[..<word.startIndex]
        }
    }

    static func lines(_ text: String, keepsEnds: Bool = false) -> [String] {
        let breaks: Set<Unicode.Scalar> = [
            "\n", "\r", "\u{B}", "\u{C}", "\u{1C}", "\u{1D}", "\u{1E}", "\u{85}", "\u{2028}", "\u{2029}",
        ]
        var result: [String] = []
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let line = rest.prefix { !breaks.contains($0) }
            rest = rest[line.endIndex...]
            var end = ""
            if let first = rest.popFirst() {
                end.unicodeScalars.append(first)
                if first == "\r", rest.first == "\n" { end.unicodeScalars.append(rest.removeFirst()) }
            }
            result.append(String(line) + (keepsEnds ? end : ""))
        }
        return result
    }
}

extension Substring.UnicodeScalarView {
    /// The longest end whose scalars all satisfy `holds`.
    func suffix(_ holds: (Unicode.Scalar) -> Bool) -> Substring.UnicodeScalarView {
        var start = endIndex
        while start > startIndex, holds(self[index(before: start)]) { start = index(before: start) }
        return self[start...]
    }
}

/// White space and other characters at the ends of text.
enum Stripping {
    static func strip(_ text: String, _ characters: Object?, left: Bool, right: Bool) throws -> String {
        let holds: (Unicode.Scalar) -> Bool
        switch characters {
        case nil, .some(.none): holds = { $0.isPythonSpace }
        case .some(let value):
            guard case .string(let set) = value else { throw TemplateError.type("strip arg must be None or str") }
            let scalars = Set(set.unicodeScalars)
            holds = { scalars.contains($0) }
        }
        var rest = text.unicodeScalars[...]
        if left { rest = rest.drop(while: holds) }
        if right { while let last = rest.last, holds(last) { rest.removeLast() } }
        return String(rest)
    }

    static func centered(_ text: String, _ width: Int, fill: String = " ") throws -> String {
        let count = text.scalarCount
        guard width > count else { return text }
        let missing = width - count
        try Extent.check(text: missing, times: fill.utf8.count)
        // Python puts the odd blank left when the width is odd.
        let left = missing / 2 + (missing & width & 1)
        return String(repeating: fill, count: left) + text + String(repeating: fill, count: missing - left)
    }

    static func expandedTabs(_ text: String, _ size: Int) throws -> String {
        var result = ""
        var column = 0
        for scalar in text.unicodeScalars {
            if scalar == "\t" {
                let count = size > 0 ? size - column % size : 0
                try Extent.check(text: count)
                try Extent.check(text: result.utf8.count + count)
                result += String(repeating: " ", count: count)
                column += count
            } else {
                result.unicodeScalars.append(scalar)
                column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
            }
        }
        return result
    }
}

/// Upper and lower case.
enum Casing {
    static func capitalized(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return "" }
        return first.properties.titlecaseMapping + String(text.unicodeScalars.dropFirst()).lowercased()
    }

    /// Python's `str.title()`: every run of letters.
    static func title(_ text: String) -> String {
        var result = ""
        var isInside = false
        for scalar in text.unicodeScalars {
            result += isInside ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
            isInside = scalar.properties.isCased
        }
        return result
    }

    static func swapped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            scalar.properties.isUppercase ? scalar.properties.lowercaseMapping : scalar.properties.uppercaseMapping
        }.joined()
    }
}
