import OrderedCollections

extension Value {
    /// What Python's `str()` gives; a template's source.
    public var pythonText: String { text ?? pythonRepresentation }

    /// What Python's `repr()` gives; a template's source as a text.
    public var pythonRepresentation: String {
        var result = ""
        write(to: &result)
        return result
    }

    private func write(to output: inout String) {
        switch self {
        case .null: output += "None"
        case .bool(let flag): output += PythonText.of(flag)
        case .int(let number): output += String(number)
        case .double(let number): output += PythonFloat.text(number)
        case .string(let text): PythonText.quote(text, into: &output)
        case .template(let template): PythonText.quote(template.text, into: &output)
        case .list(let items): Self.write(items, to: &output)
        case .map(let fields): Self.write(fields, to: &output)
        }
    }

    private static func write(_ items: [Value], to output: inout String) {
        output += "["
        for (index, item) in items.enumerated() {
            if index > 0 { output += ", " }
            item.write(to: &output)
        }
        output += "]"
    }

    private static func write(_ fields: OrderedDictionary<Value, Value>, to output: inout String) {
        output += "{"
        for (index, (key, value)) in fields.enumerated() {
            if index > 0 { output += ", " }
            key.write(to: &output)
            output += ": "
            value.write(to: &output)
        }
        output += "}"
    }
}

/// How Python writes what stands in its `repr()`.
public enum PythonText {
    /// `True` or `False`.
    public static func of(_ flag: Bool) -> String { flag ? "True" : "False" }

    /// Writes a text as `repr()` does: in single quotes, unless it has some and no double ones; what can't be printed as
    /// an escape.
    public static func quote(_ text: String, into output: inout String) {
        let quote: Unicode.Scalar = text.utf8.contains(0x27) && !text.utf8.contains(0x22) ? "\"" : "'"
        output.unicodeScalars.append(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": output += #"\\"#
            case "\n": output += #"\n"#
            case "\r": output += #"\r"#
            case "\t": output += #"\t"#
            case quote:
                output += "\\"
                output.unicodeScalars.append(scalar)
            default: isPrintable(scalar) ? output.unicodeScalars.append(scalar) : escape(scalar, into: &output)
            }
        }
        output.unicodeScalars.append(quote)
    }

    /// Whether `repr()` shows a character as it is.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    /// A text as `ascii()` shows it: characters beyond ASCII as escapes.
    public static func ascii(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            scalar.isASCII ? result.unicodeScalars.append(scalar) : escape(scalar, into: &result)
        }
        return result
    }

    private static func escape(_ scalar: Unicode.Scalar, into output: inout String) {
        let (mark, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        let digits = String(scalar.value, radix: 16)
        output += "\\" + mark + String(repeating: "0", count: width - digits.utf8.count) + digits
    }
}
