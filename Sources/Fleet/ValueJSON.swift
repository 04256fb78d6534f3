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

/// Writes JSON piece by piece, for answers too large to be built as one value first.
public struct JSONWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []
    private let indent: Int?
    private var depth: Int

    /// A writer of nothing yet, at `depth` levels of indentation.
    public init(indent: Int? = 4, depth: Int = 0) {
        self.indent = indent
        self.depth = depth
    }

    /// What was written so far.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Writes a value.
    public mutating func write(_ value: Value) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): raw(flag ? "true" : "false")
        case .int(let number): raw(String(number))
        case .double(let number): raw(Self.spell(number))
        case .string(let string): write(string)
        case .template(let template): write(template.text)
        case .list(let items): container("[", "]", items) { $0.write($1) }
        case .map(let fields):
            let sorted = fields.map { (Self.name($0.key), $0.value) }.sorted { $0.0 < $1.0 }
            container("{", "}", sorted) { writer, field in
                writer.write(key: field.0)
                writer.write(field.1)
            }
        }
    }

    /// Writes a key and the colon after it.
    public mutating func write(key: String) {
        write(key)
        raw(": ")
    }

    /// Writes brackets around what `write` writes for each of `elements`, with commas and line breaks.
    public mutating func container<Element>(
        _ open: StaticString, _ close: StaticString, _ elements: some Sequence<Element>,
        _ write: (inout Self, Element) -> Void
    ) {
        raw(open)
        depth += 1
        var isFirst = true
        for element in elements {
            if !isFirst { raw(indent == nil ? ", " : ",") }
            isFirst = false
            newLine()
            write(&self, element)
        }
        depth -= 1
        if !isFirst { newLine() }
        raw(close)
    }

    /// Writes bytes that are JSON already, made at the same depth.
    public mutating func raw(_ json: some Collection<UInt8>) { bytes.append(contentsOf: json) }

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func newLine() {
        guard let indent else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * indent))
    }

    private mutating func write(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        if string.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            for byte in string.utf8 { escape(byte) }
        } else {
            bytes.append(contentsOf: string.utf8)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case UInt8(ascii: "\n"): raw("\\n")
        case UInt8(ascii: "\r"): raw("\\r")
        case UInt8(ascii: "\t"): raw("\\t")
        case 0..<0x20:
            let digits = String(byte, radix: 16)
            raw("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
        default: bytes.append(byte)
        }
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
