import OrderedCollections

/// Methods of Python's `dict`.
enum DictMethods {
    typealias Method = @Sendable (DictObject, MethodCall) throws -> Object

    static let all: [String: Method] = [
        "get": { dict, call in try dict.value(try call.required(0).key()) ?? call[1] ?? .none },
        "keys": { dict, _ in .list(dict.slots.keys.map(\.object)) },
        "values": { dict, _ in .list(ListObject(slots: Array(dict.slots.values))) },
        "items": { dict, _ in .list(try dict.pairs().map { .tuple([$0.key.object, $0.value]) }) },
        "update": { dict, call in
            if let other = call[0] { try dict.update(from: other) }
            for (name, value) in call.arguments.named { dict.set(.string(name), value) }
            return .none
        },
        "pop": { dict, call in
            let key = try call.required(0)
            guard let slot = dict.slots.removeValue(forKey: try key.key()) else {
                guard let fallback = call[1] else { throw TemplateError.type("no key \(try key.representation())") }
                return fallback
            }
            return try slot.object()
        },
        "popitem": { dict, _ in
            guard let last = dict.slots.elements.last else { throw TemplateError.type("dictionary is empty") }
            dict.slots.removeLast()
            return .tuple([last.key.object, try last.value.object()])
        },
        "setdefault": { dict, call in
            let key = try call.required(0).key()
            if let value = try dict.value(key) { return value }
            let fallback = call[1] ?? .none
            dict.set(key, fallback)
            return fallback
        },
        "copy": { dict, _ in .dict(DictObject(slots: dict.slots)) },
        "clear": { dict, _ in
            dict.slots = [:]
            return .none
        },
        "fromkeys": { _, call in
            let result = DictObject()
            for key in try call.required(0).iterated() { result.set(try key.key(), call[1] ?? .none) }
            return .dict(result)
        },
    ]
}

extension DictObject {
    /// Takes over the pairs of a mapping, or of a list of pairs.
    func update(from other: Object) throws {
        switch other {
        case .dict(let dict): for (key, slot) in dict.slots { slots[key] = slot }
        case .mapping(let mapping): for (key, value) in try mapping.pairs() { set(key, value) }
        default:
            for pair in try other.elements() {
                let items = try pair.elements()
                guard items.count == 2 else {
                    throw TemplateError.type(
                        "dictionary update sequence element has length \(items.count); 2 is required")
                }
                set(try items[0].key(), items[1])
            }
        }
    }
}
