import Fleet
import Foundation
import OrderedCollections

/// JSON as text to values, keeping the order of keys, and back.
enum JSONText {
    /// The value of `text`, `nil` when it is no JSON.
    static func value(_ text: String) -> Value? {
        var reader = Reader(bytes: Array(text.utf8))
        guard let value = reader.value(depth: 0) else { return nil }
        reader.skipSpaces()
        return reader.isAtEnd ? value : nil
    }

    /// `value` on one line, as Python's `json.dumps` prints it.
    static func text(_ value: Value) -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return String(number)
        case .double(let number): return String(number)
        case .string, .template: return quoted(value.text ?? "")
        case .list(let elements): return "[" + elements.map(text).joined(separator: ", ") + "]"
        case .map(let fields):
            let pairs = fields.map { "\(quoted($0.key.plainText ?? "null")): \(text($0.value))" }
            return "{" + pairs.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x0A: result += "\\n"
            case 0x0D: result += "\\r"
            case 0x09: result += "\\t"
            case 0x08: result += "\\b"
            case 0x0C: result += "\\f"
            case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result + "\""
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0
        var isAtEnd: Bool { index >= bytes.count }

        mutating func skipSpaces() {
            while !isAtEnd, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) { index += 1 }
        }

        mutating func take(_ text: String) -> Bool {
            guard bytes[index...].starts(with: text.utf8) else { return false }
            index += text.utf8.count
            return true
        }

        mutating func value(depth: Int) -> Value? {
            skipSpaces()
            guard !isAtEnd, depth < 200 else { return nil }
            switch bytes[index] {
            case UInt8(ascii: "{"): return map(depth)
            case UInt8(ascii: "["): return list(depth)
            case UInt8(ascii: "\""): return string().map(Value.string)
            default:
                if take("true") { return .bool(true) }
                if take("false") { return .bool(false) }
                return take("null") ? .null : number()
            }
        }

        private mutating func map(_ depth: Int) -> Value? {
            var fields: OrderedDictionary<Value, Value> = [:]
            index += 1
            skipSpaces()
            if take("}") { return .map(fields) }
            while true {
                skipSpaces()
                guard let key = string() else { return nil }
                skipSpaces()
                guard take(":"), let value = value(depth: depth + 1) else { return nil }
                fields[.string(key)] = value
                skipSpaces()
                if take("}") { return .map(fields) }
                guard take(",") else { return nil }
            }
        }

        private mutating func list(_ depth: Int) -> Value? {
            var elements: [Value] = []
            index += 1
            skipSpaces()
            if take("]") { return .list(elements) }
            while let value = value(depth: depth + 1) {
                elements.append(value)
                skipSpaces()
                if take("]") { return .list(elements) }
                guard take(",") else { return nil }
            }
            return nil
        }

        private mutating func string() -> String? {
            let start = index
            guard take("\"") else { return nil }
            while !isAtEnd, bytes[index] != UInt8(ascii: "\"") { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
            guard !isAtEnd else { return nil }
            index += 1
            let literal = Data(bytes[start..<index])
            // Foundation knows the escapes; a literal that it refuses is no JSON, and then there is no value.
            return (try? JSONSerialization.jsonObject(with: literal, options: .fragmentsAllowed)) as? String
        }

        private mutating func number() -> Value? {
            let start = index
            while !isAtEnd, "+-0123456789.eE".utf8.contains(bytes[index]) { index += 1 }
            let text = String(decoding: bytes[start..<index], as: UTF8.self)
            return Int(text).map(Value.int) ?? Double(text).map(Value.double)
        }
    }
}
