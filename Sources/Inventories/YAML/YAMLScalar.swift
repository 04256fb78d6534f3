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
            return words[text] ?? .string(text)
        }
    }

    private static let words: [String: Value] = {
        var words: [String: Value] = ["~": .null, "null": .null, "Null": .null, "NULL": .null]
        for (names, flag) in [(["yes", "true", "on"], true), (["no", "false", "off"], false)] {
            for name in names {
                words[name] = .bool(flag)
                words[name.uppercased()] = .bool(flag)
                words[name.prefix(1).uppercased() + name.dropFirst()] = .bool(flag)
            }
        }
        return words
    }()

    /// `[-+]?0b[01_]+`, `[-+]?0[0-7_]+`, `[-+]?(0|[1-9][0-9_]*)`, `[-+]?0x[0-9a-fA-F_]+`, `[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+`.
    static func integer(_ text: String) -> Value? {
        let (negative, body) = splitSign(text[...])
        guard let magnitude = magnitude(body) else { return nil }
        return .int(negative ? -magnitude : magnitude)
    }

    private static func magnitude(_ body: Substring) -> Int? {
        if body == "0" { return 0 }
        if body.hasPrefix("0b") { return digits(body.dropFirst(2), radix: 2) }
        if body.hasPrefix("0x") { return digits(body.dropFirst(2), radix: 16) }
        if body.hasPrefix("0") { return digits(body.dropFirst(), radix: 8, bare: 0) }
        guard let first = body.utf8.first, first != UInt8(ascii: "_") else { return nil }
        guard body.utf8.contains(UInt8(ascii: ":")) else { return digits(body, radix: 10) }
        let parts = body.split(separator: ":", omittingEmptySubsequences: false)
        guard var total = digits(parts[0], radix: 10) else { return nil }
        for part in parts.dropFirst() {
            guard let part = sexagesimalPart(part) else { return nil }
            let (product, overflowed) = total.multipliedReportingOverflow(by: 60)
            let (sum, overflowedAgain) = product.addingReportingOverflow(part)
            if overflowed || overflowedAgain { return nil }
            total = sum
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
        guard let first = parts[0].utf8.first, isDigit(first), var total = digits(parts[0], radix: 10).map(Double.init)
        else { return nil }
        for part in parts.dropFirst() {
            guard let part = sexagesimalPart(part) else { return nil }
            total = total * 60 + Double(part)
        }
        return total + (Double("0." + fraction.filter { $0 != "_" } + "0") ?? 0)
    }

    private static func sexagesimalPart(_ part: Substring) -> Int? {
        guard (1...2).contains(part.count), part.utf8.allSatisfy(isDigit), let number = Int(part), number < 60 else {
            return nil
        }
        return number
    }

    /// `nil` for other characters, for no digit at all (unless `bare` says what that means), and beyond 64 bits.
    private static func digits(_ text: Substring, radix: Int, bare: Int? = nil) -> Int? {
        var total = 0
        var sawDigit = false
        for byte in text.utf8 where byte != UInt8(ascii: "_") {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix else { return nil }
            let (product, overflowed) = total.multipliedReportingOverflow(by: radix)
            let (sum, overflowedAgain) = product.addingReportingOverflow(digit)
            if overflowed || overflowedAgain { return nil }
            total = sum
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
