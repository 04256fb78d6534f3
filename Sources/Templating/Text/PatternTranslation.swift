/// Rewrites a pattern of Python's `re` for ICU.
struct PatternTranslation {
    private(set) var pattern = ""
    private(set) var names: [String: Int] = [:]
    private var rest: Substring.UnicodeScalarView
    private var groups = 0

    static func translate(_ pattern: String) throws -> PatternTranslation {
        var translation = PatternTranslation(pattern)
        try translation.run()
        if pattern.isEmpty { translation.pattern = nothing }
        return translation
    }

    /// ICU takes no empty pattern.
    private static let nothing = "(?:)"

    private init(_ pattern: String) { rest = pattern.unicodeScalars[...] }

    private mutating func put(_ scalar: Unicode.Scalar) { pattern.unicodeScalars.append(scalar) }

    private mutating func run() throws {
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\": escape(inSet: false)
            case "[": try set()
            case "(": try group()
            case "{": brace()
            case "}": pattern += "\\}"
            default: put(scalar)
            }
        }
    }

    private mutating func escape(inSet: Bool) {
        guard let escaped = rest.popFirst() else { return put("\\") }
        switch escaped {
        case "Z" where !inSet: pattern += "\\z"
        // Letters that mean something to ICU alone stand for themselves nowhere in Python's patterns.
        default:
            put("\\")
            put(escaped)
        }
    }

    /// A set: `[`, `&` and `-` after a class stand for themselves in Python, but not in ICU.
    private mutating func set() throws {
        put("[")
        if rest.first == "^" {
            rest.removeFirst()
            put("^")
        }
        var isFirst = true
        var afterClass = false
        while let scalar = rest.popFirst() {
            switch scalar {
            case "]" where isFirst: pattern += "\\]"
            case "]":
                put("]")
                return
            case "\\":
                let isClass = rest.first.map { "dDwWsS".unicodeScalars.contains($0) } ?? false
                escape(inSet: true)
                afterClass = isClass
                isFirst = false
                continue
            case "-" where afterClass || isFirst || rest.first == "]": pattern += "\\-"
            case "-":
                if rest.first == "[" {
                    rest.removeFirst()
                    pattern += "-\\["
                } else {
                    put("-")
                }
            case "[", "&", "#", " ", "{", "}":
                put("\\")
                put(scalar)
            default: put(scalar)
            }
            isFirst = false
            afterClass = false
        }
        throw TemplateError.filter("unterminated character set in a regular expression")
    }

    private mutating func group() throws {
        guard rest.first == "?" else {
            groups += 1
            return put("(")
        }
        let text = String(rest.prefix(3))
        if text == "?P<" {
            rest = rest.dropFirst(3)
            try namedGroup()
        } else if text == "?P=" {
            rest = rest.dropFirst(3)
            let name = takeName(until: ")")
            guard let number = names[name] else { throw TemplateError.filter("unknown group name '\(name)'") }
            pattern += "(?:\\\(number))"
        } else {
            put("(")
            flags()
        }
    }

    private mutating func namedGroup() throws {
        groups += 1
        let name = takeName(until: ">")
        guard !name.isEmpty, names[name] == nil else {
            throw TemplateError.filter("bad or repeated group name '\(name)' in a regular expression")
        }
        names[name] = groups
        put("(")
    }

    /// Python's flags `a`, `L` and `u` have no meaning here.
    private mutating func flags() {
        let ignored: Set<Unicode.Scalar> = ["a", "L", "u"]
        guard let end = rest.firstIndex(where: { $0 == ")" || $0 == ":" }) else { return }
        let flags = rest[rest.index(after: rest.startIndex)..<end]
        guard !flags.isEmpty, flags.allSatisfy({ "aiLmsux-".unicodeScalars.contains($0) }) else { return }
        let kept = flags.filter { !ignored.contains($0) }
        pattern += "?" + String(String.UnicodeScalarView(kept))
        rest = rest[end...]
        if kept.isEmpty, rest.first == ")" {
            // `()` would be a group.
            pattern += ":"
        }
    }

    private mutating func takeName(until end: Unicode.Scalar) -> String {
        let name = rest.prefix { $0 != end }
        rest = rest.dropFirst(name.count + 1)
        return String(name)
    }

    /// A repetition, or a brace that stands for itself.
    private mutating func brace() {
        guard let end = rest.firstIndex(of: "}") else {
            pattern += "\\{"
            return
        }
        let body = rest[..<end]
        let bounds = String(body).split(separator: ",", omittingEmptySubsequences: false)
        let isRepetition =
            !body.isEmpty && bounds.count <= 2
            && bounds.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard isRepetition else {
            pattern += "\\{"
            return
        }
        pattern += "{" + (bounds[0].isEmpty ? "0" : "") + String(body) + "}"
        rest = rest[rest.index(after: end)...]
    }
}
