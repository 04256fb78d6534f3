/// Which ways of writing a text are open to it in YAML.
struct YAMLAnalysis {
    private(set) var isMultiline = false
    private(set) var allowsFlowPlain = true
    private(set) var allowsBlockPlain = true
    private(set) var allowsSingleQuotes = true

    init(_ text: String) {
        guard !text.isEmpty else {
            allowsFlowPlain = false
            return
        }
        if text.hasPrefix("---") || text.hasPrefix("...") { forbidPlain() }
        let scalars = Array(text.unicodeScalars)
        for index in scalars.indices { weigh(scalars, index) }
        if let first = scalars.first, let last = scalars.last {
            if Self.isBlank(first) || Self.isBlank(last) { forbidPlain() }
        }
        if isMultiline { forbidPlain() }
    }

    private mutating func forbidPlain() {
        allowsFlowPlain = false
        allowsBlockPlain = false
    }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\u{85}" || scalar == "\u{2028}" || scalar == "\u{2029}"
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || isBreak(scalar) }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        isBlank(scalar) || scalar == "\t" || scalar == "\r" || scalar == "\0"
    }

    private mutating func weigh(_ scalars: [Unicode.Scalar], _ index: Int) {
        let scalar = scalars[index]
        let isBeforeSpace = index + 1 == scalars.count || Self.isSpace(scalars[index + 1])
        let isAfterSpace = index == 0 || Self.isSpace(scalars[index - 1])
        if index == 0 {
            weighFirst(scalar, isBeforeSpace)
        } else {
            switch scalar {
            case ",", "?", "[", "]", "{", "}": allowsFlowPlain = false
            case ":":
                allowsFlowPlain = false
                if isBeforeSpace { allowsBlockPlain = false }
            case "#" where isAfterSpace: forbidPlain()
            default: break
            }
        }
        if Self.isBreak(scalar) { isMultiline = true }
        if !Self.isPrintable(scalar) { forbidQuotes() }
        if index > 0 {
            let previous = scalars[index - 1]
            // Blanks around a line break survive in double quotes only.
            if scalar == " ", Self.isBreak(previous) { forbidQuotes() }
            if Self.isBreak(scalar), previous == " " { forbidQuotes() }
        }
    }

    private mutating func weighFirst(_ scalar: Unicode.Scalar, _ isBeforeSpace: Bool) {
        switch scalar {
        case "#", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`": forbidPlain()
        case "?", ":":
            allowsFlowPlain = false
            if isBeforeSpace { allowsBlockPlain = false }
        case "-" where isBeforeSpace: forbidPlain()
        default: break
        }
    }

    private mutating func forbidQuotes() {
        forbidPlain()
        allowsSingleQuotes = false
    }

    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000..<0x10FFFF: true
        default: false
        }
    }

    // MARK: What plain text would be taken for

    private static let words: Set<String> = [
        "yes", "Yes", "YES", "no", "No", "NO", "true", "True", "TRUE", "false", "False", "FALSE", "on", "On", "ON",
        "off", "Off", "OFF", "~", "null", "Null", "NULL", "", "<<", "=",
    ]

    private static let patterns = [
        #"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?"#, #"\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"#,
        #"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"#, #"[-+]?\.(?:inf|Inf|INF)"#, #"\.(?:nan|NaN|NAN)"#,
        #"[-+]?0b[0-1_]+"#, #"[-+]?0[0-7_]+"#, #"[-+]?(?:0|[1-9][0-9_]*)"#, #"[-+]?0x[0-9a-fA-F_]+"#,
        #"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"#, #"[0-9]{4}-[0-9]{2}-[0-9]{2}"#,
        #"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"#
            + #"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"#,
    ].joined(separator: "|")

    /// Whether YAML 1.1 would read the text, unquoted, as something else than text.
    static func looksTyped(_ text: String) throws -> Bool {
        if words.contains(text) { return true }
        guard let first = text.utf8.first, Lexer.isDigit(first) || "+-.".utf8.contains(first) else { return false }
        let pattern = try RegularExpression.cached(patterns, ignoresCase: false, isMultiline: false)
        return try pattern.firstMatch(in: text, .whole) != nil
    }
}
