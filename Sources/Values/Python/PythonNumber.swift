import Fleet

/// Python's spelling of numbers: `1_000`, `0x1f`, `0o17`, `0b1`, `1.`, `.5`, `1e3`; no other leading zeros.
enum PythonNumber {
    static func value(of text: String, isNegative: Bool = false) -> Value? {
        guard !text.isEmpty, wellSeparated(text) else { return nil }
        let lower = text.lowercased()
        let digits = lower.filter { $0 != "_" }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where lower.hasPrefix(prefix) {
            return whole(digits.dropFirst(2), radix: radix, isNegative)
        }
        if digits.utf8.allSatisfy(isDigit) {
            if digits.hasPrefix("0"), digits.contains(where: { $0 != "0" }) { return nil }
            return whole(digits[...], radix: 10, isNegative)
        }
        return double(digits).map { .double(isNegative ? -$0 : $0) }
    }

    private static func whole(_ digits: Substring, radix: Int, _ isNegative: Bool) -> Value? {
        guard let first = digits.utf8.first, isAlphanumeric(first) else { return nil }
        return Int((isNegative ? "-" : "") + digits, radix: radix).map { .int($0) }
    }

    private static func double(_ text: String) -> Double? {
        let parts = text.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard mantissa.allSatisfy({ $0.utf8.allSatisfy(isDigit) }), mantissa.contains(where: { !$0.isEmpty }) else {
            return nil
        }
        var plain = (mantissa[0].isEmpty ? "0" : mantissa[0]) + "."
        plain += mantissa.count == 2 && !mantissa[1].isEmpty ? mantissa[1] : "0"
        if parts.count == 2 {
            let exponent = parts[1].first == "+" || parts[1].first == "-" ? parts[1].dropFirst() : parts[1]
            guard !exponent.isEmpty, exponent.utf8.allSatisfy(isDigit) else { return nil }
            plain += "e" + parts[1]
        }
        return Double(plain)
    }

    /// Underscores stand between digits only (or after the `0x`).
    private static func wellSeparated(_ text: String) -> Bool {
        guard text.contains("_") else { return true }
        let bytes = Array(text.utf8)
        let hasRadix = text.hasPrefix("0") && bytes.count > 1 && "xXoObB".utf8.contains(bytes[1])
        let isPlace = hasRadix ? isAlphanumeric : isDigit
        return bytes.indices.allSatisfy { index in
            guard bytes[index] == UInt8(ascii: "_") else { return true }
            guard index > 0, index + 1 < bytes.count else { return false }
            return isPlace(bytes[index - 1]) && isPlace(bytes[index + 1])
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
