import Values

/// Python's `'%s' % value`.
struct PercentFormatting {
    private var arguments: ArraySlice<Object>
    private let mapping: Object?
    /// Whether the argument might be meant for names: it need not be used then.
    private let isIndexable: Bool

    static func apply(_ format: String, _ argument: Object) throws -> String {
        var formatting = PercentFormatting(argument)
        return try formatting.text(of: TemplateError.telling { () throws(FormatError) in try PercentFormat(format) })
    }

    private init(_ argument: Object) {
        mapping = argument.isMapping ? argument : nil
        if case .list = argument { isIndexable = true } else { isIndexable = argument.isMapping }
        if case .tuple(let tuple) = argument { arguments = tuple.items[...] } else { arguments = [argument] }
    }

    private mutating func text(of format: PercentFormat) throws -> String {
        var output = ""
        for part in format.parts {
            switch part {
            case .text(let text): output += text
            case .conversion(let conversion): output += try converted(conversion)
            }
            try Extent.check(text: output.utf8.count)
        }
        guard isIndexable || arguments.isEmpty else {
            throw TemplateError.type("not all arguments converted during string formatting")
        }
        return output
    }

    private mutating func converted(_ conversion: PercentConversion) throws -> String {
        var named: Object?
        if let key = conversion.key {
            guard let mapping else { throw TemplateError.type("format requires a mapping") }
            named = try mapping.item(.string(key)).needed()
        }
        var conversion = conversion
        let width = try amount(conversion.width) ?? 0
        if width < 0 { conversion.isLeft = true }
        let room = Int(clamping: width.magnitude)
        try Extent.check(text: room)
        let precision = try amount(conversion.precision).map { max(0, $0) }
        guard precision ?? 0 <= FormatSpec.mostPrecision else { throw TemplateError.type("precision too big") }
        let object: Object = if let named { named } else { try next() }
        return try Self.laidOut(object, conversion, room, precision)
    }

    private mutating func amount(_ amount: PercentConversion.Amount?) throws -> Int? {
        switch amount {
        case nil: return nil
        case .fixed(let number): return number
        case .argument:
            guard let number = try next().integer else { throw TemplateError.type("* wants int") }
            return number
        }
    }

    private mutating func next() throws -> Object {
        guard let object = arguments.popFirst() else {
            throw TemplateError.type("not enough arguments for format string")
        }
        return try object.needed()
    }

    private static func laidOut(
        _ object: Object, _ conversion: PercentConversion, _ width: Int, _ precision: Int?
    ) throws -> String {
        let type = conversion.type
        switch type {
        case "s": return conversion.laidOut(try object.text(), width: width, precision: precision)
        case "r": return conversion.laidOut(try object.representation(), width: width, precision: precision)
        case "a":
            let text = PythonText.ascii(try object.representation())
            return conversion.laidOut(text, width: width, precision: precision)
        case "c": return conversion.laidOut(try character(object), width: width, precision: nil)
        case "e", "E", "f", "F", "g", "G":
            guard let number = object.number else {
                throw TemplateError.type("must be real number, not \(object.typeName)")
            }
            return conversion.laidOut(number, width: width, precision: precision)
        default: return try whole(object, conversion, width, precision)
        }
    }

    private static func character(_ object: Object) throws -> String {
        if case .string(let text) = object, text.scalarCount == 1 { return text }
        guard let code = object.integer else { throw TemplateError.type("%c requires int or char") }
        guard (0...0x10FFFF).contains(code) else { throw TemplateError.type("%c arg not in range(0x110000)") }
        return String(UInt32(exactly: code).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}")
    }

    private static func whole(
        _ object: Object, _ conversion: PercentConversion, _ width: Int, _ precision: Int?
    ) throws -> String {
        let type = conversion.type
        if let number = object.integer { return conversion.laidOut(number, width: width, precision: precision) }
        let isDecimal = type == "d" || type == "i" || type == "u"
        guard isDecimal, let number = object.number else {
            let wanted = isDecimal ? "a real number" : "an integer"
            throw TemplateError.type("%\(type) format: \(wanted) is required, not \(object.typeName)")
        }
        guard number.isFinite else {
            throw TemplateError.type("cannot convert float \(number.isNaN ? "NaN" : "infinity") to integer")
        }
        if let whole = Int(exactly: number.rounded(.towardZero)) {
            return conversion.laidOut(whole, width: width, precision: precision)
        }
        return conversion.laidOut(whole: number, width: width, precision: precision)
    }
}

extension TemplateError {
    /// Runs what reads or follows a format, whose errors become `.type`.
    static func telling<Result>(_ body: () throws(FormatError) -> Result) throws(TemplateError) -> Result {
        do throws(FormatError) {
            return try body()
        } catch {
            throw TemplateError.type(error.reason)
        }
    }
}
