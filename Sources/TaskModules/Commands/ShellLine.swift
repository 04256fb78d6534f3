import Fleet

/// Words put together to a line for the host's shell.
enum ShellLine {
    /// `words` for the shell, where `%s` stands for what `replacement` is to the shell.
    static func quoting(_ words: [String], placing replacement: String) -> String {
        words.map { word in
            let parts = word.split(separator: "%s", omittingEmptySubsequences: false).map(String.init)
            guard parts.count > 1 else { return word.quoted }
            return parts.map { $0.isEmpty ? "" : $0.quoted }.joined(separator: replacement)
        }.joined(separator: " ")
    }

    /// A word in which `$NAME`, `${NAME}` and a leading `~` are expanded on the host as `command` does: a variable that
    /// is not set stays as it is written.
    static func expandingVariables(_ word: String) -> String {
        var result = ""
        var plain = ""
        var rest = word[...]
        if rest.hasPrefix("~") {
            let user = rest.dropFirst().prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
            let after = rest.dropFirst(1 + user.count)
            if after.isEmpty || after.hasPrefix("/") {
                result = "~" + user
                rest = after
            }
        }
        while let character = rest.first {
            if character == "$", let (name, length) = variable(rest) {
                if !plain.isEmpty { result += plain.quoted }
                plain = ""
                let spelling = String(rest.prefix(length)).replacing("$", with: "\\$").replacing("}", with: "\\}")
                result += "\"${\(name)-\(spelling)}\""
                rest = rest.dropFirst(length)
            } else {
                plain.append(character)
                rest = rest.dropFirst()
            }
        }
        if !plain.isEmpty || result.isEmpty { result += plain.quoted }
        return result
    }

    private static func variable(_ text: Substring) -> (name: String, length: Int)? {
        func isName(_ character: Character) -> Bool {
            character.isASCII && (character.isLetter || character.isNumber || character == "_")
        }
        let hasBrace = text.dropFirst().first == "{"
        let name = String(text.dropFirst(hasBrace ? 2 : 1).prefix(while: isName))
        guard let first = name.first, !first.isNumber else { return nil }
        guard hasBrace else { return (name, name.count + 1) }
        return text.dropFirst(2 + name.count).first == "}" ? (name, name.count + 3) : nil
    }
}
