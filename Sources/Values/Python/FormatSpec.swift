/// Why a value can't be formatted as asked, in Python's words.
public struct FormatError: Error, Hashable, Sendable {
    /// Python's words.
    public let reason: String

    /// An error with these words.
    public init(_ reason: String) { self.reason = reason }
}

/// How one value is laid out: Python's format specification, `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
public struct FormatSpec: Hashable, Sendable {
    /// What fills the width that the value leaves.
    public var fill: Unicode.Scalar = " "
    /// `<`, `>`, `^`, or `=` for filling after the sign; the type's own when `nil`.
    public var alignment: Unicode.Scalar?
    /// `+`, `-` or a blank; `nil` when none is given.
    public var sign: Unicode.Scalar?
    /// Whether a zero that comes of rounding has no minus.
    public var coercesNegativeZero = false
    /// The form with a prefix, or with a point that is always there.
    public var isAlternate = false
    /// The least number of characters.
    public var width = 0
    /// `,` or `_` between groups of digits.
    public var grouping: Unicode.Scalar?
    /// Digits after the point, digits in all, or characters of a text.
    public var precision: Int?
    /// The letter that says how a value is written; its own way when `nil`.
    public var type: Unicode.Scalar?
    /// Whether a `0` before the width asked for zeros.
    private var padsWithZeros = false
    /// What Python calls the type of the value.
    let typeName: String

    /// Digits after the point that one number may be printed with; Python takes more.
    public static let mostPrecision = 100_000

    /// Reads a specification for a value of a type that Python calls `typeName`.
    /// - Throws: ``FormatError`` for what is no specification.
    public init(_ text: String, for typeName: String) throws(FormatError) {
        self.typeName = typeName
        var rest = text.unicodeScalars[...]
        let hasFill = readAlignment(&rest)
        if let first = rest.first, "+- ".unicodeScalars.contains(first) { sign = rest.removeFirst() }
        coercesNegativeZero = Self.take("z", &rest)
        isAlternate = Self.take("#", &rest)
        padsWithZeros = !hasFill && Self.take("0", &rest)
        width = try Self.number(&rest) ?? 0
        try readGrouping(&rest)
        if Self.take(".", &rest) {
            precision = try Self.number(&rest)
            if precision == nil { throw FormatError("Format specifier missing precision") }
        }
        type = rest.popFirst()
        guard rest.isEmpty else {
            throw FormatError("Invalid format specifier '\(text)' for object of type '\(typeName)'")
        }
        try checkGrouping()
        guard precision ?? 0 <= Self.mostPrecision else { throw FormatError("precision too big") }
    }

    /// Reads the alignment, and says whether what fills the width stood before it.
    private mutating func readAlignment(_ rest: inout Substring.UnicodeScalarView) -> Bool {
        let alignments: Set<Unicode.Scalar> = ["<", ">", "^", "="]
        if rest.count > 1, alignments.contains(rest[rest.index(after: rest.startIndex)]) {
            fill = rest.removeFirst()
            alignment = rest.removeFirst()
            return true
        }
        if let first = rest.first, alignments.contains(first) {
            alignment = rest.removeFirst()
        }
        return false
    }

    private mutating func readGrouping(_ rest: inout Substring.UnicodeScalarView) throws(FormatError) {
        while let mark = rest.first, mark == "," || mark == "_" {
            guard grouping == nil else {
                throw FormatError(
                    grouping == mark ? "Cannot specify '\(mark)' with '\(mark)'." : "Cannot specify both ',' and '_'.")
            }
            grouping = rest.removeFirst()
        }
    }

    private func checkGrouping() throws(FormatError) {
        guard let grouping, let type = type ?? (typeName == "str" ? "s" : nil) else { return }
        let allowed = grouping == "_" ? "defgEG%FboxX" : "defgEG%F"
        guard allowed.unicodeScalars.contains(type) else {
            throw FormatError("Cannot specify '\(grouping)' with '\(type)'.")
        }
    }

    private static func take(_ mark: Unicode.Scalar, _ rest: inout Substring.UnicodeScalarView) -> Bool {
        guard rest.first == mark else { return false }
        rest.removeFirst()
        return true
    }

    private static func number(_ rest: inout Substring.UnicodeScalarView) throws(FormatError) -> Int? {
        var number: Int?
        // Digits of any script.
        while let scalar = rest.first, scalar.properties.numericType == .decimal,
            let digit = scalar.properties.numericValue
        {
            rest.removeFirst()
            let (product, overflowed) = (number ?? 0).multipliedReportingOverflow(by: 10)
            let (sum, overflowedAgain) = product.addingReportingOverflow(Int(digit))
            guard !overflowed, !overflowedAgain else {
                throw FormatError("Too many decimal digits in format string")
            }
            number = sum
        }
        return number
    }

    // MARK: Laying out

    /// `text` in its width.
    func padded(_ text: String, defaultAlignment: Unicode.Scalar) -> String {
        let missing = width - text.unicodeScalars.count
        guard missing > 0 else { return text }
        let left: Int
        switch alignment ?? defaultAlignment {
        case "<": left = 0
        case "^": left = missing / 2
        default: left = missing
        }
        let filler = String(padsWithZeros ? "0" : fill)
        return String(repeating: filler, count: left) + text + String(repeating: filler, count: missing - left)
    }

    /// A number's parts in the width: zeros that fill it are grouped as its digits are.
    func laidOut(isNegative: Bool, prefix: String = "", _ number: SplitNumber) -> String {
        let mark = isNegative ? "-" : sign == "+" || sign == " " ? String(sign ?? " ") : ""
        let head = mark + prefix
        let fillsInside = alignment == "=" || alignment == nil && padsWithZeros
        let zeros = padsWithZeros || fill == "0"
        let room = fillsInside && zeros ? width - head.unicodeScalars.count - number.rest.unicodeScalars.count : 0
        let digits = number.digits.isEmpty ? "" : grouped(number.digits, atLeast: room)
        let body = digits + number.rest
        let missing = width - head.unicodeScalars.count - body.unicodeScalars.count
        guard missing > 0, fillsInside else { return padded(head + body, defaultAlignment: ">") }
        return head + String(repeating: String(zeros ? "0" : fill), count: missing) + body
    }

    /// Digits in groups, filled with zeros.
    private func grouped(_ digits: String, atLeast width: Int) -> String {
        guard let grouping else {
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let size = type.map { "boxX".unicodeScalars.contains($0) } == true ? 4 : 3
        var rest = Substring(digits)
        var missing = width
        var groups: [String] = []
        repeat {
            let length = min(size, max(rest.utf8.count, missing, 1))
            let group = rest.suffix(length)
            rest = rest.dropLast(length)
            groups.append(String(repeating: "0", count: length - group.utf8.count) + group)
            missing -= length
            if rest.isEmpty, missing <= 0 { break }
            missing -= 1
        } while true
        return groups.reversed().joined(separator: String(grouping))
    }
}

/// A number without its sign: the digits before the point, and what follows them.
struct SplitNumber {
    var digits: String
    var rest = ""

    init(digits: String) { self.digits = digits }

    /// What the C library or `repr()` has written.
    init(_ text: String) {
        let whole = text.prefix { ("0"..."9").contains($0) }
        digits = String(whole)
        rest = String(text[whole.endIndex...])
    }
}
