/// Python's `'%s and %5.2f'`: texts, and places that values go to.
public struct PercentFormat: Hashable, Sendable {
    /// One part of a format.
    public enum Part: Hashable, Sendable {
        /// Text that stands there as it is.
        case text(String)
        /// A place for a value.
        case conversion(PercentConversion)
    }

    /// The parts, in their order.
    public let parts: [Part]

    /// Reads a format.
    /// - Throws: ``FormatError`` in Python's words.
    public init(_ format: String) throws(FormatError) {
        var reader = Reader(rest: format.unicodeScalars[...])
        parts = try reader.parts()
    }

    private struct Reader {
        var rest: Substring.UnicodeScalarView
        var index = 0

        mutating func pop() -> Unicode.Scalar? {
            guard let scalar = rest.popFirst() else { return nil }
            index += 1
            return scalar
        }

        mutating func parts() throws(FormatError) -> [Part] {
            var parts: [Part] = []
            var text = String.UnicodeScalarView()
            while let scalar = pop() {
                guard scalar == "%" else {
                    text.append(scalar)
                    continue
                }
                let conversion = try conversion()
                if conversion.type == "%" {
                    text.append("%")
                } else {
                    if !text.isEmpty { parts.append(.text(String(text))) }
                    text = String.UnicodeScalarView()
                    parts.append(.conversion(conversion))
                }
            }
            if !text.isEmpty { parts.append(.text(String(text))) }
            return parts
        }

        private mutating func conversion() throws(FormatError) -> PercentConversion {
            var conversion = PercentConversion()
            conversion.key = try key()
            let hasKey = conversion.key != nil
            var isBare = !hasKey
            while let flag = rest.first, "#0- +".unicodeScalars.contains(flag) {
                _ = pop()
                conversion.note(flag)
                isBare = false
            }
            conversion.width = try amount("width")
            if rest.first == "." {
                _ = pop()
                conversion.precision = try amount("precision") ?? .fixed(0)
            }
            isBare = isBare && conversion.width == nil && conversion.precision == nil
            if let length = rest.first, "hlL".unicodeScalars.contains(length) {
                _ = pop()
                isBare = false
            }
            guard let type = pop() else { throw FormatError("incomplete format") }
            guard PercentConversion.types.contains(type) || type == "%" && isBare else {
                throw FormatError(
                    "unsupported format character '\(PercentConversion.shown(type))' (0x\(String(type.value, radix: 16))) at index \(index - 1)"
                )
            }
            conversion.type = type
            return conversion
        }

        /// The name in parentheses, which may hold more of them.
        private mutating func key() throws(FormatError) -> String? {
            guard rest.first == "(" else { return nil }
            _ = pop()
            var name = String.UnicodeScalarView()
            var depth = 1
            while let scalar = pop() {
                depth += scalar == "(" ? 1 : scalar == ")" ? -1 : 0
                if depth == 0 { return String(name) }
                name.append(scalar)
            }
            throw FormatError("incomplete format key")
        }

        private mutating func amount(_ name: String) throws(FormatError) -> PercentConversion.Amount? {
            if rest.first == "*" {
                _ = pop()
                return .argument
            }
            var digits = ""
            while let digit = rest.first, ("0"..."9").contains(digit) {
                digits.unicodeScalars.append(digit)
                _ = pop()
            }
            guard !digits.isEmpty else { return nil }
            guard let number = Int(digits), number <= Int(name == "width" ? Int.max : Int(Int32.max)) else {
                throw FormatError("\(name) too big")
            }
            return .fixed(number)
        }
    }
}

/// A place for a value in a ``PercentFormat``.
public struct PercentConversion: Hashable, Sendable {
    /// A width or a precision.
    public enum Amount: Hashable, Sendable {
        /// What the format says.
        case fixed(Int)
        /// What the next argument says: `*`.
        case argument
    }

    /// The name of the value in a mapping.
    public var key: String?
    /// The least number of characters.
    public var width: Amount?
    /// Digits, or characters of a text.
    public var precision: Amount?
    /// The letter that says how the value is written.
    public var type: Unicode.Scalar = "s"
    /// Whether blanks go to the right.
    public var isLeft = false
    private var hasPlus = false
    private var hasBlank = false
    private var isAlternate = false
    private var padsWithZeros = false

    static let types = Set("diouxXeEfFgGcrsa".unicodeScalars)

    mutating func note(_ flag: Unicode.Scalar) {
        switch flag {
        case "#": isAlternate = true
        case "0": padsWithZeros = true
        case "-": isLeft = true
        case "+": hasPlus = true
        default: hasBlank = true
        }
    }

    static func shown(_ scalar: Unicode.Scalar) -> String {
        (0x20..<0x7F).contains(scalar.value) ? String(scalar) : "?"
    }

    /// A text in the width; of no more characters than the precision.
    public func laidOut(_ text: String, width: Int, precision: Int?) -> String {
        padded(precision.map { String(text.unicodeScalars.prefix($0)) } ?? text, width)
    }

    private func padded(_ text: String, _ width: Int) -> String {
        let blanks = String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
        return isLeft ? text + blanks : blanks + text
    }

    /// A whole number in the width, with as many digits as the precision.
    public func laidOut(_ number: Int, width: Int, precision: Int?) -> String {
        let (prefix, digits) = FormatSpec.digits(number.magnitude, type)
        return laidOut(
            isNegative: number < 0, prefix: isAlternate ? prefix : "", digits: digits, width: width,
            precision: precision)
    }

    /// The whole part of a number beyond 64 bits, in decimal digits.
    public func laidOut(whole number: Double, width: Int, precision: Int?) -> String {
        laidOut(
            isNegative: number < 0, prefix: "", digits: FormatSpec.printed("f", number.magnitude, 0), width: width,
            precision: precision)
    }

    /// A floating-point number in the width, with as many digits as the precision, six if there is none.
    public func laidOut(_ number: Double, width: Int, precision: Int?) -> String {
        var text = number.isNaN ? "nan" : "inf"
        if number.isFinite {
            let kind = String(type).lowercased()
            let precision = kind == "g" ? max(1, precision ?? 6) : precision ?? 6
            text = FormatSpec.printed(kind, number.magnitude, precision, isAlternate: isAlternate)
        }
        if "EFG".unicodeScalars.contains(type) { text = text.uppercased() }
        return laidOut(
            isNegative: number.sign == .minus && !number.isNaN, prefix: "", digits: text, width: width, precision: nil)
    }

    private func laidOut(
        isNegative: Bool, prefix: String, digits: String, width: Int, precision: Int?
    ) -> String {
        let sign = isNegative ? "-" : hasPlus ? "+" : hasBlank ? " " : ""
        let least = String(repeating: "0", count: max(0, (precision ?? 0) - digits.utf8.count))
        let head = sign + prefix
        let body = least + digits
        guard padsWithZeros, !isLeft else { return padded(head + body, width) }
        return head + String(repeating: "0", count: max(0, width - head.utf8.count - body.utf8.count)) + body
    }
}
