/// Python's backslash escapes.
enum StringEscapes {
    /// Replaces escapes; an unknown one stays as it is written.
    static func decode(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return String(text) }
        var result = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\", let escaped = rest.popFirst() else {
                result.append(scalar)
                continue
            }
            decode(escaped, from: &rest, into: &result)
        }
        return String(result)
    }

    private typealias Rest = Substring.UnicodeScalarView

    private static let plain: [Unicode.Scalar: Unicode.Scalar] = [
        "\\": "\\", "'": "'", "\"": "\"", "n": "\n", "t": "\t", "r": "\r", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}",
        "v": "\u{B}",
    ]

    private static func decode<Scalars: Collection<Unicode.Scalar>>(
        _ escaped: Unicode.Scalar, from rest: inout Scalars, into result: inout String.UnicodeScalarView
    ) where Scalars.SubSequence == Scalars {
        if let scalar = plain[escaped] {
            result.append(scalar)
        } else if escaped == "\n" {
            // A backslash before a newline joins the lines.
            return
        } else if let scalar = number(after: escaped, from: &rest) {
            result.append(scalar)
        } else {
            result.append("\\")
            result.append(escaped)
        }
    }

    private static func number<Scalars: Collection<Unicode.Scalar>>(
        after escaped: Unicode.Scalar, from rest: inout Scalars
    ) -> Unicode.Scalar? where Scalars.SubSequence == Scalars {
        let digits: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
        if let count = digits[escaped] {
            let text = String(String.UnicodeScalarView(rest.prefix(count)))
            guard text.unicodeScalars.count == count, let code = UInt32(text, radix: 16) else { return nil }
            rest = rest.dropFirst(count)
            return Unicode.Scalar(code)
        }
        guard ("0"..."7").contains(escaped) else { return nil }
        let more = rest.prefix(2).prefix { ("0"..."7").contains($0) }
        let text = String(escaped) + String(String.UnicodeScalarView(more))
        rest = rest.dropFirst(more.count)
        return UInt32(text, radix: 8).flatMap(Unicode.Scalar.init)
    }
}
