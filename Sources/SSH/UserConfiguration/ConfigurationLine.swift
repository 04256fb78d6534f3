/// One line of a file that configures OpenSSH's client, cut as `ssh` cuts it.
struct ConfigurationLine {
    /// In small letters.
    let keyword: String
    /// What follows, without quotes and comments.
    let words: [String]
    /// Whether a quote is never closed, so that `ssh` refuses the file.
    let isBroken: Bool

    private static let blanks: Set<Character> = [" ", "\t", "\r", "\u{c}"]

    /// - Returns: `nil` for an empty line, and for a comment.
    init?(_ line: Substring) {
        var rest = line.drop { Self.blanks.contains($0) }
        guard let first = rest.first, first != "#" else { return nil }
        let name = rest.prefix { !Self.blanks.contains($0) && $0 != "=" }
        keyword = name.lowercased().filter { $0 != "\"" }
        rest = rest[name.endIndex...].drop { Self.blanks.contains($0) }
        if rest.first == "=" { rest.removeFirst() }
        (words, isBroken) = Self.words(rest)
    }

    private static func words(_ text: Substring) -> (words: [String], isBroken: Bool) {
        var rest = text
        var words: [String] = []
        while true {
            rest = rest.drop { blanks.contains($0) }
            guard let first = rest.first, first != "#" else { return (words, false) }
            guard let word = word(&rest) else { return (words, true) }
            words.append(word)
        }
    }

    /// The next word; `nil` where it never ends.
    private static func word(_ rest: inout Substring) -> String? {
        var word = ""
        var quote: Character?
        while let character = rest.first, quote != nil || !blanks.contains(character) {
            rest.removeFirst()
            if character == "\\", let next = rest.first, "\"'\\".contains(next) || (quote == nil && next == " ") {
                word.append(next)
                rest.removeFirst()
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else {
                word.append(character)
            }
        }
        return quote == nil ? word : nil
    }
}
