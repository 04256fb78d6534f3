/// Python's backslash escapes in quoted text.
public enum PythonEscapes {
    /// Why an escape means nothing, in Python's words: `truncated \xXX escape`.
    public struct EscapeError: Error, Hashable, Sendable {
        /// Python's words.
        public let reason: String
    }

    private typealias Rest = Substring.UnicodeScalarView

    /// `text` with its escapes replaced; a backslash before a letter that means nothing stays.
    /// - Throws: ``EscapeError`` for an escape that is not whole or means no character.
    public static func decode(_ text: some StringProtocol) throws(EscapeError) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return String(text) }
        var result = String.UnicodeScalarView()
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                result.append(scalar)
                continue
            }
            guard let escaped = rest.popFirst() else { throw EscapeError(reason: #"\ at end of string"#) }
            try decode(escaped, from: &rest, into: &result)
        }
        return String(result)
    }

    private static let plain: [Unicode.Scalar: Unicode.Scalar] = [
        "\\": "\\", "'": "'", "\"": "\"", "n": "\n", "t": "\t", "r": "\r", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}",
        "v": "\u{B}",
    ]

    private static func decode(
        _ escaped: Unicode.Scalar, from rest: inout Rest, into result: inout String.UnicodeScalarView
    ) throws(EscapeError) {
        if let scalar = plain[escaped] { return result.append(scalar) }
        switch escaped {
        // A backslash before a newline joins the lines.
        case "\n": return
        case "0"..."7": result.append(octal(escaped, from: &rest))
        case "x": result.append(try scalar(try number(2, from: &rest, #"truncated \xXX escape"#), from: &rest))
        case "u": result.append(try scalar(try number(4, from: &rest, #"truncated \uXXXX escape"#), from: &rest))
        case "U": result.append(try scalar(try number(8, from: &rest, #"truncated \UXXXXXXXX escape"#), from: &rest))
        case "N": result.append(try named(from: &rest))
        default:
            result.append("\\")
            result.append(escaped)
        }
    }

    private static func octal(_ first: Unicode.Scalar, from rest: inout Rest) -> Unicode.Scalar {
        let more = rest.prefix(2).prefix { ("0"..."7").contains($0) }
        rest = rest.dropFirst(more.count)
        return UInt32(String(first) + String(more), radix: 8).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
    }

    private static func number(_ count: Int, from rest: inout Rest, _ reason: String) throws(EscapeError) -> UInt32 {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(\.properties.isASCIIHexDigit),
            let number = UInt32(String(digits), radix: 16)
        else { throw EscapeError(reason: reason) }
        rest = rest.dropFirst(count)
        return number
    }

    /// The character of a code. Two halves of a surrogate pair are one; a lone half, which no text here can hold, is U+FFFD.
    private static func scalar(_ code: UInt32, from rest: inout Rest) throws(EscapeError) -> Unicode.Scalar {
        if let scalar = Unicode.Scalar(code) { return scalar }
        guard code < 0x110000 else { throw EscapeError(reason: "illegal Unicode character") }
        guard code < 0xDC00, rest.starts(with: [Unicode.Scalar("\\"), Unicode.Scalar("u")]) else { return "\u{FFFD}" }
        let low = rest.dropFirst(2).prefix(4)
        guard low.count == 4, let trail = UInt32(String(low), radix: 16), (0xDC00..<0xE000).contains(trail) else {
            return "\u{FFFD}"
        }
        rest = rest.dropFirst(6)
        return Unicode.Scalar(0x10000 + (code - 0xD800) << 10 + (trail - 0xDC00)) ?? "\u{FFFD}"
    }

    /// The character whose Unicode name stands in braces.
    private static func named(from rest: inout Rest) throws(EscapeError) -> Unicode.Scalar {
        guard rest.first == "{", let end = rest.firstIndex(of: "}"), rest.index(after: rest.startIndex) < end else {
            throw EscapeError(reason: #"malformed \N character escape"#)
        }
        let name = String(rest[..<end].dropFirst()).uppercased()
        rest = rest[rest.index(after: end)...]
        // A name is looked for once, where a template is read.
        for code in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(code) else { continue }
            if scalar.properties.name == name || scalar.properties.nameAlias == name { return scalar }
        }
        throw EscapeError(reason: "unknown Unicode character name")
    }
}
