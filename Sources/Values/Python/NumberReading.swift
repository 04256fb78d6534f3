/// Numbers in text, as Python's `int()` and `float()` read them: blanks around them, digits of any script, and single
/// underscores between digits.
public enum NumberReading {
    /// What `int(text, base)` gives; `nil` for what is no number, and for one beyond 64 bits.
    ///
    /// - Parameter base: 2 to 36, or 0 for the one that the prefix tells.
    public static func whole(_ text: String, base: Int = 10) -> Int? {
        guard var body = ascii(text) else { return nil }
        let sign = body.first == "-" ? "-" : ""
        if body.first == "-" || body.first == "+" { body.removeFirst() }
        var radix = base
        var hasPrefix = false
        for (value, prefix) in [(16, "0x"), (8, "0o"), (2, "0b")]
        where (base == value || base == 0) && body.lowercased().hasPrefix(prefix) {
            (radix, hasPrefix) = (value, true)
            body.removeFirst(2)
            if body.first == "_" { body.removeFirst() }
        }
        // Without a base, a number with leading zeros might be meant as octal.
        if base == 0, !hasPrefix, body.first == "0", body.contains(where: { $0 != "0" && $0 != "_" }) { return nil }
        if radix == 0 { radix = 10 }
        guard (2...36).contains(radix), let digits = withoutUnderscores(body, between: \.isDigitOrLetter),
            digits.first?.isSign == false
        else {
            return nil
        }
        return Int(sign + digits, radix: radix)
    }

    /// What `float(text)` gives; `nil` for what is no number.
    public static func floating(_ text: String) -> Double? {
        guard let body = ascii(text) else { return nil }
        switch body.lowercased() {
        case "nan", "+nan", "-nan": return .nan
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        default:
            guard let digits = withoutUnderscores(body, between: \.isASCIIDigit), let plain = decimal(digits) else {
                return nil
            }
            return Double(plain)
        }
    }

    /// A decimal number as Swift reads it, with digits on both sides of its point.
    private static func decimal(_ text: String) -> String? {
        var rest = text[...]
        var plain = ""
        if let sign = rest.first, sign.isSign { plain.append(rest.removeFirst()) }
        let whole = rest.prefix { $0.isASCIIDigit }
        rest = rest[whole.endIndex...]
        var fraction: Substring = ""
        if rest.first == "." {
            fraction = rest.dropFirst().prefix { $0.isASCIIDigit }
            rest = rest[fraction.endIndex...]
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        plain += (whole.isEmpty ? "0" : whole) + "." + (fraction.isEmpty ? "0" : fraction)
        guard let mark = rest.first else { return plain }
        let power = rest.dropFirst()
        let digits = power.first?.isSign == true ? power.dropFirst() : power
        guard mark == "e" || mark == "E", !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit) else { return nil }
        return plain + "e" + power
    }

    /// A text without the blanks around it, its digits those of ASCII; `nil` for other characters beyond it.
    private static func ascii(_ text: String) -> String? {
        var result = ""
        for scalar in text.stripped.unicodeScalars {
            if scalar.isASCII {
                result.unicodeScalars.append(scalar)
            } else if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue {
                result += String(Int(value))
            } else {
                return nil
            }
        }
        return result
    }

    /// Underscores may stand between digits only.
    private static func withoutUnderscores(_ text: String, between isDigit: (Character) -> Bool) -> String? {
        guard text.utf8.contains(UInt8(ascii: "_")) else { return text }
        let characters = Array(text)
        for (index, character) in characters.enumerated() where character == "_" {
            guard index > 0, index + 1 < characters.count, isDigit(characters[index - 1]),
                isDigit(characters[index + 1])
            else { return nil }
        }
        return text.filter { $0 != "_" }
    }
}

extension Character {
    fileprivate var isSign: Bool { self == "+" || self == "-" }
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
    fileprivate var isDigitOrLetter: Bool { isASCII && (isNumber || isLetter) }
}
