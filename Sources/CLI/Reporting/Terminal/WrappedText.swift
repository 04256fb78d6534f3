/// Lines that fit a person's terminal; elsewhere they are as long as they are.
enum WrappedText {
    /// The words of `text` on lines of at most `width`, those after the first behind `indent` blanks. A word that is longer
    /// has a line of its own.
    static func lines(_ text: String, width: Int?, indent: Int = 4) -> [String] {
        guard let width, text.count > width else { return [text] }
        let margin = text.prefix { $0 == " " }
        var lines: [String] = []
        var line = String(margin)
        var isEmpty = true
        for word in text.dropFirst(margin.count).split(separator: " ", omittingEmptySubsequences: false) {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = margin + String(repeating: " ", count: indent) + word
            } else {
                line += (isEmpty ? "" : " ") + word
            }
            isEmpty = false
        }
        return lines + [line]
    }

    /// The beginning of `text`, with a sign where something is left out.
    static func cut(_ text: String, width: Int?) -> String {
        guard let width, text.count > width else { return text }
        return text.prefix(max(0, width - 1)) + "…"
    }

    /// Beginning and end of `text`, with a sign where something is left out: `web-17…example.org`.
    static func shortened(_ text: String, to width: Int) -> String {
        guard text.count > width, width > 1 else { return text }
        let end = (width - 1) / 2
        return text.prefix(width - 1 - end) + "…" + text.suffix(end)
    }
}

extension Terminal {
    /// Writes a line of data, on as many as it takes on a terminal.
    func write(wrapping text: String, indent: Int = 4, _ style: (String) -> TerminalText = { TerminalText($0) }) {
        // Masked before it is broken, so that no secret is told in two halves.
        for line in WrappedText.lines(redactor(text), width: output.size?.columns, indent: indent) {
            write(style(line))
        }
    }

    /// Writes a line of data, as much of it as one line of a terminal takes.
    func write(cutting text: String, _ style: (String) -> TerminalText = { TerminalText($0) }) {
        write(style(WrappedText.cut(redactor(text), width: tables == .wide ? nil : output.size?.columns)))
    }
}
