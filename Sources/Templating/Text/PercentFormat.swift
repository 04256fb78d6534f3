/// Python's `'%s' % value`.
struct PercentFormat {
    private var rest: Substring.UnicodeScalarView
    private var arguments: ArraySlice<Object>
    private let mapping: Object?
    private var usesMapping = false
    /// Whether the argument might be meant for names: it need not be used then.
    private let isIndexable: Bool
    private var output = ""

    static func apply(_ format: String, _ argument: Object) throws -> String {
        var formatter = PercentFormat(format, argument)
        return try formatter.run()
    }

    private init(_ format: String, _ argument: Object) {
        rest = format.unicodeScalars[...]
        mapping = argument.isMapping ? argument : nil
        if case .list = argument { isIndexable = true } else { isIndexable = argument.isMapping }
        if case .tuple(let tuple) = argument { arguments = tuple.items[...] } else { arguments = [argument] }
    }

    private mutating func run() throws -> String {
        while let scalar = rest.popFirst() {
            if scalar == "%" { try conversion() } else { output.unicodeScalars.append(scalar) }
        }
        guard usesMapping || isIndexable || arguments.isEmpty else {
            throw TemplateError.type("not all arguments converted during string formatting")
        }
        return output
    }

    private mutating func conversion() throws {
        var value: Object?
        if rest.first == "(" {
            rest.removeFirst()
            let name = String(rest.prefix { $0 != ")" })
            rest = rest.dropFirst(name.unicodeScalars.count + 1)
            guard let mapping else { throw TemplateError.type("format requires a mapping") }
            usesMapping = true
            value = try mapping.item(.string(name)).needed()
        }
        var spec = FormatSpec()
        while let flag = rest.first, "#0- +".unicodeScalars.contains(flag) {
            rest.removeFirst()
            switch flag {
            case "#": spec.isAlternate = true
            case "0": spec.zeroPads = true
            case "-": spec.alignment = "<"
            case "+": spec.sign = "+"
            default: if spec.sign != "+" { spec.sign = " " }
            }
        }
        let width = try number("width") ?? 0
        try Extent.check(text: Int(clamping: width.magnitude))
        spec.width = Int(width.magnitude)
        if width < 0 { spec.alignment = "<" }
        if rest.first == "." {
            rest.removeFirst()
            let precision = max(0, try number("precision") ?? 0)
            guard precision <= FormatSpec.mostPrecision else { throw TemplateError.type("precision too big") }
            spec.precision = precision
        }
        while let length = rest.first, "hlL".unicodeScalars.contains(length) { rest.removeFirst() }
        guard let type = rest.popFirst() else { throw TemplateError.type("incomplete format") }
        if type == "%" { return output += "%" }
        let object: Object = if let value { value } else { try next() }
        output += try Self.formatted(object, type, &spec)
    }

    private mutating func number(_ name: String) throws -> Int? {
        if rest.first == "*" {
            rest.removeFirst()
            guard let value = try next().integer else { throw TemplateError.type("* wants int") }
            return value
        }
        let digits = rest.prefix { ("0"..."9").contains($0) }
        rest = rest.dropFirst(digits.count)
        guard !digits.isEmpty else { return nil }
        guard let number = Int(String(digits)) else { throw TemplateError.type("\(name) too big") }
        return number
    }

    private mutating func next() throws -> Object {
        guard let object = arguments.popFirst() else {
            throw TemplateError.type("not enough arguments for format string")
        }
        return try object.needed()
    }

    private static func formatted(_ object: Object, _ type: Unicode.Scalar, _ spec: inout FormatSpec) throws -> String {
        switch type {
        case "s", "r", "a":
            var text = try type == "s" ? object.text() : object.representation()
            if let precision = spec.precision { text = String(text.unicodeScalars.prefix(precision)) }
            spec.zeroPads = false
            return spec.padded(text, defaultAlignment: ">")
        case "c":
            if case .string(let text) = object { return spec.padded(text, defaultAlignment: ">") }
            guard let scalar = object.integer.flatMap({ UInt32(exactly: $0) }).flatMap(Unicode.Scalar.init) else {
                throw TemplateError.type("%c requires int or char")
            }
            return spec.padded(String(scalar), defaultAlignment: ">")
        case "d", "i", "u", "x", "X", "o":
            guard let number = object.number else {
                throw TemplateError.type("%\(type) format: a number is required, not \(object.typeName)")
            }
            spec.type = type == "i" || type == "u" ? "d" : type
            if let whole = object.integer ?? Int(exactly: number.rounded(.towardZero)) { return try spec.format(whole) }
            guard number.isFinite else {
                throw TemplateError.type("cannot convert float \(number.isNaN ? "NaN" : "infinity") to integer")
            }
            guard spec.type == "d" else {
                throw TemplateError.type("%\(type) format: an integer is required, not float")
            }
            return spec.formatWhole(number)
        case "e", "E", "f", "F", "g", "G":
            guard let number = object.number else {
                throw TemplateError.type("must be real number, not \(object.typeName)")
            }
            spec.type = type
            return try spec.format(number)
        default: throw TemplateError.type("unsupported format character '\(type)'")
        }
    }
}
