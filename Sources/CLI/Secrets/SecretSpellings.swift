import Foundation
import Values

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
        let json = JSONEscapes.escaped(text, asASCII: false)
        let ascii = JSONEscapes.escaped(text, asASCII: true)
        return [
            json, ascii, json.replacing("/", with: #"\/"#), JSONEscapes.escaped(json, asASCII: false),
            JSONEscapes.escaped(ascii, asASCII: false), text.replacing("'", with: #"'\''"#),
            text.replacing("'", with: #"\'"#),
            text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text,
            text.addingPercentEncoding(withAllowedCharacters: unreserved.union(["/"])) ?? text,
        ]
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    /// Without the padding, which differs where more follows.
    private static func base64(_ text: String) -> String {
        let encoded = Data(text.utf8).base64EncodedString()
        let padding = encoded.reversed().prefix { $0 == "=" }.count
        // The last digit before the padding holds bits of what follows.
        return String(encoded.dropLast(padding == 0 ? 0 : padding + 1))
    }
}
