import Values

extension Object {
    /// What a JSON text says.
    /// - Throws: `.filter` when it is no JSON to Python either.
    static func json(_ text: String) throws(TemplateError) -> Object {
        var builder = ObjectBuilder(reader: JSONReader(text))
        do throws(JSONError) {
            return try builder.whole()
        } catch {
            throw TemplateError.filter("text is not valid JSON: \(error.message)")
        }
    }

    /// The value as JSON.
    /// - Throws: `.filter` for what JSON has no form of, `.type` when it is too large.
    func json(_ layout: JSONLayout) throws -> String {
        var writer = ObjectWriter(writer: JSONWriter(layout), indent: layout.indent?.utf8.count ?? 0)
        try writer.write(self, depth: 0)
        return writer.writer.text
    }
}

/// Objects out of a JSON reader's pieces.
private struct ObjectBuilder {
    var reader: JSONReader

    mutating func whole() throws(JSONError) -> Object {
        let object = try object(try reader.next())
        // Throws when more follows.
        _ = try reader.next()
        return object
    }

    private mutating func object(_ token: JSONToken?) throws(JSONError) -> Object {
        switch token {
        case .bool(let flag): .bool(flag)
        case .int(let number): .int(number)
        case .digits(let digits): .string(digits)
        case .double(let number): .double(number)
        case .string(let text): .string(text)
        case .listStart: .list(try items())
        case .mapStart: .dict(try fields())
        // The reader gives the others where no value is expected.
        case nil, .null, .key, .listEnd, .mapEnd: .none
        }
    }

    private mutating func items() throws(JSONError) -> [Object] {
        var items: [Object] = []
        while true {
            let token = try reader.next()
            if case .listEnd = token { return items }
            items.append(try object(token))
        }
    }

    private mutating func fields() throws(JSONError) -> DictObject {
        let fields = DictObject()
        while case .key(let name) = try reader.next() { fields.set(.string(name), try object(try reader.next())) }
        return fields
    }
}

/// Objects as JSON.
private struct ObjectWriter {
    var writer: JSONWriter
    /// Bytes that each level is indented by.
    let indent: Int

    mutating func write(_ object: Object, depth: Int) throws {
        guard depth < JSONReader.deepest else { throw TemplateError.filter("circular reference detected") }
        try Extent.check(text: writer.bytes.count)
        switch object {
        case .none: writer.writeNull()
        case .bool(let value): writer.write(value)
        case .int(let value): writer.write(value)
        case .double(let value): writer.write(value)
        case .string(let text): writer.write(text)
        case .moment(let moment): writer.write(moment.isoText)
        case .list, .tuple: try write(object.elements(), depth)
        case .dict, .mapping: try write(object.pairs(), depth)
        case .marker(let marker): throw marker.tripped
        default: throw TemplateError.filter("object of type '\(object.typeName)' is not JSON serializable")
        }
    }

    /// - Throws: `.type` when another line at that depth would be too much.
    private func checkRoom(_ depth: Int) throws {
        try Extent.check(text: indent, times: depth)
        try Extent.check(text: writer.bytes.count + indent * depth)
    }

    private mutating func write(_ items: [Object], _ depth: Int) throws {
        try StackGuard.check()
        writer.open(.list)
        for item in items {
            try checkRoom(depth + 1)
            writer.item()
            try write(item, depth: depth + 1)
        }
        writer.close(.list)
    }

    private mutating func write(_ pairs: [(key: Key, value: Object)], _ depth: Int) throws {
        try StackGuard.check()
        var pairs = pairs
        if writer.layout.sortsKeys { pairs = try pairs.sorted { try $0.key.object.isLess(than: $1.key.object) } }
        writer.open(.map)
        for (key, value) in pairs {
            try checkRoom(depth + 1)
            writer.key(try Self.name(key))
            try write(value, depth: depth + 1)
        }
        writer.close(.map)
    }

    private static func name(_ key: Key) throws -> String {
        switch key {
        case .none: "null"
        case .bool(let value): JSONWriter.spelled(value)
        case .int(let value): String(value)
        case .number(let value): JSONWriter.spelled(value)
        case .string(let text): text
        case .tuple: throw TemplateError.filter("keys must be str, int, float, bool or None, not tuple")
        }
    }
}
