import Values

extension Object {
    /// The value as YAML.
    /// - Throws: `.filter` for what YAML has no form of, `.type` when it is too large.
    func yaml(_ layout: YAMLLayout) throws -> String {
        do {
            let writer = try YAMLWriter(layout)
            try write(to: writer, layout, depth: 0)
            return try writer.finish()
        } catch let fault as YAMLWriter.WriteError {
            throw TemplateError.filter("this can't be written as YAML: \(fault.reason)")
        }
    }

    private func write(to writer: YAMLWriter, _ layout: YAMLLayout, depth: Int) throws {
        guard depth < 200 else { throw TemplateError.filter("value is nested too deeply for YAML") }
        try Extent.check(text: writer.count)
        switch self {
        case .none: try writer.writeNull()
        case .bool(let value): try writer.write(value)
        case .int(let value): try writer.write(value)
        case .double(let value): try writer.write(value)
        case .string(let text): try writer.write(text)
        case .moment(let moment): try writer.write(timestamp: moment.text)
        case .list, .tuple: try Self.write(elements(), to: writer, layout, depth)
        case .dict, .mapping: try Self.write(pairs(), to: writer, layout, depth)
        case .marker(let marker): throw marker.tripped
        default: throw TemplateError.filter("a value of type '\(typeName)' can't be written as YAML")
        }
    }

    private var isScalar: Bool { !isMapping && !isSequence }

    private static func write(_ items: [Object], to writer: YAMLWriter, _ layout: YAMLLayout, _ depth: Int) throws {
        try writer.open(.list, inFlow: layout.isFlow(items.map(\.isScalar)))
        for item in items { try item.write(to: writer, layout, depth: depth + 1) }
        try writer.close(.list)
    }

    private static func write(
        _ pairs: [(key: Key, value: Object)], to writer: YAMLWriter, _ layout: YAMLLayout, _ depth: Int
    ) throws {
        let pairs = layout.sortsKeys ? sorted(pairs) : pairs
        try writer.open(.map, inFlow: layout.isFlow(pairs.flatMap { [$0.key.object.isScalar, $0.value.isScalar] }))
        for (key, value) in pairs {
            try key.object.write(to: writer, layout, depth: depth + 1)
            try value.write(to: writer, layout, depth: depth + 1)
        }
        try writer.close(.map)
    }

    /// Pairs by key; in their own order when keys can't be compared, as PyYAML does.
    private static func sorted(_ pairs: [(key: Key, value: Object)]) -> [(key: Key, value: Object)] {
        do {
            return try pairs.sorted { try $0.key.object.isLess(than: $1.key.object) }
        } catch {
            return pairs
        }
    }
}
