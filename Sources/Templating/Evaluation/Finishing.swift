import Fleet
import OrderedCollections
import Values

extension Object {
    /// The value outside of templates: containers copied, `omit` dropped.
    /// - Throws: ``Tripped`` for what is undefined, `.type` for what cannot leave a template.
    func finished(depth: Int = 0) throws -> Value {
        guard depth < 200 else { throw TemplateError.type("recursive loop detected in template") }
        switch self {
        case .none: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .double(let value): return .double(value)
        case .string(let value): return .string(value)
        case .list(let list): return .list(try Self.finished(list.items(), depth + 1))
        case .tuple(let tuple): return .list(try Self.finished(tuple.items, depth + 1))
        case .dict(let dict): return .map(try Self.finished(dict.pairs(), depth + 1))
        case .mapping(let mapping): return .map(try Self.finished(mapping.pairs(), depth + 1))
        case .moment(let moment): return .string(moment.isoText)
        case .marker(let marker): throw marker.tripped
        case .unchosen:
            throw Marker(undefined: "the conditional is false and has no 'else'").tripped
        case .omit: throw TemplateError.type("omit can't be used here")
        case .interval(let interval): return .string(interval.text)
        case .range, .callable, .namespace, .loop, .cycler, .module:
            throw TemplateError.type("a value of type '\(typeName)' can't be the result of a template")
        }
    }

    private static func finished(_ items: [Object], _ depth: Int) throws -> [Value] {
        var result: [Value] = []
        result.reserveCapacity(items.count)
        for item in items {
            if case .omit = item { continue }
            result.append(try item.finished(depth: depth))
        }
        return result
    }

    private static func finished(
        _ pairs: [(key: Key, value: Object)], _ depth: Int
    ) throws -> OrderedDictionary<Value, Value> {
        var result = OrderedDictionary<Value, Value>(minimumCapacity: pairs.count)
        for (key, value) in pairs {
            if case .omit = value { continue }
            result[try key.object.finished(depth: depth)] = try value.finished(depth: depth)
        }
        return result
    }
}

extension Value {
    /// Whether a template stands anywhere inside.
    var holdsTemplates: Bool {
        switch self {
        case .null, .bool, .int, .double, .string: false
        case .template: true
        case .list(let items): items.contains { $0.holdsTemplates }
        case .map(let fields): fields.contains { $0.key.holdsTemplates || $0.value.holdsTemplates }
        }
    }

    /// Python's name of the type.
    var typeName: String {
        switch self {
        case .null: "NoneType"
        case .bool: "bool"
        case .int: "int"
        case .double: "float"
        case .string, .template: "str"
        case .list: "list"
        case .map: "dict"
        }
    }
}
