import Glibc

extension FormatSpec {
    private var unknownType: FormatError {
        let code = type ?? " "
        let shown = (0x21..<0x80).contains(code.value) ? String(code) : "\\x" + String(code.value, radix: 16)
        return FormatError("Unknown format code '\(shown)' for object of type '\(typeName)'")
    }

    // MARK: Texts

    /// A text laid out.
    /// - Throws: ``FormatError`` for what only numbers can have.
    public func format(_ text: String) throws(FormatError) -> String {
        if let type, type != "s" { throw unknownType }
        if let sign {
            throw FormatError("\(sign == " " ? "Space" : "Sign") not allowed in string format specifier")
        }
        if coercesNegativeZero {
            throw FormatError("Negative zero coercion (z) not allowed in string format specifier")
        }
        if isAlternate { throw FormatError("Alternate form (#) not allowed in string format specifier") }
        if alignment == "=" { throw FormatError("'=' alignment not allowed in string format specifier") }
        let shown = precision.map { String(text.unicodeScalars.prefix($0)) } ?? text
        return padded(shown, defaultAlignment: "<")
    }

    // MARK: Whole numbers

    /// A whole number laid out.
    /// - Throws: ``FormatError`` for what a whole number can't have.
    public func format(_ number: Int) throws(FormatError) -> String {
        switch type {
        case "e", "E", "f", "F", "g", "G", "%": return try format(Double(number))
        case nil, "d", "n", "x", "X", "o", "b", "c": break
        default: throw unknownType
        }
        if precision != nil { throw FormatError("Precision not allowed in integer format specifier") }
        if coercesNegativeZero {
            throw FormatError("Negative zero coercion (z) not allowed in integer format specifier")
        }
        if type == "c" { return try character(number) }
        let (prefix, digits) = Self.digits(number.magnitude, type)
        return laidOut(isNegative: number < 0, prefix: isAlternate ? prefix : "", SplitNumber(digits: digits))
    }

    /// A number's digits in the radix of a letter, and what stands before them in the alternate form.
    static func digits(_ number: UInt, _ type: Unicode.Scalar?) -> (prefix: String, digits: String) {
        switch type {
        case "x": ("0x", String(number, radix: 16))
        case "X": ("0X", String(number, radix: 16, uppercase: true))
        case "o": ("0o", String(number, radix: 8))
        case "b": ("0b", String(number, radix: 2))
        default: ("", String(number))
        }
    }

    private func character(_ number: Int) throws(FormatError) -> String {
        if sign != nil { throw FormatError("Sign not allowed with integer format specifier 'c'") }
        if isAlternate { throw FormatError("Alternate form (#) not allowed with integer format specifier 'c'") }
        guard (0...0x10FFFF).contains(number) else { throw FormatError("%c arg not in range(0x110000)") }
        var text = SplitNumber(digits: "")
        text.rest = String(UInt32(exactly: number).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}")
        return laidOut(isNegative: false, text)
    }

    // MARK: Floating-point numbers

    /// A number laid out.
    /// - Throws: ``FormatError`` for what a floating-point number can't have.
    public func format(_ number: Double) throws(FormatError) -> String {
        let magnitude = number.magnitude
        var text: String
        if !magnitude.isFinite {
            if let type, !"eEfFgGn%".unicodeScalars.contains(type) { throw unknownType }
            text = (magnitude.isNaN ? "nan" : "inf") + (type == "%" ? "%" : "")
        } else {
            switch type {
            case nil: text = precision.map { Self.general(magnitude, $0, isAlternate) } ?? repr(magnitude)
            case "f", "F": text = Self.printed("f", magnitude, precision ?? 6, isAlternate: isAlternate)
            case "e", "E": text = Self.printed("e", magnitude, precision ?? 6, isAlternate: isAlternate)
            case "g", "G", "n": text = Self.printed("g", magnitude, max(1, precision ?? 6), isAlternate: isAlternate)
            case "%": text = Self.percent(magnitude, precision ?? 6, isAlternate)
            default: throw unknownType
            }
        }
        if type == "E" || type == "G" || type == "F" { text = text.uppercased() }
        let isZero = text.utf8.allSatisfy { !(UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
        let isNegative =
            number.sign == .minus && !number.isNaN && !(coercesNegativeZero && isZero && magnitude.isFinite)
        return laidOut(isNegative: isNegative, SplitNumber(text))
    }

    private func repr(_ magnitude: Double) -> String { PythonFloat.text(magnitude) }

    private static func percent(_ magnitude: Double, _ precision: Int, _ isAlternate: Bool) -> String {
        let scaled = magnitude * 100
        return (scaled.isFinite ? printed("f", scaled, precision, isAlternate: isAlternate) : "inf") + "%"
    }

    /// So many digits as `repr()` would lay them out: with a point at least, and an exponent sooner than C's `%g`.
    private static func general(_ value: Double, _ precision: Int, _ isAlternate: Bool) -> String {
        let count = max(1, precision)
        let parts = printed("e", value, count - 1).split(separator: "e")
        let exponent = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
        if exponent < -4 || exponent + 1 > count - 1 {
            let text = printed("e", value, count - 1, isAlternate: isAlternate)
            guard !isAlternate, let mark = text.firstIndex(of: "e"), text.contains(".") else { return text }
            return withoutZeros(text[..<mark]) + text[mark...]
        }
        let text = printed("f", value, max(0, count - 1 - exponent), isAlternate: isAlternate)
        guard !isAlternate, text.contains(".") else { return text.contains(".") ? text : text + ".0" }
        let short = withoutZeros(text[...])
        return short.contains(".") ? short : short + ".0"
    }

    /// Without zeros at the end, and without the point when nothing is left after it.
    private static func withoutZeros(_ text: Substring) -> String {
        var text = text
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return String(text)
    }

    /// One number through the C library, which rounds as Python does.
    ///
    /// - Parameters:
    ///   - kind: `e`, `f` or `g`.
    ///   - precision: At most ``mostPrecision``.
    public static func printed(
        _ kind: String, _ value: Double, _ precision: Int, isAlternate: Bool = false
    ) -> String {
        let precision = min(max(0, precision), mostPrecision)
        var buffer = [CChar](repeating: 0, count: precision + 400)
        let format = (isAlternate ? "%#.*" : "%.*") + kind
        let length = withVaList([Int32(precision), value]) { vsnprintf(&buffer, buffer.count, format, $0) }
        return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
