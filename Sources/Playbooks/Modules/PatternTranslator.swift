/// Writes a Python regular expression as ICU reads it.
struct PatternTranslator {
    /// Named groups with their numbers; ICU allows fewer characters in names, so groups lose them.
    private(set) var names: [String: Int] = [:]
    private let source: [Character]
    private var index = 0
    private var groups = 0
    private var result = ""

    /// Whether `\w`, `\d` and `\s` stand for ASCII characters alone, as in Python's patterns over bytes.
    private let isAscii: Bool

    /// A translator of `source`.
    init(_ source: String, isAscii: Bool) {
        self.source = source.unicodeScalars.map(Character.init)
        self.isAscii = isAscii
    }

    /// The expression for ICU.
    mutating func translate() -> String {
        while let character = take() {
            switch character {
            case "\\": result += escape(inSet: false)
            case "[": set()
            case "(": group()
            case "{": result += isQuantifier ? "{" : "\\{"
            case "}": result += isClosingQuantifier ? "}" : "\\}"
            default: result.append(character)
            }
        }
        return result
    }

    private mutating func take() -> Character? {
        guard index < source.count else { return nil }
        defer { index += 1 }
        return source[index]
    }

    private func rest(startsWith text: String) -> Bool { source[index...].starts(with: Array(text)) }

    /// Whether digits and a comma, closed by `}`, follow; else Python takes the brace literally.
    private var isQuantifier: Bool {
        let body = source[index...].prefix { $0.isNumber || $0 == "," }
        return !body.isEmpty && body != [","] && body.first != "," && source.dropFirst(index + body.count).first == "}"
    }

    private var isClosingQuantifier: Bool {
        guard let open = result.lastIndex(of: "{") else { return false }
        let body = result[result.index(after: open)...]
        let isEscaped = open > result.startIndex && result[result.index(before: open)] == "\\"
        return !isEscaped && !body.isEmpty && body.allSatisfy { $0.isNumber || $0 == "," }
    }

    private mutating func escape(inSet: Bool) -> String {
        guard let letter = take() else { return "\\" }
        let space = #" \t\n\r\f\x0B"#
        if !isAscii, "dwsDWS".contains(letter) { return "\\\(letter)" }
        switch letter {
        case "d": return inSet ? "0-9" : "[0-9]"
        case "w": return inSet ? "a-zA-Z0-9_" : "[a-zA-Z0-9_]"
        case "s": return inSet ? space : "[\(space)]"
        case "D": return "[^0-9]"
        case "W": return "[^a-zA-Z0-9_]"
        case "S": return "[^\(space)]"
        case "Z": return "\\z"
        case "a": return "\\x07"
        case "v": return "\\x0B"
        case "b" where inSet: return "\\x08"
        default: return "\\\(letter)"
        }
    }

    /// In ICU's sets `[`, `&&` and `--` have meanings that Python's have not.
    private mutating func set() {
        result += "["
        if rest(startsWith: "^") {
            result.append("^")
            index += 1
        }
        var isFirst = true
        while let character = take() {
            switch character {
            case "]" where !isFirst:
                result += "]"
                return
            case "]": result += "\\]"
            case "[", "&": result += "\\\(character)"
            case "-" where rest(startsWith: "-"): result += "\\-"
            case "\\": result += escape(inSet: true)
            default: result.append(character)
            }
            isFirst = false
        }
    }

    private mutating func group() {
        result += "("
        guard rest(startsWith: "?") else { return groups += 1 }
        if rest(startsWith: "?P<") {
            index += 3
            groups += 1
            names[name(until: ">")] = groups
        } else if rest(startsWith: "?P=") {
            index += 3
            let number = names[name(until: ")")] ?? 0
            result.removeLast()
            result += "(?:\\\(number))"
        } else if rest(startsWith: "?#") {
            _ = name(until: ")")
            result.removeLast()
        }
    }

    private mutating func name(until end: Character) -> String {
        var name = ""
        while let character = take(), character != end { name.append(character) }
        return name
    }
}
