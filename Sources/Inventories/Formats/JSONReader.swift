import Fleet
import OrderedCollections

/// JSON as Python reads it: the order of keys kept, whole numbers apart from others, `NaN` and `Infinity` allowed.
struct JSONReader {
    /// The value of a whole text, its strings trusted as templates; `nil` when it is not JSON.
    static func read(_ text: String, trustedAt location: SourceLocation) -> Value? {
        var reader = JSONReader(bytes: Array(text.utf8)[...], location: location)
        guard let value = reader.value() else { return nil }
        reader.skipBlanks()
        return reader.bytes.isEmpty ? value : nil
    }

    private var bytes: ArraySlice<UInt8>
    private let location: SourceLocation
    private var depth = 0

    private init(bytes: ArraySlice<UInt8>, location: SourceLocation) {
        self.bytes = bytes
        self.location = location
    }

    private mutating func skipBlanks() {
        bytes = bytes.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    }

    private mutating func take(_ character: Character) -> Bool {
        skipBlanks()
        guard bytes.first == character.asciiValue else { return false }
        bytes.removeFirst()
        return true
    }

    private mutating func value() -> Value? {
        skipBlanks()
        depth += 1
        defer { depth -= 1 }
        guard depth < 500, let first = bytes.first else { return nil }
        switch first {
        case UInt8(ascii: "{"): return object()
        case UInt8(ascii: "["): return array()
        case UInt8(ascii: "\""): return string().map { .trusted($0, at: location) }
        default: return word()
        }
    }

    private mutating func object() -> Value? {
        bytes.removeFirst()
        var fields: OrderedDictionary<Value, Value> = [:]
        if take("}") { return .map(fields) }
        repeat {
            skipBlanks()
            guard bytes.first == UInt8(ascii: "\""), let key = string(), take(":"), let value = value() else {
                return nil
            }
            fields[.string(key)] = value
        } while take(",")
        return take("}") ? .map(fields) : nil
    }

    private mutating func array() -> Value? {
        bytes.removeFirst()
        var items: [Value] = []
        if take("]") { return .list(items) }
        repeat {
            guard let item = value() else { return nil }
            items.append(item)
        } while take(",")
        return take("]") ? .list(items) : nil
    }

    private mutating func word() -> Value? {
        let word = bytes.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        bytes = bytes[word.endIndex...]
        let text = String(decoding: word, as: UTF8.self)
        switch text {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "NaN": return .double(.nan)
        case "Infinity": return .double(.infinity)
        case "-Infinity": return .double(-.infinity)
        default: return Self.number(text)
        }
    }

    private static func number(_ text: String) -> Value? {
        guard let first = text.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: ".") else { return nil }
        if let whole = Int(text) { return .int(whole) }
        // Too large for a number here: as text, all its digits stay.
        if text.utf8.allSatisfy({ "-0123456789".utf8.contains($0) }) { return .string(text) }
        let isDecimal = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
        return isDecimal ? Double(text).map { .double($0) } : nil
    }

    private mutating func string() -> String? {
        bytes.removeFirst()
        var text: [UInt8] = []
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = escape() else { return nil }
                text += escaped.utf8
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> String? {
        switch bytes.popFirst() {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "u"): return unicodeEscape()
        case let byte? where "\"\\/".utf8.contains(byte): return String(decoding: [byte], as: UTF8.self)
        default: return nil
        }
    }

    private mutating func unicodeEscape() -> String? {
        guard let unit = hexadecimal() else { return nil }
        guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit).map(String.init) }
        guard bytes.starts(with: Array("\\u".utf8)) else { return nil }
        bytes = bytes.dropFirst(2)
        guard let trail = hexadecimal(), UTF16.isTrailSurrogate(trail) else { return nil }
        return String(decoding: [unit, trail], as: UTF16.self)
    }

    private mutating func hexadecimal() -> UInt16? {
        let digits = bytes.prefix(4)
        bytes = bytes.dropFirst(4)
        return digits.count == 4 ? UInt16(String(decoding: digits, as: UTF8.self), radix: 16) : nil
    }
}
