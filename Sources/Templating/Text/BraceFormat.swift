/// Python's `'{} {name}'.format(…)`.
struct BraceFormat {
    private var rest: Substring.UnicodeScalarView
    private let arguments: CallArguments
    /// The field the next `{}` takes; `nil` once fields are numbered by hand.
    private var nextIndex: Int? = 0
    private var depth = 0
    private var length = 0

    static func apply(_ format: String, _ arguments: CallArguments) throws -> String {
        var formatter = BraceFormat(rest: format.unicodeScalars[...], arguments: arguments)
        return try formatter.run(untilBrace: false)
    }

    private init(rest: Substring.UnicodeScalarView, arguments: CallArguments) {
        self.rest = rest
        self.arguments = arguments
    }

    private mutating func run(untilBrace: Bool) throws -> String {
        // A format's specification may hold fields, and theirs none.
        depth += 1
        defer { depth -= 1 }
        guard depth <= 2 else { throw TemplateError.type("max string recursion exceeded") }
        var output = ""
        while let scalar = rest.popFirst() {
            switch scalar {
            case "{" where rest.first == "{" && !untilBrace:
                rest.removeFirst()
                output += "{"
            case "{":
                let text = try field()
                length += text.utf8.count
                try Extent.check(text: length)
                output += text
            case "}" where untilBrace: return output
            case "}":
                guard rest.popFirst() == "}" else {
                    throw TemplateError.type("single '}' encountered in format string")
                }
                output += "}"
            default: output.unicodeScalars.append(scalar)
            }
        }
        guard !untilBrace else { throw TemplateError.type("expected '}' before end of string") }
        return output
    }

    private mutating func field() throws -> String {
        let name = String(rest.prefix { $0 != "}" && $0 != ":" && $0 != "!" })
        rest = rest.dropFirst(name.unicodeScalars.count)
        var value = try object(name)
        if rest.first == "!" {
            rest.removeFirst()
            let conversion = rest.popFirst()
            value = .string(conversion == "r" || conversion == "a" ? try value.representation() : try value.text())
        }
        guard let end = rest.popFirst() else { throw TemplateError.type("expected '}' before end of string") }
        let spec = end == ":" ? try run(untilBrace: true) : ""
        return try Self.formatted(value, spec)
    }

    private mutating func object(_ name: String) throws -> Object {
        let first = name.prefix { $0 != "." && $0 != "[" }
        var value: Object
        if first.isEmpty || Int(first) != nil {
            let index = try index(first)
            guard arguments.positional.indices.contains(index) else {
                throw TemplateError.type("replacement index \(index) out of range for positional args tuple")
            }
            value = arguments.positional[index]
        } else {
            guard let named = arguments.named.first(where: { $0.name == first }) else {
                throw TemplateError.type("no argument named '\(first)' for the format string")
            }
            value = named.value
        }
        var path = name.dropFirst(first.count)
        while let mark = path.popFirst() {
            if mark == "." {
                let attribute = path.prefix { $0 != "." && $0 != "[" }
                path = path.dropFirst(attribute.count)
                guard !value.isMapping else {
                    throw TemplateError.type("'dict' object has no attribute '\(attribute)'")
                }
                value = try value.attribute(String(attribute))
            } else {
                let key = path.prefix { $0 != "]" }
                path = path.dropFirst(key.count + 1)
                value = try value.item(Int(key).map(Object.int) ?? .string(String(key)))
            }
        }
        return try value.needed()
    }

    private mutating func index(_ text: Substring) throws -> Int {
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

    private static func formatted(_ value: Object, _ spec: String) throws -> String {
        if spec.isEmpty { return try value.text() }
        let layout = try FormatSpec(spec)
        switch value {
        case .string(let text): return try layout.format(text)
        case .int(let number): return try layout.format(number)
        case .bool(let flag):
            return layout.type == "s" ? try layout.format(try value.text()) : try layout.format(flag ? 1 : 0)
        case .double(let number): return try layout.format(number)
        case .moment(let moment): return Calendar.format(spec, moment.seconds, utc: true)
        default: throw TemplateError.type("unsupported format string passed to \(value.typeName).__format__")
        }
    }
}
