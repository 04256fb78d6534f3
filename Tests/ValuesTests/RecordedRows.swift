import Fleet
import Foundation
import OrderedCollections
import Testing

@testable import Values

/// Recorded answers of Python and Ansible, and the notation their values are spelled in: see `Recorded/notation.py`.
/// None of it goes through the code under test.
enum RecordedRows {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Recorded")

    /// The lines of a file, each cut into its fields, which are still spelled.
    static func rows(_ name: String) -> [[String]] {
        guard let text = try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8) else {
            Issue.record("can't read \(name)")
            return []
        }
        return text.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// The text that a field spells.
    static func text(_ field: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = field.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A text as a field.
    static func field(_ text: String, escaping more: String = "") -> String {
        text.utf8.map { byte in
            let isPlain = (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "%") && !more.utf8.contains(byte)
            return isPlain ? String(Unicode.Scalar(byte)) : "%" + hexadecimal(UInt64(byte), 2)
        }.joined()
    }

    private static func hexadecimal(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: width - digits.count) + digits
    }

    /// A value as the recorder spells it; tuples are lists here.
    static func spelled(_ value: Value) -> String {
        switch value {
        case .null: "n"
        case .bool(let flag): flag ? "t" : "f"
        case .int(let number): "i\(number)"
        case .double(let number): "d" + (number.isNaN ? "7FF8000000000000" : hexadecimal(number.bitPattern, 16))
        case .string(let text): "s" + field(text, escaping: ",:[](){}")
        case .template(let template): "s" + field(template.text, escaping: ",:[](){}")
        case .list(let items): "[" + items.map(spelled).joined(separator: ",") + "]"
        case .map(let fields):
            "{" + fields.map { spelled($0.key) + ":" + spelled($0.value) }.joined(separator: ",") + "}"
        }
    }

    /// The value that a field spells.
    static func value(_ field: String) -> Value {
        var rest = Substring(field)
        return value(&rest)
    }

    private static func value(_ rest: inout Substring) -> Value {
        let kind = rest.removeFirst()
        switch kind {
        case "n": return .null
        case "t", "f": return .bool(kind == "t")
        case "[", "(": return .list(items(&rest))
        case "{":
            var fields: OrderedDictionary<Value, Value> = [:]
            while rest.first != "}" {
                let key = value(&rest)
                rest.removeFirst()
                fields[key] = value(&rest)
                if rest.first == "," { rest.removeFirst() }
            }
            rest.removeFirst()
            return .map(fields)
        default:
            let word = rest.prefix { !",:[](){}".contains($0) }
            rest = rest[word.endIndex...]
            switch kind {
            case "i": return .int(Int(word) ?? 0)
            case "d": return .double(Double(bitPattern: UInt64(word, radix: 16) ?? 0))
            default: return .string(text(word))
            }
        }
    }

    private static func items(_ rest: inout Substring) -> [Value] {
        var items: [Value] = []
        while let next = rest.first, next != "]", next != ")" {
            items.append(value(&rest))
            if rest.first == "," { rest.removeFirst() }
        }
        rest.removeFirst()
        return items
    }
}
