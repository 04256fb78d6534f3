/// One piece of a JSON text.
public enum JSONToken: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number of 64 bits.
    case int(Int)
    /// A whole number beyond 64 bits, as its digits.
    case digits(String)
    /// Any other number, `NaN` and `Infinity` among them.
    case double(Double)
    /// A text.
    case string(String)
    /// The name of a mapping's next value.
    case key(String)
    /// `[`.
    case listStart
    /// `]`.
    case listEnd
    /// `{`.
    case mapStart
    /// `}`.
    case mapEnd
}

/// Reads JSON piece by piece as Python's `json.loads` does: the same texts are accepted and the same faults found at the
/// same places. Half a surrogate pair, which no text here can hold, becomes U+FFFD.
///
/// What the pieces are made into is the caller's: ``Value/init(json:trustedAt:)`` makes values.
public struct JSONReader {
    /// The most containers that stand in one another.
    public static let deepest = 500

    /// What may come next.
    private enum Expected { case value, firstItem, firstKey, commaOrEnd, nothing }

    private let bytes: [UInt8]
    private var place = 0
    private var expected = Expected.value
    /// For each open container whether it is a mapping.
    private var open: [Bool] = []
    /// Where the last piece begins.
    private var start = 0

    /// The bytes of the text that the last piece was read from; a key's without the colon.
    public var range: Range<Int> { start..<end }
    private var end = 0
    /// The line and column of a place that was asked for before.
    private var counted = (place: 0, line: 1, column: 1)

    /// A reader of `text` from its beginning.
    public init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

    /// The next piece; `nil` at the end of the text.
    /// - Throws: ``JSONError`` where the text is no JSON.
    public mutating func next() throws(JSONError) -> JSONToken? {
        let token = try piece()
        if case .key = token { return token }
        end = place
        return token
    }

    private mutating func piece() throws(JSONError) -> JSONToken? {
        skipBlanks()
        start = place
        switch expected {
        case .value: return try value()
        case .firstItem: return take(UInt8(ascii: "]")) ? close() : try value()
        case .firstKey: return take(UInt8(ascii: "}")) ? close() : try key()
        case .commaOrEnd: return try next(inMap: open[open.count - 1])
        case .nothing:
            guard place == bytes.count else { throw fault("Extra data", at: place) }
            return nil
        }
    }

    private mutating func next(inMap isMap: Bool) throws(JSONError) -> JSONToken {
        if take(isMap ? UInt8(ascii: "}") : UInt8(ascii: "]")) { return close() }
        guard take(UInt8(ascii: ",")) else { throw fault("Expecting ',' delimiter", at: place) }
        skipBlanks()
        start = place
        return isMap ? try key() : try value()
    }

    /// The line and the character, counted from 1, where the last piece begins.
    mutating func position() -> (line: Int, column: Int) {
        for byte in bytes[counted.place..<start] where byte & 0xC0 != 0x80 {
            counted.column += 1
            if byte == UInt8(ascii: "\n") { (counted.line, counted.column) = (counted.line + 1, 1) }
        }
        counted.place = start
        return (counted.line, counted.column)
    }

    // MARK: Structure

    private func fault(_ reason: String, at place: Int) -> JSONError { JSONError(reason, in: bytes, at: place) }

    private mutating func skipBlanks() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func enter(map: Bool) throws(JSONError) -> JSONToken {
        guard open.count < Self.deepest else { throw fault("nested too deeply", at: place) }
        place += 1
        open.append(map)
        expected = map ? .firstKey : .firstItem
        return map ? .mapStart : .listStart
    }

    private mutating func close() -> JSONToken {
        let wasMap = open.removeLast()
        return ended(wasMap ? .mapEnd : .listEnd)
    }

    /// `token`, after which a value has ended.
    private mutating func ended(_ token: JSONToken) -> JSONToken {
        expected = open.isEmpty ? .nothing : .commaOrEnd
        return token
    }

    private mutating func key() throws(JSONError) -> JSONToken {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
            throw fault("Expecting property name enclosed in double quotes", at: place)
        }
        let name = try string()
        end = place
        skipBlanks()
        guard take(UInt8(ascii: ":")) else { throw fault("Expecting ':' delimiter", at: place) }
        expected = .value
        return .key(name)
    }

    private mutating func value() throws(JSONError) -> JSONToken {
        guard place < bytes.count else { throw fault("Expecting value", at: place) }
        switch bytes[place] {
        case UInt8(ascii: "\""): return ended(.string(try string()))
        case UInt8(ascii: "{"): return try enter(map: true)
        case UInt8(ascii: "["): return try enter(map: false)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return ended(try number())
        default:
            for (word, token) in Self.words where bytes[place...].starts(with: word) {
                place += word.count
                return ended(token)
            }
            if place == 0, bytes.starts(with: "\u{FEFF}".utf8) {
                throw fault("Unexpected UTF-8 BOM (decode using utf-8-sig)", at: place)
            }
            return ended(try number())
        }
    }

    private static let words: [(word: [UInt8], token: JSONToken)] = [
        ("true", .bool(true)), ("false", .bool(false)), ("null", .null), ("NaN", .double(.nan)),
        ("Infinity", .double(.infinity)), ("-Infinity", .double(-.infinity)),
    ].map { (Array($0.utf8), $1) }

    // MARK: Numbers

    /// As much as is a number: what follows it is another's fault.
    private mutating func number() throws(JSONError) -> JSONToken {
        let start = place
        var end = start + (bytes[start] == UInt8(ascii: "-") ? 1 : 0)
        let whole = digits(from: end)
        guard whole > 0 else { throw fault("Expecting value", at: start) }
        // No digit follows a leading zero.
        end += bytes[end] == UInt8(ascii: "0") ? 1 : whole
        var isWhole = true
        if end < bytes.count, bytes[end] == UInt8(ascii: "."), case let count = digits(from: end + 1), count > 0 {
            end += 1 + count
            isWhole = false
        }
        if let power = exponent(from: end) {
            end = power
            isWhole = false
        }
        place = end
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        if isWhole { return Int(text).map(JSONToken.int) ?? .digits(text) }
        return .double(PythonFloat.value(ofDecimal: text))
    }

    private func digits(from start: Int) -> Int {
        var end = start
        while end < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) { end += 1 }
        return end - start
    }

    /// The end of the exponent that begins at `start`, if one does.
    private func exponent(from start: Int) -> Int? {
        guard start < bytes.count, bytes[start] | 0x20 == UInt8(ascii: "e") else { return nil }
        var first = start + 1
        if first < bytes.count, bytes[first] == UInt8(ascii: "+") || bytes[first] == UInt8(ascii: "-") { first += 1 }
        let count = digits(from: first)
        return count > 0 ? first + count : nil
    }

    // MARK: Texts

    /// Reads the text whose opening quote stands here.
    private mutating func string() throws(JSONError) -> String {
        let quote = place
        place += 1
        var decoded: [UInt8] = []
        while true {
            let start = place
            skipPlain()
            guard place < bytes.count else { throw fault("Unterminated string starting at", at: quote) }
            switch bytes[place] {
            case UInt8(ascii: "\""):
                place += 1
                if decoded.isEmpty { return String(decoding: bytes[start..<(place - 1)], as: UTF8.self) }
                decoded += bytes[start..<(place - 1)]
                return String(decoding: decoded, as: UTF8.self)
            case UInt8(ascii: "\\"):
                decoded += bytes[start..<place]
                try escape(startingIn: quote, into: &decoded)
            default: throw fault("Invalid control character at", at: place)
            }
        }
    }

    /// Goes to the next byte that is not simply itself.
    private mutating func skipPlain() {
        while place < bytes.count {
            let byte = bytes[place]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            place += 1
        }
    }

    private mutating func escape(startingIn quote: Int, into decoded: inout [UInt8]) throws(JSONError) {
        guard place + 1 < bytes.count else { throw fault("Unterminated string starting at", at: quote) }
        let letter = bytes[place + 1]
        if letter == UInt8(ascii: "u") {
            decoded += String(try scalar()).utf8
        } else if let plain = Self.plain(letter) {
            decoded.append(plain)
            place += 2
        } else {
            throw fault(#"Invalid \escape"#, at: place)
        }
    }

    private static func plain(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    /// The character of a `\u` escape, or of two that are one character together.
    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        let unit = try unit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let second = place
        if UTF16.isLeadSurrogate(unit), bytes[second...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
            let low = try self.unit()
            if UTF16.isTrailSurrogate(low) { return Self.joined(unit, low) }
            place = second
        }
        return "\u{FFFD}"
    }

    private static func joined(_ lead: UInt16, _ trail: UInt16) -> Unicode.Scalar {
        let code = 0x10000 + (UInt32(lead) & 0x3FF) << 10 + (UInt32(trail) & 0x3FF)
        return Unicode.Scalar(code) ?? "\u{FFFD}"
    }

    private mutating func unit() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for index in (place + 2)..<(place + 6) {
            guard index < bytes.count, let digit = Self.hexadecimal(bytes[index]) else {
                throw fault(#"Invalid \uXXXX escape"#, at: place + 1)
            }
            unit = unit << 4 | digit
        }
        place += 6
        return unit
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
