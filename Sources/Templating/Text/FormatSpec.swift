import Glibc

/// How one value is laid out: Python's format specification.
struct FormatSpec {
    var fill: Unicode.Scalar = " "
    var alignment: Unicode.Scalar?
    var sign: Unicode.Scalar = "-"
    var isAlternate = false
    var zeroPads = false
    var width = 0
    var grouping: Unicode.Scalar?
    var precision: Int?
    var type: Unicode.Scalar?

    init() {}

    /// Reads `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
    init(_ text: String) throws {
        var rest = text.unicodeScalars[...]
        let alignments: Set<Unicode.Scalar> = ["<", ">", "^", "="]
        if rest.count > 1, alignments.contains(rest[rest.index(after: rest.startIndex)]) {
            fill = rest.removeFirst()
            alignment = rest.removeFirst()
        } else if let first = rest.first, alignments.contains(first) {
            alignment = rest.removeFirst()
        }
        if let first = rest.first, "+- ".unicodeScalars.contains(first) { sign = rest.removeFirst() }
        if rest.first == "#" {
            isAlternate = true
            rest.removeFirst()
        }
        if rest.first == "0" {
            zeroPads = true
            rest.removeFirst()
        }
        width = try Self.number(&rest) ?? 0
        if let first = rest.first, ",_".unicodeScalars.contains(first) { grouping = rest.removeFirst() }
        if rest.first == "." {
            rest.removeFirst()
            precision = try Self.number(&rest)
        }
        type = rest.popFirst()
        guard rest.isEmpty else { throw TemplateError.type("invalid format specifier '\(text)'") }
        try Extent.check(text: width)
        guard precision ?? 0 <= Self.mostPrecision else { throw TemplateError.type("precision too big") }
    }

    private static func number(_ rest: inout Substring.UnicodeScalarView) throws -> Int? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        rest = rest.dropFirst(digits.count)
        guard !digits.isEmpty else { return nil }
        guard let number = Int(String(digits)) else {
            throw TemplateError.type("too many decimal digits in format string")
        }
        return number
    }

    /// Digits after the point that one number may be printed with.
    static let mostPrecision = 100_000

    // MARK: Laying out

    func padded(_ text: String, defaultAlignment: Unicode.Scalar) -> String {
        let count = text.scalarCount
        guard width > count else { return text }
        let missing = width - count
        let left: Int
        switch alignment ?? defaultAlignment {
        case "<": left = 0
        case "^": left = missing / 2
        default: left = missing
        }
        let filler = String(fill)
        return String(repeating: filler, count: left) + text + String(repeating: filler, count: missing - left)
    }

    private func laidOut(negative: Bool, prefix: String, digits: String) -> String {
        let mark = negative ? "-" : sign == "-" ? "" : String(sign)
        let head = mark + prefix
        let missing = max(0, width) - head.scalarCount - digits.scalarCount
        if missing > 0, zeroPads && alignment == nil || alignment == "=" {
            let filler = zeroPads ? "0" : String(fill)
            return head + String(repeating: filler, count: missing) + digits
        }
        return padded(head + digits, defaultAlignment: ">")
    }

    func format(_ number: Int) throws -> String {
        var prefix = ""
        var digits: String
        switch type {
        case nil, "d", "n": digits = String(number.magnitude)
        case "x": (prefix, digits) = ("0x", String(number.magnitude, radix: 16))
        case "X": (prefix, digits) = ("0X", String(number.magnitude, radix: 16, uppercase: true))
        case "o": (prefix, digits) = ("0o", String(number.magnitude, radix: 8))
        case "b": (prefix, digits) = ("0b", String(number.magnitude, radix: 2))
        case "c":
            guard let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) else {
                throw TemplateError.type("%c arg not in range")
            }
            return padded(String(scalar), defaultAlignment: "<")
        case "e", "E", "f", "F", "g", "G", "%": return try format(Double(number))
        case let other?: throw TemplateError.type("unknown format code '\(other)' for object of type 'int'")
        }
        if let precision, digits.utf8.count < precision {
            digits = String(repeating: "0", count: precision - digits.utf8.count) + digits
        }
        return laidOut(negative: number < 0, prefix: isAlternate ? prefix : "", digits: grouped(digits))
    }

    /// A whole number beyond 64 bits, in decimal digits.
    func formatWhole(_ number: Double) -> String {
        var digits = Self.printed("f", number.magnitude, 0)
        if let precision, digits.utf8.count < precision {
            digits = String(repeating: "0", count: precision - digits.utf8.count) + digits
        }
        return laidOut(negative: number < 0, prefix: "", digits: grouped(digits))
    }

    func format(_ number: Double) throws -> String {
        let magnitude = number.magnitude
        var digits: String
        if magnitude.isNaN || magnitude.isInfinite {
            digits = magnitude.isNaN ? "nan" : "inf"
        } else {
            switch type {
            case nil:
                digits = precision == nil ? PythonFloat.text(magnitude) : Self.general(magnitude, precision ?? 6, true)
            case "f", "F": digits = Self.printed("f", magnitude, precision ?? 6)
            case "e", "E": digits = Self.printed("e", magnitude, precision ?? 6)
            case "g", "G", "n": digits = Self.general(magnitude, precision ?? 6, false)
            case "%": digits = Self.printed("f", magnitude * 100, precision ?? 6) + "%"
            case let other?: throw TemplateError.type("unknown format code '\(other)' for object of type 'float'")
            }
        }
        if type == "E" || type == "G" { digits = digits.uppercased() }
        return laidOut(negative: number.sign == .minus, prefix: "", digits: grouped(digits))
    }

    func format(_ text: String) throws -> String {
        if let type, type != "s" {
            throw TemplateError.type("unknown format code '\(type)' for object of type 'str'")
        }
        let shown = precision.map { String(text.unicodeScalars.prefix($0)) } ?? text
        return padded(shown, defaultAlignment: "<")
    }

    private static func general(_ value: Double, _ precision: Int, _ keepsFraction: Bool) -> String {
        let text = printed("g", value, max(precision, 1))
        return keepsFraction && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? text + ".0" : text
    }

    /// One number through the C library, which rounds as Python does.
    static func printed(_ kind: String, _ value: Double, _ precision: Int) -> String {
        let precision = min(max(0, precision), mostPrecision)
        var buffer = [CChar](repeating: 0, count: precision + 400)
        let length = withVaList([Int32(precision), value]) { vsnprintf(&buffer, buffer.count, "%.*" + kind, $0) }
        return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func grouped(_ digits: String) -> String {
        guard let grouping else { return digits }
        let size = type == nil || type == "d" || type == "f" || type == "n" ? 3 : 4
        let whole = digits.prefix { ("0"..."9").contains($0) || $0.isHexDigit }
        let count = whole.count
        var result = ""
        for (index, character) in whole.enumerated() {
            if index > 0, (count - index) % size == 0 { result.unicodeScalars.append(grouping) }
            result.append(character)
        }
        return result + digits.dropFirst(count)
    }
}
