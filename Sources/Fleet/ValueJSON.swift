import OrderedCollections

extension Value {
    /// The value as JSON with its keys in order, as `ansible-inventory` writes it: four blanks a level unless `indent` is
    /// `nil`, which writes one line. Templates are written as their source, whole floats with a point (`1.0`), keys that
    /// are no text as Python's `json` spells them.
    public func json(indent: Int? = 4) -> String {
        var writer = JSONWriter(indent: indent)
        writer.write(self)
        return writer.text
    }

    /// The keys and values of a mapping, in its order; `nil` for anything else.
    public var fields: [(key: Value, value: Value)]? {
        guard case .map(let fields) = self else { return nil }
        return fields.map { ($0.key, $0.value) }
    }
}

private struct JSONWriter {
    let indent: Int?
    var text = ""
    private var depth = 0

    init(indent: Int?) { self.indent = indent }

    mutating func write(_ value: Value) {
        switch value {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .int(let number): text += String(number)
        case .double(let number): text += Self.spell(number)
        case .string(let string): write(string)
        case .template(let template): write(template.text)
        case .list(let items):
            container(items, "[", "]") { writer, item in writer.write(item) }
        case .map(let fields):
            let sorted = fields.map { (Self.name($0.key), $0.value) }.sorted { $0.0 < $1.0 }
            container(sorted, "{", "}") { writer, field in
                writer.write(field.0)
                writer.text += ": "
                writer.write(field.1)
            }
        }
    }

    private mutating func container<Element>(
        _ elements: [Element], _ open: String, _ close: String, _ write: (inout Self, Element) -> Void
    ) {
        text += open
        depth += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { text += indent == nil ? ", " : "," }
            newLine()
            write(&self, element)
        }
        depth -= 1
        if !elements.isEmpty { newLine() }
        text += close
    }

    private mutating func newLine() {
        guard let indent else { return }
        text += "\n" + String(repeating: " ", count: depth * indent)
    }

    private mutating func write(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    private static func name(_ key: Value) -> String {
        switch key {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .double(let number): spell(number)
        default: key.text ?? key.json(indent: nil)
        }
    }

    private static func spell(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return String(number)
    }
}
