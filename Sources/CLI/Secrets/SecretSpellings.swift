import Foundation

/// How a secret may be written where somebody else writes it down.
enum SecretSpellings {
    /// Messages show only the beginning of a long text.
    private static let shownOfLongText = 60

    /// The spellings of `text`, and of each of its lines, that are long enough.
    static func of(_ text: String, shortest: Int) -> Set<String> {
        let whole = text.trimmingCharacters(in: .whitespacesAndNewlines)
        var parts = [whole]
        let lines = whole.split(whereSeparator: \.isNewline)
        if lines.count > 1 { parts += lines.map { $0.trimmingCharacters(in: .whitespaces) } }
        parts = parts.filter { $0.utf8.count >= shortest }
        parts += parts.filter { $0.count > shownOfLongText }.map { String($0.prefix(shownOfLongText)) }
        var spellings = Set(parts)
        for part in parts { spellings.formUnion(encoded(part)) }
        if whole.utf8.count >= shortest {
            for plain in [text, whole, whole + "\n"] { spellings.insert(base64(plain)) }
        }
        return spellings
    }

    private static func encoded(_ text: String) -> [String] {
        let json = escaped(text, keepsUnicode: true)
        let ascii = escaped(text, keepsUnicode: false)
        return [
            json, ascii, json.replacing("/", with: #"\/"#), escaped(json, keepsUnicode: true),
            escaped(ascii, keepsUnicode: true), text.replacing("'", with: #"'\''"#), text.replacing("'", with: #"\'"#),
            text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text,
            text.addingPercentEncoding(withAllowedCharacters: unreserved.union(["/"])) ?? text,
        ]
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    /// The inside of a JSON string; without `keepsUnicode` as Python writes it.
    private static func escaped(_ text: String, keepsUnicode: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += #"\""#
            case "\\": result += #"\\"#
            case "\n": result += #"\n"#
            case "\r": result += #"\r"#
            case "\t": result += #"\t"#
            case _ where scalar.value < 0x20 || (scalar.value > 0x7E && !keepsUnicode):
                for unit in String(scalar).utf16 { result += #"\u"# + String(format: "%04x", unit) }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Without the padding, which differs where more follows.
    private static func base64(_ text: String) -> String {
        let encoded = Data(text.utf8).base64EncodedString()
        let padding = encoded.reversed().prefix { $0 == "=" }.count
        // The last digit before the padding holds bits of what follows.
        return String(encoded.dropLast(padding == 0 ? 0 : padding + 1))
    }
}
