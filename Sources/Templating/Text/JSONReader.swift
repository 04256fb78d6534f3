/// Reads JSON as Python does, `NaN` and `Infinity` included.
struct JSONReader {
    private var bytes: [UInt8]
    private var place = 0
    private var depth = 0

    static func object(_ text: String) throws -> Object {
        var reader = JSONReader(bytes: Array(text.utf8))
        let object = try reader.value()
        reader.skipSpace()
        guard reader.place == reader.bytes.count else { throw reader.failure("extra data") }
        return object
    }

    private func failure(_ message: String) -> TemplateError {
        .filter("text is not valid JSON: \(message) at character \(place)")
    }

    private mutating func skipSpace() {
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    }

    private mutating func skip(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard place + length <= bytes.count else { return false }
        let matches = text.withUTF8Buffer { $0.elementsEqual(bytes[place..<(place + length)]) }
        if matches { place += length }
        return matches
    }

    private mutating func value() throws -> Object {
        skipSpace()
        depth += 1
        defer { depth -= 1 }
        guard depth < 200 else { throw failure("nested too deeply") }
        guard place < bytes.count else { throw failure("expecting value") }
        switch bytes[place] {
        case UInt8(ascii: "{"): return try mapping()
        case UInt8(ascii: "["): return try list()
        case UInt8(ascii: "\""): return .string(try string())
        default:
            if skip("null") { return .none }
            if skip("true") { return .bool(true) }
            if skip("false") { return .bool(false) }
            if skip("NaN") { return .double(.nan) }
            if skip("Infinity") { return .double(.infinity) }
            if skip("-Infinity") { return .double(-.infinity) }
            return try number()
        }
    }

    private mutating func list() throws -> Object {
        place += 1
        var items: [Object] = []
        skipSpace()
        if skip("]") { return .list(items) }
        while true {
            items.append(try value())
            skipSpace()
            if skip("]") { return .list(items) }
            guard skip(",") else { throw failure("expecting ',' delimiter") }
        }
    }

    private mutating func mapping() throws -> Object {
        place += 1
        let result = DictObject()
        skipSpace()
        if skip("}") { return .dict(result) }
        while true {
            skipSpace()
            guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
                throw failure("expecting property name enclosed in double quotes")
            }
            let key = try string()
            skipSpace()
            guard skip(":") else { throw failure("expecting ':' delimiter") }
            result.set(.string(key), try value())
            skipSpace()
            if skip("}") { return .dict(result) }
            guard skip(",") else { throw failure("expecting ',' delimiter") }
        }
    }

    private mutating func number() throws -> Object {
        let start = place
        var isWhole = true
        if skip("-") {}
        while place < bytes.count {
            let byte = bytes[place]
            if !Lexer.isDigit(byte) {
                guard ".eE+-".utf8.contains(byte) else { break }
                isWhole = false
            }
            place += 1
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        let hasLeadingZero =
            digits.count > 1 && digits.first == 0x30 && digits.dropFirst().first.map(Lexer.isDigit) == true
        guard let first = digits.first, Lexer.isDigit(first), !hasLeadingZero else {
            place = start
            throw failure("expecting value")
        }
        if isWhole {
            if let number = Int(text) { return .int(number) }
            // Too large for a number here: as text, all its digits stay.
            return .string(text)
        }
        guard let number = Double(text) else { throw failure("malformed number") }
        return .double(number)
    }

    private mutating func string() throws -> String {
        place += 1
        var units: [UInt8] = []
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"): units += try escape()
            case 0..<0x20: throw failure("invalid control character")
            default: units.append(byte)
            }
        }
        throw failure("unterminated string")
    }

    private mutating func escape() throws -> [UInt8] {
        guard place < bytes.count else { throw failure("unterminated string") }
        let byte = bytes[place]
        place += 1
        let plain: [UInt8: UInt8] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
            UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
        ]
        if let value = plain[byte] { return [value] }
        guard byte == UInt8(ascii: "u") else { throw failure("invalid \\escape") }
        var unit = try hex()
        if (0xD800..<0xDC00).contains(unit) {
            let end = place
            // Half a character, which no text can hold, when the other half does not follow.
            guard skip("\\u"), case let low = try hex(), (0xDC00..<0xE000).contains(low) else {
                place = end
                return Array("\u{FFFD}".utf8)
            }
            unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        }
        return Array(String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
    }

    private mutating func hex() throws -> UInt32 {
        let digits = String(decoding: bytes[place..<min(place + 4, bytes.count)], as: UTF8.self)
        guard digits.utf8.count == 4, digits.utf8.first != UInt8(ascii: "+"), let value = UInt32(digits, radix: 16)
        else {
            throw failure("invalid \\uXXXX escape")
        }
        place += 4
        return value
    }
}
