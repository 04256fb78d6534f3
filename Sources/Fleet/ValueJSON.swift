import OrderedCollections

extension Value {
    /// The value as JSON with its keys in order, as `ansible-inventory` writes it: four blanks a level unless `indent` is
    /// `nil`, which writes one line. Templates are written as their source, encrypted ones as their ciphertext under
    /// `__ansible_vault`, whole floats with a point (`1.0`), keys that are no text as Python's `json` spells them.
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
    private let marksUnsafe: Bool
    private var depth: Int
    /// For each open object or array whether nothing is in it yet.
    private var isEmpty: [Bool] = []

    /// A writer of nothing yet, at `depth` levels of indentation.
    ///
    /// - Parameter marksUnsafe: Whether text that looks like a template, but is none, is written under `__ansible_unsafe`.
    public init(indent: Int? = 4, depth: Int = 0, marksUnsafe: Bool = false) {
        self.indent = indent
        self.marksUnsafe = marksUnsafe
        self.depth = depth
    }

    /// Makes room for so many more bytes.
    public mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

    /// What was written so far.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Writes a value.
    public mutating func write(_ value: Value) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): raw(flag ? "true" : "false")
        case .int(let number): raw(String(number))
        case .double(let number): raw(Self.spell(number))
        case .string(let string) where marksUnsafe && Value.isTemplate(string):
            open("{")
            item()
            write(key: "__ansible_unsafe")
            write(string)
            close("}")
        case .string(let string): write(string)
        case .template(let template): write(template)
        case .list(let items):
            open("[")
            for element in items {
                item()
                write(element)
            }
            close("]")
        case .map(let fields):
            open("{")
            for (name, value) in fields.map({ (Self.name($0.key), $0.value) }).sorted(by: { $0.0 < $1.0 }) {
                item()
                write(key: name)
                write(value)
            }
            close("}")
        }
    }

    private mutating func write(_ template: TemplateText) {
        guard case .ciphertext? = template.seal else { return write(template.text) }
        write(.map(["__ansible_vault": .string(template.text)]))
    }

    /// Writes a key and the colon after it.
    public mutating func write(key: String) {
        write(key)
        raw(": ")
    }

    /// Opens an object or an array; ``item()`` goes before each of its elements, ``close(_:)`` ends it.
    public mutating func open(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        isEmpty.append(true)
        depth += 1
    }

    /// Begins the next element: a comma unless it is the first, and a line of its own.
    public mutating func item() {
        if isEmpty[isEmpty.count - 1] {
            isEmpty[isEmpty.count - 1] = false
        } else {
            raw(indent == nil ? ", " : ",")
        }
        newLine()
    }

    /// Closes what ``open(_:)`` opened.
    public mutating func close(_ bracket: Unicode.Scalar) {
        depth -= 1
        if isEmpty.popLast() == false { newLine() }
        bytes.append(UInt8(ascii: bracket))
    }

    /// Writes bytes that are JSON already, made at the same depth.
    public mutating func raw(_ json: [UInt8]) { bytes.append(contentsOf: json) }

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

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
