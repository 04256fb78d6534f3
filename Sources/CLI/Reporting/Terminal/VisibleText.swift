import Fleet

/// Text of hosts, files and people, made safe to show: characters that would command a terminal, hide, or turn the
/// direction of what follows are written as escapes, such as `\x1b`, `\r` and `\u202e`.
enum VisibleText {
    /// `text` on one line; line breaks become `\n` and `\r`. Tabs stay.
    static func line(_ text: String) -> String {
        if isPlain(text) { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if isHidden(scalar) { shown += escape(scalar) } else { shown.unicodeScalars.append(scalar) }
        }
        return shown
    }

    /// As ``line(_:)``, for the cell of a table, where a tab would move what follows.
    static func cell(_ text: String) -> String {
        let shown = line(text)
        return shown.utf8.contains(UInt8(ascii: "\t")) ? shown.replacing("\t", with: #"\t"#) : shown
    }

    /// JSON with such characters as JSON's own escapes: what it says stays the same.
    static func json(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x7F }) { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if scalar.value >= 0x7F, isHidden(scalar) {
                for unit in String(scalar).utf16 { shown += #"\u"# + Hex.text(unit, digits: 4) }
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// How a hidden character is written.
    static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": #"\n"#
        case "\r": #"\r"#
        case _ where scalar.value < 0x100: #"\x"# + Hex.text(scalar.value, digits: 2)
        case _ where scalar.value < 0x10000: #"\u"# + Hex.text(scalar.value, digits: 4)
        default: #"\U"# + Hex.text(scalar.value, digits: 8)
        }
    }

    /// Whether a character commands a terminal, can't be seen, or turns the direction of others.
    static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value < 0x20 && scalar != "\t" }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: break
        }
        // Selectors that only choose between two shapes of the character before them.
        if (0xFE00...0xFE0F).contains(scalar.value) { return false }
        return scalar.properties.isDefaultIgnorableCodePoint
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7F).contains($0) || $0 == UInt8(ascii: "\t") }
    }
}
