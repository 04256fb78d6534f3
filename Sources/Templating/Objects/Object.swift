import OrderedCollections

/// A value while a template is evaluated. Containers are shared by reference, as in Python.
enum Object {
    case none
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case list(ListObject)
    case tuple(TupleObject)
    case dict(DictObject)
    case range(RangeObject)
    /// `hostvars` and its like.
    case mapping(MappingObject)
    /// An undefined value, or a failure that nobody has looked at yet.
    case marker(Marker)
    /// What a conditional without `else` comes to: prints nothing, is false, but is no value.
    case unchosen
    /// Leaves out the argument, key or item it stands for.
    case omit
    case callable(Callable)
    case namespace(NamespaceObject)
    case loop(LoopObject)
    case cycler(CyclerObject)
    case module(ModuleObject)
    case moment(Moment)
    case interval(Interval)

    init(_ literal: Literal) {
        switch literal {
        case .none: self = .none
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        }
    }

    static func list(_ items: [Object]) -> Object { .list(ListObject(items)) }
    static func tuple(_ items: [Object]) -> Object { .tuple(TupleObject(items)) }
    static func strings(_ items: some Sequence<String>) -> Object { .list(items.map(Object.string)) }
    static func dict(_ items: KeyValuePairs<String, Object>) -> Object {
        let result = DictObject()
        for (key, value) in items { result.set(.string(key), value) }
        return .dict(result)
    }

    /// Python's name of the type, as `type_debug` and messages give it.
    var typeName: String {
        switch self {
        case .none: "NoneType"
        case .bool: "bool"
        case .int: "int"
        case .double: "float"
        case .string: "str"
        case .list: "list"
        case .tuple: "tuple"
        case .dict, .mapping: "dict"
        case .range: "range"
        case .marker, .unchosen: "Undefined"
        case .omit: "Omit"
        case .callable: "function"
        case .namespace: "Namespace"
        case .loop: "LoopContext"
        case .cycler: "Cycler"
        case .module: "TemplateModule"
        case .moment: "datetime"
        case .interval: "timedelta"
        }
    }

    /// Whether it is a mapping in Python's sense.
    var isMapping: Bool {
        switch self {
        case .dict, .mapping: true
        default: false
        }
    }

    /// Whether it is a list or a tuple, which Ansible calls a sequence (text is none).
    var isSequence: Bool {
        switch self {
        case .list, .tuple: true
        default: false
        }
    }
}

/// A place of a container: a value, or one of the inventory that is evaluated when it is first used.
enum Slot {
    case ready(Object)
    case pending(PendingValue)
}

/// A key of a Python mapping: `1`, `1.0` and `True` are one key.
enum Key: Hashable, Sendable {
    case none
    case number(Double)
    case int(Int)
    case bool(Bool)
    case string(String)
    case tuple([Key])

    static func == (left: Key, right: Key) -> Bool {
        switch (left, right) {
        case (.none, .none): true
        case (.string(let left), .string(let right)): left == right
        case (.tuple(let left), .tuple(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        default: if let left = left.numeric, let right = right.numeric { left == right } else { false }
        }
    }

    func hash(into hasher: inout Hasher) {
        switch self {
        case .none: hasher.combine(0)
        case .string(let text): hasher.combine(text)
        case .tuple(let keys): hasher.combine(keys)
        default: hasher.combine(numeric)
        }
    }

    private var numeric: Double? {
        switch self {
        case .number(let value): value
        case .int(let value): Double(value)
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    var object: Object {
        switch self {
        case .none: .none
        case .number(let value): .double(value)
        case .int(let value): .int(value)
        case .bool(let value): .bool(value)
        case .string(let value): .string(value)
        case .tuple(let keys): .tuple(keys.map(\.object))
        }
    }
}

extension Object {
    /// Itself as a mapping's key.
    /// - Throws: `.type` for what Python cannot hash.
    func key() throws -> Key {
        switch self {
        case .none: return .none
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .double(let value): return .number(value)
        case .string(let value): return .string(value)
        case .tuple(let tuple):
            try StackGuard.check()
            return .tuple(try tuple.items.map { try $0.key() })
        case .marker(let marker): throw marker.tripped
        default: throw TemplateError.type("unhashable type: '\(typeName)'")
        }
    }
}
