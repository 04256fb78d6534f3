import Fleet

/// libyaml's errors as a sentence for people, with what usually mends them.
enum YAMLError {
    /// What libyaml finds wrong at a place of `text`.
    static func explain(_ problem: String, at location: SourceLocation, text: String) -> InputError {
        let lines = Lines(text: text, around: location.line)
        if lines.here.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
            return InputError(
                "a tab in the indentation", at: location, hints: ["indent with spaces; YAML knows no tabs"])
        }
        return InputError(sentence(problem), at: location, hints: hints(problem, lines: lines))
    }

    /// What keeps libyaml from reading a file at all.
    static func unreadable(_ problem: String, file: String) -> InputError {
        InputError("the file is not YAML: \(problem.lowercased())", at: SourceLocation(file: file))
    }

    /// An alias that nothing before it is called.
    static func unknownAlias(at location: SourceLocation) -> InputError {
        InputError("an alias (*name) without its anchor (&name)", at: location)
    }

    static let quoteTemplates = "a value that begins with '{{' must stand in quotes: \"{{ name }}\""

    private static func sentence(_ problem: String) -> String {
        switch problem {
        case "mapping values are not allowed in this context": "there is a ':' where no key can stand"
        case "could not find expected ':'": "a key without a ':' after it"
        case "found character that cannot start any token": "no value can begin with this character"
        case "found unexpected end of stream": "the file ends inside a quoted text"
        case "found a tab character that violates indentation": "a tab in the indentation"
        case "did not find expected key": "a key was expected here"
        case "did not find expected '-' indicator": "a '-' was expected here"
        default: "the file is not YAML: \(problem)"
        }
    }

    private static func hints(_ problem: String, lines: Lines) -> [String] {
        for line in [lines.here, lines.before] where beginsValueWithTemplate(line) {
            return [quoteTemplates]
        }
        switch problem {
        case "mapping values are not allowed in this context":
            return ["put a value that holds ': ' in quotes; or the line is indented too far"]
        case "could not find expected ':'":
            return ["write 'key: value', with a space after the ':'"]
        case "found character that cannot start any token":
            return ["put the value in quotes"]
        case "did not find expected key", "did not find expected '-' indicator",
            "did not find expected <block end>":
            return ["check the indentation, and the quotes of the lines before"]
        case "found unexpected end of stream": return ["close the quotes that begin on or before this line"]
        default: return []
        }
    }

    private static func beginsValueWithTemplate(_ line: Substring) -> Bool {
        let trimmed = line.drop { $0 == " " || $0 == "-" }
        guard let colon = trimmed.firstIndex(of: ":") else { return trimmed.hasPrefix("{{") }
        return trimmed.hasPrefix("{{") || trimmed[trimmed.index(after: colon)...].drop { $0 == " " }.hasPrefix("{{")
    }

    /// The line of a fault and the one before it.
    private struct Lines {
        var here: Substring = ""
        var before: Substring = ""

        init(text: String, around number: Int) {
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                if index == number - 2 { before = line }
                if index == number - 1 { here = line }
                if index >= number { break }
            }
        }
    }
}
