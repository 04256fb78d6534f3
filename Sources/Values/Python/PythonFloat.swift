/// Python's floating-point numbers as text.
public enum PythonFloat {
    /// What `repr()` and `str()` give: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on.
    public static func text(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let (digits, exponent) = parts(value.magnitude)
        let sign = value.sign == .minus ? "-" : ""
        if exponent < -4 || exponent >= 16 { return sign + scientific(digits, exponent) }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = exponent + 1
        if digits.utf8.count <= whole {
            return sign + digits + String(repeating: "0", count: whole - digits.utf8.count) + ".0"
        }
        return sign + digits.prefix(whole) + "." + digits.dropFirst(whole)
    }

    /// The number that decimal digits with a point or an exponent stand for; infinite when it is too large, zero when
    /// it is too small.
    static func value(ofDecimal text: String) -> Double { Double(text) ?? .nan }

    private static func scientific(_ digits: String, _ exponent: Int) -> String {
        let mantissa = digits.utf8.count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
        let power = String(exponent.magnitude)
        return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(power.utf8.count == 1 ? "0" : "")\(power)"
    }

    /// The significant digits, and the power of ten of the first.
    private static func parts(_ value: Double) -> (digits: String, exponent: Int) {
        guard value != 0 else { return ("0", 0) }
        let pieces = value.description.split(separator: "e")
        let number = pieces[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = number[0]
        let fraction = number.count > 1 && number[1] != "0" ? number[1] : ""
        var exponent = (pieces.count > 1 ? Int(pieces[1]) ?? 0 : 0) + whole.utf8.count - 1
        var digits = Substring(String(whole + fraction))
        while digits.utf8.first == UInt8(ascii: "0"), digits.utf8.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.utf8.last == UInt8(ascii: "0"), digits.utf8.count > 1 { digits.removeLast() }
        return (String(digits), exponent)
    }
}
