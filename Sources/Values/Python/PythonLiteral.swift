public import Fleet
import OrderedCollections

/// The types that Ansible finds in an INI inventory's values: whatever Python's `ast.literal_eval` accepts, else text.
public struct PythonLiteral {
    /// `text` as a number, text, list, mapping, boolean or `None`; unchanged text when it is no Python literal.
    public static func value(of text: String, at location: SourceLocation) -> Value {
        if isPlainWord(text) || text.utf8.contains(0) { return .trusted(text, at: location) }
        var reader = PythonLiteral(rest: Substring(text), location: location)
        guard let value = reader.expression(), reader.isAtEnd() else { return .trusted(text, at: location) }
        return value
    }

    /// Most values: no number, no keyword, nothing quoted or in brackets.
    private static func isPlainWord(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return true }
        switch first {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "/"):
            return !text.utf8.contains {
                $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "#")
            }
                && !text.hasPrefix("True") && !text.hasPrefix("False") && !text.hasPrefix("None") && text != "set()"
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            let dots = text.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: ".") ? 1 : 0) }
            return dots > 1 && text.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
        default: return false
        }
    }

    private var rest: Substring
    private let location: SourceLocation
    private var depth = 0

    private init(rest: Substring, location: SourceLocation) {
        self.rest = rest
        self.location = location
    }

    private mutating func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\t" || $0.isNewline } }

    /// Nothing is left but a comment.
    private mutating func isAtEnd() -> Bool {
        skipBlanks()
        return rest.isEmpty || rest.first == "#"
    }

    private mutating func take(_ character: Character) -> Bool {
        skipBlanks()
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    /// One literal, or several with commas between them, which make a tuple.
    private mutating func expression() -> Value? {
        guard let first = literal() else { return nil }
        guard take(",") else { return first }
        var items = [first]
        while !isAtEnd() {
            guard let next = literal() else { return nil }
            items.append(next)
            if !take(",") { break }
        }
        return .list(items)
    }

    private mutating func literal() -> Value? {
        skipBlanks()
        depth += 1
        defer { depth -= 1 }
        guard depth < 100, let first = rest.first else { return nil }
        switch first {
        case "[": return sequence(closedBy: "]").map { .list($0.items) }
        case "(":
            guard let (items, hadComma) = sequence(closedBy: ")") else { return nil }
            return items.count == 1 && !hadComma ? items[0] : .list(items)
        case "{": return mappingOrSet()
        case "'", "\"": return strings()
        case "+", "-": return signedNumber()
        case "0"..."9": return number()
        case ".":
            if rest.hasPrefix("...") {
                rest.removeFirst(3)
                return .string("...")
            }
            return number()
        default: return word()
        }
    }

    // MARK: Containers

    private mutating func sequence(closedBy close: Character) -> (items: [Value], hadComma: Bool)? {
        rest.removeFirst()
        var items: [Value] = []
        var hadComma = false
        while !take(close) {
            guard items.isEmpty || hadComma, let item = literal() else { return nil }
            items.append(item)
            let comma = take(",")
            if comma { hadComma = true }
            skipBlanks()
            if !comma, rest.first != close { return nil }
        }
        return (items, hadComma)
    }

    private mutating func mappingOrSet() -> Value? {
        rest.removeFirst()
        var fields: OrderedDictionary<Value, Value> = [:]
        var items: [Value] = []
        if take("}") { return .map(fields) }
        while true {
            guard let key = literal() else { return nil }
            if take(":") {
                guard items.isEmpty, Self.isHashable(key), let value = literal() else { return nil }
                fields[Self.same(as: Self.untemplated(key), in: fields)] = value
            } else {
                guard fields.isEmpty, Self.isHashable(key) else { return nil }
                if !items.contains(key) { items.append(key) }
            }
            let comma = take(",")
            if take("}") { break }
            if !comma { return nil }
        }
        return items.isEmpty ? .map(fields) : .list(items)
    }

    private static func isHashable(_ value: Value) -> Bool {
        switch value {
        case .list, .map: false
        default: true
        }
    }

    /// A key of the mapping that is equal to Python, where `1`, `1.0` and `True` are one; else the key itself.
    private static func same(as key: Value, in fields: OrderedDictionary<Value, Value>) -> Value {
        guard let number = number(key) else { return key }
        return fields.keys.first { Self.number($0) == number } ?? key
    }

    private static func number(_ key: Value) -> Double? {
        switch key {
        case .bool(let flag): flag ? 1 : 0
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    private static func untemplated(_ key: Value) -> Value { key.text.map { .string($0) } ?? key }

    // MARK: Words and numbers

    private mutating func word() -> Value? {
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let after = rest[name.endIndex...]
        if let quote = after.first, quote == "'" || quote == "\"", Self.prefixes.contains(name.lowercased()) {
            return strings()
        }
        rest = after
        switch name {
        case "True": return .bool(true)
        case "False": return .bool(false)
        case "None": return .null
        case "set" where rest.hasPrefix("()"):
            rest.removeFirst(2)
            return .list([])
        default: return nil
        }
    }

    private mutating func signedNumber() -> Value? {
        let isNegative = rest.removeFirst() == "-"
        skipBlanks()
        return number(isNegative: isNegative)
    }

    private mutating func number(isNegative: Bool = false) -> Value? {
        var text = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        let isHexadecimal = text.lowercased().hasPrefix("0x")
        if let last = text.last, last == "e" || last == "E", !isHexadecimal {
            let sign = rest[text.endIndex...].prefix(1)
            if sign == "+" || sign == "-" {
                let digits = rest[sign.endIndex...].prefix { $0.isNumber || $0 == "_" }
                text = rest[..<digits.endIndex]
            }
        }
        guard let value = PythonNumber.value(of: String(text), isNegative: isNegative) else { return nil }
        rest = rest[text.endIndex...]
        return value
    }

    // MARK: Text

    private static let prefixes: Set<String> = ["r", "u", "b", "br", "rb"]

    /// One quoted text, or several in a row, which Python joins.
    private mutating func strings() -> Value? {
        var text = ""
        repeat {
            guard let part = PythonString.read(&rest) else { return nil }
            text += part
            skipBlanks()
        } while startsString()
        return .trusted(text, at: location)
    }

    private func startsString() -> Bool {
        let name = rest.prefix { $0.isLetter }
        guard let quote = rest[name.endIndex...].first, quote == "'" || quote == "\"" else { return false }
        return name.isEmpty || Self.prefixes.contains(name.lowercased())
    }
}
