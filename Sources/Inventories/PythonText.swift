import Fleet

extension Value {
    /// The value as Python's `str` writes it.
    var pythonText: String { text ?? pythonLiteral }

    private var pythonLiteral: String {
        switch self {
        case .null: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): Self.quoted(text)
        case .template(let template): Self.quoted(template.text)
        case .list(let items): "[" + items.map(\.pythonLiteral).joined(separator: ", ") + "]"
        case .map(let fields):
            "{" + fields.map { "\($0.key.pythonLiteral): \($0.value.pythonLiteral)" }.joined(separator: ", ") + "}"
        }
    }

    /// In single quotes, unless the text has some and no double ones.
    private static func quoted(_ text: String) -> String {
        let quote: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var result = String(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case quote, "\\": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                result += (scalar.value < 0x10 ? "\\x0" : "\\x") + String(scalar.value, radix: 16)
            default: result += String(scalar)
            }
        }
        return result + String(quote)
    }
}
