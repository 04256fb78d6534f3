import Values

/// Python's `'{} {name}'.format(…)`.
struct BraceFormatting {
    private let arguments: CallArguments
    /// The field the next `{}` takes; `nil` once fields are numbered by hand.
    private var nextIndex: Int? = 0
    private var length = 0

    static func apply(_ format: String, _ arguments: CallArguments) throws -> String {
        var formatting = BraceFormatting(arguments: arguments)
        let format = try TemplateError.telling { () throws(FormatError) in try BraceFormat(format) }
        return try formatting.text(of: format.parts)
    }

    private init(arguments: CallArguments) { self.arguments = arguments }

    private mutating func text(of parts: [BraceFormat.Part]) throws -> String {
        var output = ""
        for part in parts {
            switch part {
            case .text(let text): output += text
            case .field(let field):
                let text = try text(of: field)
                length += text.utf8.count
                try Extent.check(text: length)
                output += text
            }
        }
        return output
    }

    private mutating func text(of field: BraceFormat.Field) throws -> String {
        var value = try value(of: field)
        switch field.conversion {
        case nil: break
        case "r": value = .string(try value.representation())
        case "a": value = .string(PythonText.ascii(try value.representation()))
        case "s": value = .string(try value.text())
        case let other?: throw TemplateError.type("Unknown conversion specifier '\(other)'")
        }
        return try Self.laidOut(value, try text(of: field.specification))
    }

    private mutating func value(of field: BraceFormat.Field) throws -> Object {
        var value = try argument(field.name)
        for step in field.path {
            switch step {
            case .attribute(let name):
                guard !value.isMapping else {
                    throw TemplateError.type("'dict' object has no attribute '\(name)'")
                }
                value = try value.attribute(name)
            case .item(let key): value = try value.item(Int(key).map(Object.int) ?? .string(key))
            }
        }
        return try value.needed()
    }

    private mutating func argument(_ name: String) throws -> Object {
        guard name.isEmpty || Int(name) != nil else {
            guard let named = arguments.named.first(where: { $0.name == name }) else {
                throw TemplateError.type("no argument named '\(name)' for the format string")
            }
            return named.value
        }
        let index = try index(name)
        guard arguments.positional.indices.contains(index) else {
            throw TemplateError.type("replacement index \(index) out of range for positional args tuple")
        }
        return arguments.positional[index]
    }

    private mutating func index(_ text: String) throws -> Int {
        if let index = Int(text) {
            guard nextIndex ?? 0 == 0 else {
                throw TemplateError.type("cannot switch from automatic field numbering to manual field specification")
            }
            nextIndex = nil
            return index
        }
        guard let index = nextIndex else {
            throw TemplateError.type("cannot switch from manual field specification to automatic field numbering")
        }
        nextIndex = index + 1
        return index
    }

    private static func laidOut(_ value: Object, _ specification: String) throws -> String {
        if specification.isEmpty { return try value.text() }
        if case .moment(let moment) = value { return DateText.format(specification, moment.seconds) }
        let typeName = value.typeName
        let spec = try TemplateError.telling { () throws(FormatError) in
            try FormatSpec(specification, for: typeName)
        }
        try Extent.check(text: spec.width)
        return try TemplateError.telling { () throws(FormatError) in
            switch value {
            case .string(let text): try spec.format(text)
            case .int(let number): try spec.format(number)
            case .bool(let flag): try spec.format(flag ? 1 : 0)
            case .double(let number): try spec.format(number)
            default: throw FormatError("unsupported format string passed to \(typeName).__format__")
            }
        }
    }
}
