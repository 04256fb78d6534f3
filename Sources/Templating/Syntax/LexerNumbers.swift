/// Numbers, as Python writes them.
extension Lexer {
    mutating func readNumber() throws(SyntaxError) {
        if let radix = prefixedRadix {
            place += 2
            append(.integer(try integer(digits { Self.isDigit($0) || Self.isLetter($0) }, radix: radix)))
            return
        }
        let follows = tokens.last?.kind == .symbol(.dot)
        var text = digits(Self.isDigit)
        // `a.0.1` is two accesses, not one with a fraction.
        guard !follows, let float = fraction(after: text) else {
            if text.utf8.count > 1, text.utf8.first == UInt8(ascii: "0"), text.utf8.contains(where: { $0 != 0x30 }) {
                throw SyntaxError(message: "whole number '\(text)' must not begin with 0", line: line)
            }
            append(.integer(try integer(text, radix: 10)))
            return
        }
        text += float
        append(.float(Double(text) ?? .infinity))
    }

    private var prefixedRadix: Int? {
        guard source[place] == UInt8(ascii: "0"), place + 2 < source.count else { return nil }
        let next = source[place + 2]
        guard Self.isDigit(next) || Self.isLetter(next) else { return nil }
        return switch source[place + 1] | 0x20 {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// Digits at this place, without the underscores between them.
    private mutating func digits(_ isDigit: (UInt8) -> Bool) -> String {
        var bytes: [UInt8] = []
        while place < source.count {
            let byte = source[place]
            let next = place + 1 < source.count ? source[place + 1] : 0
            if isDigit(byte) {
                bytes.append(byte)
            } else if byte != UInt8(ascii: "_") || !isDigit(next) {
                break
            }
            place += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `.5`, `e10` or `.5e-3`, when one stands here.
    private mutating func fraction(after whole: String) -> String? {
        var text = ""
        if place + 1 < source.count, source[place] == UInt8(ascii: "."), Self.isDigit(source[place + 1]) {
            place += 1
            text += "." + digits(Self.isDigit)
        }
        if place + 1 < source.count, source[place] | 0x20 == UInt8(ascii: "e") {
            let signed = source[place + 1] == UInt8(ascii: "-") || source[place + 1] == UInt8(ascii: "+")
            let first = place + (signed ? 2 : 1)
            if first < source.count, Self.isDigit(source[first]) {
                text += "e" + (signed ? String(Unicode.Scalar(source[place + 1])) : "")
                place = first
                text += digits(Self.isDigit)
            }
        }
        return text.isEmpty ? nil : text
    }

    private func integer(_ text: String, radix: Int) throws(SyntaxError) -> Int {
        guard let number = Int(text, radix: radix) else {
            throw SyntaxError(message: "whole number '\(text)' is too large or malformed", line: line)
        }
        return number
    }
}
