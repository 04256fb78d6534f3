import Values

/// How a template marks what is not text, and what happens to white space around the marks.
struct Delimiters: Hashable, Sendable {
    var blockStart = "{%"
    var blockEnd = "%}"
    var variableStart = "{{"
    var variableEnd = "}}"
    var commentStart = "{#"
    var commentEnd = "#}"
    /// Whether the newline after a block or comment goes.
    var trimBlocks = true
    /// Whether blanks before a block or comment that begins a line go.
    var lstripBlocks = false
    /// Whether the last newline of the text stays.
    var keepTrailingNewline = false
    /// What newlines become.
    var newline = "\n"

    static let standard = Delimiters()

    /// Whether `text` may be a template: only then are its newlines touched.
    func mark(in text: String) -> Bool {
        text.utf8.starts(with: "#jinja2:".utf8)
            || [variableStart, blockStart, commentStart].contains { text.containsScalars(of: $0) }
    }

    /// Splits off a `#jinja2: key: value, …` line at the top of a template.
    static func header(of text: String, over base: Delimiters) throws(SyntaxError) -> (Delimiters, Substring, Bool) {
        let mark = "#jinja2:"
        guard text.utf8.starts(with: mark.utf8) else { return (base, text[...], false) }
        guard let end = text.firstIndex(of: "\n") else {
            throw SyntaxError(message: "the '#jinja2:' line does not end with a newline", line: 1)
        }
        var delimiters = base
        let line = text[..<end].dropFirst(mark.count)
        for pair in line.split(separator: ",", omittingEmptySubsequences: false) {
            try delimiters.override(with: pair)
        }
        return (delimiters, text[text.index(after: end)...], true)
    }

    private mutating func override(with pair: Substring) throws(SyntaxError) {
        guard let colon = pair.firstIndex(of: ":") else {
            throw SyntaxError(message: "'\(pair)' in the '#jinja2:' line has no ':'", line: 1)
        }
        let key = pair[..<colon].stripped
        let value = pair[pair.index(after: colon)...].stripped
        switch key {
        case "trim_blocks": trimBlocks = try Self.flag(value)
        case "lstrip_blocks": lstripBlocks = try Self.flag(value)
        case "keep_trailing_newline": keepTrailingNewline = try Self.flag(value)
        case "block_start_string": blockStart = try Self.text(value)
        case "block_end_string": blockEnd = try Self.text(value)
        case "variable_start_string": variableStart = try Self.text(value)
        case "variable_end_string": variableEnd = try Self.text(value)
        case "comment_start_string": commentStart = try Self.text(value)
        case "comment_end_string": commentEnd = try Self.text(value)
        case "newline_sequence": newline = try Self.text(value)
        default: throw SyntaxError(message: "unknown key '\(key)' in the '#jinja2:' line", line: 1)
        }
    }

    private static func flag(_ value: String) throws(SyntaxError) -> Bool {
        switch value {
        case "True": true
        case "False": false
        default: throw SyntaxError(message: "'\(value)' in the '#jinja2:' line must be True or False", line: 1)
        }
    }

    private static func text(_ value: String) throws(SyntaxError) -> String {
        guard value.count >= 2, let quote = value.first, quote == "'" || quote == "\"", value.last == quote else {
            throw SyntaxError(message: "'\(value)' in the '#jinja2:' line must be a quoted string", line: 1)
        }
        return try SyntaxError.decoded(value.dropFirst().dropLast(), line: 1)
    }
}
