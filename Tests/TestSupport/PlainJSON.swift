import OrderedCollections
public import Values

/// JSON as Python wrote it, read and compared by none of the code that is tested: faults of a reader and of the writer
/// beside it cancel out.
public struct PlainJSON {
    /// What is wrong with a text.
    public struct Fault: Error {
        let place: Int
    }

    private let bytes: [UInt8]
    private var place = 0

    /// The value of a whole text. A whole number beyond 64 bits is the text of its digits.
    public static func read(_ text: some StringProtocol) throws -> Value {
        var reader = PlainJSON(bytes: Array(text.utf8))
        let value = try reader.value()
        reader.skipBlanks()
        guard reader.place == reader.bytes.count else { throw Fault(place: reader.place) }
        return value
    }

    /// The values of a text that has one after the other.
    /// - Parameter isCutOff: Whether the last one may be none.
    static func readAll(_ text: String, isCutOff: Bool) throws -> [Value] {
        var reader = PlainJSON(bytes: Array(text.utf8))
        var values: [Value] = []
        reader.skipBlanks()
        while reader.place < reader.bytes.count {
            do { values.append(try reader.value()) } catch  where isCutOff { return values }
            reader.skipBlanks()
        }
        return values
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func skipBlanks() { while place < bytes.count, bytes[place] <= 0x20 { place += 1 } }

    private mutating func take(_ word: String) -> Bool {
        guard bytes[place...].starts(with: word.utf8) else { return false }
        place += word.utf8.count
        return true
    }

    private mutating func value() throws -> Value {
        skipBlanks()
        let words: [(String, Value)] = [
            ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("NaN", .double(.nan)),
            ("Infinity", .double(.infinity)), ("-Infinity", .double(-.infinity)),
        ]
        for (word, value) in words where take(word) { return value }
        if take("\"") { return .string(try string()) }
        if take("[") { return .list(try parts("]") { reader in try reader.value() }) }
        guard take("{") else { return try number() }
        let pairs = try parts("}") { reader in
            guard reader.take("\"") else { throw Fault(place: reader.place) }
            let key = try reader.string()
            reader.skipBlanks()
            guard reader.take(":") else { throw Fault(place: reader.place) }
            return (Value.string(key), try reader.value())
        }
        return .map(OrderedDictionary(pairs) { _, later in later })
    }

    private mutating func parts<Part>(_ end: String, _ read: (inout PlainJSON) throws -> Part) throws -> [Part] {
        var parts: [Part] = []
        skipBlanks()
        if take(end) { return parts }
        while true {
            skipBlanks()
            parts.append(try read(&self))
            skipBlanks()
            if take(end) { return parts }
            guard take(",") else { throw Fault(place: place) }
        }
    }

    private mutating func number() throws -> Value {
        let start = place
        while place < bytes.count, "+-.eE0123456789".utf8.contains(bytes[place]) { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        if text.utf8.allSatisfy({ "-0123456789".utf8.contains($0) }), !text.isEmpty {
            return Int(text).map(Value.int) ?? .string(text)
        }
        guard let number = Double(text) else { throw Fault(place: start) }
        return .double(number)
    }

    private mutating func string() throws -> String {
        var units: [UInt16] = []
        while place < bytes.count {
            let end = bytes[place...].firstIndex { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") } ?? bytes.count
            units += String(decoding: bytes[place..<end], as: UTF8.self).utf16
            place = end + 1
            guard end < bytes.count else { break }
            if bytes[end] == UInt8(ascii: "\"") { return String(decoding: units, as: UTF16.self) }
            units.append(try escape())
        }
        throw Fault(place: place)
    }

    private mutating func escape() throws -> UInt16 {
        let plain: [Character: UInt16] = ["\"": 34, "\\": 92, "/": 47, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9]
        guard place < bytes.count else { throw Fault(place: place) }
        let letter = Character(Unicode.Scalar(bytes[place]))
        place += 1
        if let unit = plain[letter] { return unit }
        let digits = String(decoding: bytes[place..<min(place + 4, bytes.count)], as: UTF8.self)
        guard letter == "u", let unit = UInt16(digits, radix: 16) else { throw Fault(place: place) }
        place += 4
        return unit
    }

    // MARK: Comparing

    /// One text for all values that are the same: keys in order and as JSON has them, types told apart.
    public static func canonical(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): "int \(number)"
        case .double(let number): number.isNaN ? "float nan" : "float \(number)"
        case .string(let text):
            "'\(text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " "))' \(text)"
        case .template(let template): canonical(.string(template.text))
        case .list(let items): "[" + items.map(canonical).joined(separator: ", ") + "]"
        case .map(let fields):
            "{"
                + fields.map { (key($0.key), canonical($0.value)) }.sorted { $0.0 < $1.0 }
                .map { "\($0.0): \($0.1)" }.joined(separator: ", ") + "}"
        }
    }

    private static func key(_ key: Value) -> String {
        switch key {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        default: key.text ?? canonical(key)
        }
    }
}
