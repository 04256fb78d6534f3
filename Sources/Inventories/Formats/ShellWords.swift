/// A line split into words as Python's `shlex` does: quotes, backslashes, and a comment from `#` on, even inside a word.
enum ShellWords {
    /// Why a line can't be split.
    enum Fault: Error {
        case openQuote, trailingBackslash

        var message: String {
            switch self {
            case .openQuote: "a quote is never closed"
            case .trailingBackslash: "the line ends in a backslash"
            }
        }
    }

    static func split(_ line: Substring, comments: Bool = true) -> Result<[String], Fault> {
        if !line.utf8.contains(where: isSpecial) {
            return .success(line.utf8.split(whereSeparator: isBlank).map { String(Substring($0)) })
        }
        var words: [String] = []
        var word: String?
        var rest = line
        while let character = rest.popFirst() {
            switch character {
            case " ", "\t", "\r", "\n":
                if let ended = word { words.append(ended) }
                word = nil
            case "#" where comments:
                rest = ""
            case "'":
                guard let close = rest.firstIndex(of: "'") else { return .failure(.openQuote) }
                word = (word ?? "") + rest[..<close]
                rest = rest[rest.index(after: close)...]
            case "\"":
                guard let quoted = doubleQuoted(&rest) else { return .failure(.openQuote) }
                word = (word ?? "") + quoted
            case "\\":
                guard let escaped = rest.popFirst() else { return .failure(.trailingBackslash) }
                word = (word ?? "") + String(escaped)
            default:
                word = (word ?? "") + String(character)
            }
        }
        if let ended = word { words.append(ended) }
        return .success(words)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
            || byte == UInt8(ascii: "#")
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    /// Up to the closing quote; a backslash counts only before a quote or another backslash.
    private static func doubleQuoted(_ rest: inout Substring) -> String? {
        var text = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return text
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                if next != "\"", next != "\\" { text.append("\\") }
                text.append(next)
            default: text.append(character)
            }
        }
        return nil
    }
}
