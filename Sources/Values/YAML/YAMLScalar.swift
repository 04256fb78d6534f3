import Fleet

/// What YAML 1.1 makes of a plain scalar, by PyYAML's rules.
enum YAMLScalar {
    /// The value of unquoted text: `null`, a boolean, a number, or else a string.
    static func resolve(_ text: String) -> Value {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return integer(text) ?? float(text) ?? .string(text)
        default:
            if nulls.contains(text) { return .null }
            return Value.boolean(word: text, in: .yaml).map(Value.bool) ?? .string(text)
        }
    }

    private static let nulls: Set<String> = ["~", "null", "Null", "NULL"]

    /// `[-+]?0b[01_]+`, `[-+]?0[0-7_]+`, `[-+]?(0|[1-9][0-9_]*)`, `[-+]?0x[0-9a-fA-F_]+`, `[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+`.
    static func integer(_ text: String) -> Value? {
        guard case .number(let magnitude)? = size(ofInteger: text) else { return nil }
        if text.utf8.first != UInt8(ascii: "-") { return Int(exactly: magnitude).map { .int($0) } }
        return Int(exactly: -Int128(magnitude)).map { .int($0) }
    }

    /// A whole number without its sign.
    private enum Magnitude {
        case number(UInt)
        /// Beyond 64 bits.
        case tooLarge

        /// `self * radix + digit`
        func appending(_ digit: UInt, radix: UInt) -> Magnitude {
            guard case .number(let number) = self else { return self }
            let (product, overflowed) = number.multipliedReportingOverflow(by: radix)
            let (sum, overflowedAgain) = product.addingReportingOverflow(digit)
            return overflowed || overflowedAgain ? .tooLarge : .number(sum)
        }
    }

    private static func size(ofInteger text: String) -> Magnitude? {
        let body = splitSign(text[...]).body
        if body == "0" { return .number(0) }
        if body.hasPrefix("0b") { return digits(body.dropFirst(2), radix: 2) }
        if body.hasPrefix("0x") { return digits(body.dropFirst(2), radix: 16) }
        if body.hasPrefix("0") { return digits(body.dropFirst(), radix: 8, bare: .number(0)) }
        guard let first = body.utf8.first, first != UInt8(ascii: "_") else { return nil }
        guard body.utf8.contains(UInt8(ascii: ":")) else { return digits(body, radix: 10) }
        let parts = body.split(separator: ":", omittingEmptySubsequences: false)
        guard var total = digits(parts[0], radix: 10) else { return nil }
        for part in parts.dropFirst() {
            guard let part = sexagesimalPart(part) else { return nil }
            total = total.appending(part, radix: 60)
        }
        return total
    }

    /// The decimal forms that hold a point, by PyYAML's expression: an exponent needs its sign, `1e3` is no number.
    static func float(_ text: String) -> Value? {
        let (negative, body) = splitSign(text[...])
        let hasSign = body.startIndex != text.startIndex
        if [".inf", ".Inf", ".INF"].contains(body) { return .double(negative ? -.infinity : .infinity) }
        if !hasSign, [".nan", ".NaN", ".NAN"].contains(body) { return .double(.nan) }
        guard let magnitude = body.utf8.contains(UInt8(ascii: ":")) ? sexagesimalFloat(body) : pointed(body, hasSign)
        else { return nil }
        return .double(negative ? -magnitude : magnitude)
    }

    private static func pointed(_ body: Substring, _ hasSign: Bool) -> Double? {
        guard let point = body.firstIndex(of: ".") else { return nil }
        let whole = body[..<point]
        var fraction = body[body.index(after: point)...]
        if let exponent = fraction.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            let power = fraction[fraction.index(after: exponent)...]
            guard let sign = power.first, sign == "+" || sign == "-" else { return nil }
            guard power.count > 1, power.dropFirst().utf8.allSatisfy(isDigit) else { return nil }
            fraction = fraction[..<exponent]
        }
        guard fraction.utf8.allSatisfy(isDigitOrUnderscore) else { return nil }
        if whole.isEmpty {
            guard !hasSign, let first = fraction.utf8.first, isDigit(first) else { return nil }
        } else {
            guard let first = whole.utf8.first, isDigit(first), whole.utf8.allSatisfy(isDigitOrUnderscore) else {
                return nil
            }
        }
        return Double(padded(body.filter { $0 != "_" }))
    }

    /// Python reads `5.` and `.5`; Swift wants digits on both sides of the point.
    private static func padded(_ text: String) -> String {
        guard let point = text.firstIndex(of: ".") else { return text }
        let after = text.index(after: point)
        let tail = after == text.endIndex || !text[after].isNumber ? "0" + text[after...] : String(text[after...])
        return (point == text.startIndex ? "0" : String(text[..<point])) + "." + tail
    }

    /// `[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*`
    private static func sexagesimalFloat(_ body: Substring) -> Double? {
        guard let point = body.firstIndex(of: ".") else { return nil }
        let fraction = body[body.index(after: point)...]
        guard fraction.utf8.allSatisfy(isDigitOrUnderscore) else { return nil }
        let parts = body[..<point].split(separator: ":", omittingEmptySubsequences: false)
        guard let first = parts[0].utf8.first, isDigit(first), parts[0].utf8.allSatisfy(isDigitOrUnderscore),
            var total = Double(parts[0].filter { $0 != "_" })
        else { return nil }
        for part in parts.dropFirst() {
            guard let part = sexagesimalPart(part) else { return nil }
            total = total * 60 + Double(part)
        }
        return total + (Double("0." + fraction.filter { $0 != "_" } + "0") ?? 0)
    }

    private static func sexagesimalPart(_ part: Substring) -> UInt? {
        guard (1...2).contains(part.count), part.utf8.allSatisfy(isDigit), let number = UInt(part), number < 60 else {
            return nil
        }
        return number
    }

    /// `nil` for other characters, and for no digit at all unless `bare` says what that means.
    private static func digits(_ text: Substring, radix: UInt, bare: Magnitude? = nil) -> Magnitude? {
        var total = Magnitude.number(0)
        var sawDigit = false
        for byte in text.utf8 where byte != UInt8(ascii: "_") {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt.init), digit < radix else {
                return nil
            }
            total = total.appending(digit, radix: radix)
            sawDigit = true
        }
        return sawDigit ? total : bare
    }

    private static func splitSign(_ text: Substring) -> (negative: Bool, body: Substring) {
        switch text.utf8.first {
        case UInt8(ascii: "-"): (true, text.dropFirst())
        case UInt8(ascii: "+"): (false, text.dropFirst())
        default: (false, text)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isDigitOrUnderscore(_ byte: UInt8) -> Bool { isDigit(byte) || byte == UInt8(ascii: "_") }
}

// MARK: Writing

extension YAMLScalar {
    /// A number as PyYAML writes it.
    static func spelled(_ number: Double) -> String {
        if number.isNaN { return ".nan" }
        if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
        let text = PythonFloat.text(number)
        guard !text.contains("."), let exponent = text.firstIndex(of: "e") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }

    /// Whether a text, unquoted, would be read as something else than text: also what Drover itself leaves as text, such
    /// as dates and numbers beyond 64 bits.
    static func looksTyped(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return true }
        if nulls.contains(text) || text == "<<" || text == "=" { return true }
        guard isDigit(first) || "+-.".utf8.contains(first) else {
            return Value.boolean(word: text, in: .yaml) != nil
        }
        return size(ofInteger: text) != nil || float(text) != nil || YAMLTimestamp.matches(text)
    }
}
