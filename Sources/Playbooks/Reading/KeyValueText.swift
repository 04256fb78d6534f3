import Fleet
import OrderedCollections
import Values

/// `module: key=value other="two words"`, split as Ansible's `splitter.py` does: quotes and template braces hold together.
enum KeyValueText {
    /// The words of `text`; white space inside quotes or braces does not split.
    /// - Throws: ``InputError`` when a quote or a brace is not closed.
    static func words(_ text: String, at location: SourceLocation) throws(InputError) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        var depth = 0
        var previous: Character = " "
        var isEscaped = false
        for character in text {
            if quote == nil, depth == 0, character.isWhitespace, !isEscaped {
                if !word.isEmpty { words.append(word) }
                word = ""
                previous = character
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil }
            } else if depth == 0, character == "'" || character == "\"" {
                quote = character
            }
            if quote == nil || depth > 0 { depth += Self.braceChange(previous, character) }
            word.append(character)
            previous = character
        }
        guard quote == nil, depth <= 0 else {
            throw InputError(
                "a quote or a brace is not closed in '\(text)'", at: location,
                hints: ["write the arguments as a mapping instead of key=value"])
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static func braceChange(_ previous: Character, _ character: Character) -> Int {
        switch (previous, character) {
        case ("{", "{"), ("{", "%"), ("{", "#"): 1
        case ("}", "}"), ("%", "}"), ("#", "}"): -1
        default: 0
        }
    }

    /// `key=value` taken apart, `nil` for a word without a key.
    /// - Parameter takesTemplates: Whether a template may be part of the key.
    static func pair(_ word: String, takesTemplates: Bool = false) -> (key: String, value: String)? {
        guard let sign = takesTemplates ? openSign(of: word) : word.firstIndex(of: "=") else { return nil }
        let key = word[..<sign]
        if takesTemplates, key.contains("{{") {
            return (key.stripped, unquoted(String(word[word.index(after: sign)...])))
        }
        guard let first = key.first, first.isLetter || first == "_",
            key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
        else { return nil }
        return (String(key), unquoted(String(word[word.index(after: sign)...])))
    }

    /// The first `=` outside of template braces.
    private static func openSign(of word: String) -> String.Index? {
        var depth = 0
        var previous: Character = " "
        for index in word.indices {
            if depth == 0, word[index] == "=" { return index }
            depth += braceChange(previous, word[index])
            previous = word[index]
        }
        return nil
    }

    /// Without the quotes around the whole, and with the escapes `\n`, `\t`, `\"` and their kind read.
    static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, first == "'" || first == "\"", text.last == first else {
            return unescaped(text)
        }
        return unescaped(String(text.dropFirst().dropLast()))
    }

    private static func unescaped(_ text: String) -> String {
        guard text.contains("\\") else { return text }
        var result = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "\\", let next = rest.first else {
                result.append(character)
                continue
            }
            switch next {
            case "n": result.append("\n")
            case "t": result.append("\t")
            case "r": result.append("\r")
            case "\\", "'", "\"": result.append(next)
            default:
                result.append("\\")
                continue
            }
            rest = rest.dropFirst()
        }
        return result
    }

    /// Arguments out of `key=value` text. Words without a key are joined into the free form, as `command` has it;
    /// only `keys` are then taken as arguments.
    static func arguments(
        _ text: String, freeFormKeys keys: Set<String>?, at location: SourceLocation
    ) throws(InputError) -> ArgumentTemplates {
        var arguments = ArgumentTemplates()
        guard let keys else {
            for word in try words(text, at: location) {
                guard let (key, value) = pair(word, takesTemplates: true) else {
                    throw InputError(
                        "'\(word)' is not of the form key=value", at: location,
                        hints: ["write the arguments as a mapping"])
                }
                arguments.named[key] = .trusted(value, at: location)
            }
            return arguments
        }
        arguments.freeForm = .trusted(
            try freeForm(text, keys: keys, into: &arguments.named, at: location), at: location)
        return arguments
    }

    /// The text without the words that are arguments; everything else, line ends included, stays as written.
    private static func freeForm(
        _ text: String, keys: Set<String>, into named: inout Variables, at location: SourceLocation
    ) throws(InputError) -> String {
        guard keys.contains(where: { text.contains($0 + "=") }) else { return text }
        var rest = text
        for word in try words(text, at: location) {
            guard let (key, value) = pair(word), keys.contains(key), let range = rest.firstRange(of: word) else {
                continue
            }
            named[key] = .trusted(value, at: location)
            var end = range.upperBound
            if end < rest.endIndex, rest[end] == " " { end = rest.index(after: end) }
            rest.removeSubrange(range.lowerBound..<end)
        }
        return rest.stripped
    }
}
