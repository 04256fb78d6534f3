/// Python's quoted text: prefixes, single, double and triple quotes, backslash escapes.
enum PythonString {
    /// Takes one literal off the front; `nil` when none stands there or it is malformed.
    static func read(_ rest: inout Substring) -> String? {
        let prefix = rest.prefix { $0.isLetter }.lowercased()
        rest = rest.drop { $0.isLetter }
        guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
        let tripled = String(repeating: quote, count: 3)
        let mark = rest.hasPrefix(tripled) ? tripled : String(quote)
        rest.removeFirst(mark.count)
        var text = ""
        while !rest.hasPrefix(mark) {
            guard let character = rest.popFirst() else { return nil }
            guard character == "\\" else {
                text.append(character)
                continue
            }
            guard let escaped = rest.popFirst() else { return nil }
            if prefix.contains("r") {
                text += "\\\(escaped)"
            } else {
                guard let decoded = decode(escaped, &rest) else { return nil }
                text += decoded
            }
        }
        rest.removeFirst(mark.count)
        return text
    }

    private static let simple: [Character: String] = [
        "\\": "\\", "'": "'", "\"": "\"", "n": "\n", "t": "\t", "r": "\r", "a": "\u{07}", "b": "\u{08}",
        "f": "\u{0C}", "v": "\u{0B}", "\n": "",
    ]

    private static func decode(_ escaped: Character, _ rest: inout Substring) -> String? {
        if let plain = simple[escaped] { return plain }
        switch escaped {
        case "x": return scalar(&rest, digits: 2)
        case "u": return scalar(&rest, digits: 4)
        case "U": return scalar(&rest, digits: 8)
        case "0"..."7":
            let more = rest.prefix(2).prefix { ("0"..."7").contains($0) }
            rest = rest[more.endIndex...]
            return UInt32("\(escaped)\(more)", radix: 8).flatMap(Unicode.Scalar.init).map(String.init)
        default: return "\\\(escaped)"
        }
    }

    private static func scalar(_ rest: inout Substring, digits: Int) -> String? {
        let text = rest.prefix(digits)
        guard text.count == digits, let code = UInt32(text, radix: 16), let scalar = Unicode.Scalar(code) else {
            return nil
        }
        rest = rest[text.endIndex...]
        return String(scalar)
    }
}
