public import Fleet
import OrderedCollections

extension Value {
    /// What a JSON text says: keys in their order, the last of equal ones counting, and `1` apart from `1.0`. A whole
    /// number beyond 64 bits is the text of its digits, so that none is lost.
    ///
    /// - Parameter location: Where the text stands when its strings are trusted as templates, as those of an inventory
    ///   are; `nil` for what a host or a module answered.
    /// - Throws: ``JSONError`` when the text is no JSON to Python either, or nests deeper than ``JSONReader/deepest``.
    public init(json text: some StringProtocol, trustedAt location: SourceLocation? = nil) throws(JSONError) {
        var builder = JSONBuilder(reader: JSONReader(text), location: location)
        self = try builder.whole()
    }
}

/// Values out of a reader's pieces.
private struct JSONBuilder {
    var reader: JSONReader
    let location: SourceLocation?

    mutating func whole() throws(JSONError) -> Value {
        let value = try value(try reader.next())
        // Throws when more follows.
        _ = try reader.next()
        return value
    }

    private mutating func value(_ token: JSONToken?) throws(JSONError) -> Value {
        switch token {
        case .bool(let flag): .bool(flag)
        case .int(let number): .int(number)
        case .digits(let digits): .string(digits)
        case .double(let number): .double(number)
        case .string(let text): trusted(text)
        case .listStart: .list(try items())
        case .mapStart: .map(try fields())
        // The reader gives the others where no value is expected.
        case nil, .null, .key, .listEnd, .mapEnd: .null
        }
    }

    private func trusted(_ text: String) -> Value { location.map { .trusted(text, at: $0) } ?? .string(text) }

    private mutating func items() throws(JSONError) -> [Value] {
        var items: [Value] = []
        while true {
            let token = try reader.next()
            if case .listEnd = token { return items }
            items.append(try value(token))
        }
    }

    private mutating func fields() throws(JSONError) -> OrderedDictionary<Value, Value> {
        var fields: OrderedDictionary<Value, Value> = [:]
        while case .key(let name) = try reader.next() { fields[.string(name)] = try value(try reader.next()) }
        return fields
    }
}
