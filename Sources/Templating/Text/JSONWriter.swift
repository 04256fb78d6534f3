/// How JSON is laid out: the parameters of Python's `json.dumps`.
struct JSONLayout {
    var indent: String?
    var sortsKeys = false
    var ensuresASCII = true
    var separators: (item: String, key: String)?

    static func indent(_ object: Object) throws -> String? {
        switch object {
        case .none: nil
        case .string(let text): text
        default: try object.integer.map { try Arithmetic.repeated(" ", $0) }
        }
    }

    mutating func read(_ named: [(name: String, value: Object)]) throws {
        for (name, value) in named {
            switch name {
            case "indent": indent = try Self.indent(value)
            case "sort_keys": sortsKeys = try value.isTrue()
            case "ensure_ascii": ensuresASCII = try value.isTrue()
            case "separators":
                if value.isNone { continue }
                separators = (try value.item(.int(0)).text(), try value.item(.int(1)).text())
            case "vault_to_text", "preprocess_unsafe", "allow_nan", "skipkeys", "check_circular", "default": continue
            default: throw TemplateError.filter("got an unexpected keyword argument '\(name)'")
            }
        }
    }
}

/// Writes JSON as Python does.
struct JSONWriter {
    private let layout: JSONLayout
    private let itemSeparator: String
    private let keySeparator: String

    init(_ layout: JSONLayout) {
        self.layout = layout
        itemSeparator = layout.separators?.item ?? (layout.indent == nil ? ", " : ",")
        keySeparator = layout.separators?.key ?? ": "
    }

    func text(_ object: Object) throws -> String {
        var output = ""
        try write(object, 0, &output)
        return output
    }

    private func write(_ object: Object, _ depth: Int, _ output: inout String) throws {
        guard depth < 200 else { throw TemplateError.filter("circular reference detected") }
        try Extent.check(text: output.utf8.count)
        switch object {
        case .none: output += "null"
        case .bool(let value): output += value ? "true" : "false"
        case .int(let value): output += String(value)
        case .double(let value): output += Self.number(value)
        case .string(let text): write(text, &output)
        case .moment(let moment): write(Calendar.iso(moment), &output)
        case .list, .tuple: try write(object.elements(), depth, &output)
        case .dict, .mapping: try write(object.pairs(), depth, &output)
        case .marker(let marker): throw marker.tripped
        default: throw TemplateError.filter("object of type '\(object.typeName)' is not JSON serializable")
        }
    }

    private static func number(_ value: Double) -> String {
        value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : PythonFloat.text(value)
    }

    private func newline(_ depth: Int, _ output: inout String) throws {
        guard let indent = layout.indent else { return }
        try Extent.check(text: indent.utf8.count, times: depth)
        try Extent.check(text: output.utf8.count + indent.utf8.count * depth)
        output += "\n" + String(repeating: indent, count: depth)
    }

    private func write(_ items: [Object], _ depth: Int, _ output: inout String) throws {
        guard !items.isEmpty else { return output += "[]" }
        output += "["
        for (index, item) in items.enumerated() {
            if index > 0 { output += itemSeparator }
            try newline(depth + 1, &output)
            try write(item, depth + 1, &output)
        }
        try newline(depth, &output)
        output += "]"
    }

    private func write(_ pairs: [(key: Key, value: Object)], _ depth: Int, _ output: inout String) throws {
        guard !pairs.isEmpty else { return output += "{}" }
        var pairs = pairs
        if layout.sortsKeys { pairs = try pairs.sorted { try $0.key.object.isLess(than: $1.key.object) } }
        output += "{"
        for (index, (key, value)) in pairs.enumerated() {
            if index > 0 { output += itemSeparator }
            try newline(depth + 1, &output)
            write(try Self.name(key), &output)
            output += keySeparator
            try write(value, depth + 1, &output)
        }
        try newline(depth, &output)
        output += "}"
    }

    private static func name(_ key: Key) throws -> String {
        switch key {
        case .none: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .number(let value): number(value)
        case .string(let text): text
        case .tuple: throw TemplateError.filter("keys must be str, int, float, bool or None, not tuple")
        }
    }

    private func write(_ text: String, _ output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case "\u{8}": output += "\\b"
            case "\u{C}": output += "\\f"
            case _ where scalar.value < 0x20 || (layout.ensuresASCII && scalar.value > 0x7E && scalar.value != 0x7F):
                for unit in String(scalar).utf16 { output += Self.escape(unit) }
            default: output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }

    /// Jinja2's `tojson` may stand inside HTML.
    static func safeForHTML(_ text: String) -> String {
        [("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("'", "\\u0027")].reduce(text) {
            $0.replacingScalars(of: $1.0, with: $1.1)
        }
    }
}
