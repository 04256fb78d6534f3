import Fleet
import OrderedCollections
import Values

/// Evaluates a value of the inventory once, when it is first needed.
final class PendingValue {
    let value: Value
    // The session owns every container, so it outlives this; a strong reference would make a cycle.
    private unowned let session: Session
    private var isRunning = false
    private var result: Object?

    init(_ value: Value, _ session: Session) {
        self.value = value
        self.session = session
    }

    func object() throws -> Object {
        if let result { return result }
        guard !isRunning else { throw TemplateError.type("recursive loop detected in template") }
        try StackGuard.check()
        isRunning = true
        defer { isRunning = false }
        let object = try session.object(from: value)
        result = object
        return object
    }
}

extension Slot {
    init(_ value: Value, _ session: Session) {
        switch value {
        case .null: self = .ready(.none)
        case .bool(let value): self = .ready(.bool(value))
        case .int(let value): self = .ready(.int(value))
        case .double(let value): self = .ready(.double(value))
        case .string(let value): self = .ready(.string(value))
        case .template, .list, .map: self = .pending(PendingValue(value, session))
        }
    }

    func object() throws -> Object {
        switch self {
        case .ready(let object): object
        case .pending(let pending): try pending.object()
        }
    }
}

/// A Python list.
final class ListObject {
    var slots: [Slot]

    init(_ items: [Object]) { slots = items.map(Slot.ready) }
    init(slots: [Slot]) { self.slots = slots }
    init(lazy values: [Value], _ session: Session) { slots = values.map { Slot($0, session) } }

    deinit { Release.take(&slots) }

    var count: Int { slots.count }

    /// The items, markers among them.
    func items() throws -> [Object] { try slots.map { try $0.object() } }
}

/// A Python tuple.
final class TupleObject {
    private(set) var items: [Object]
    /// Names of the items, for the pairs that `groupby` makes.
    let names: [String]

    init(_ items: [Object], names: [String] = []) {
        self.items = items
        self.names = names
    }

    deinit {
        guard items.contains(where: \.isContainer) else { return }
        var held = items.map(Slot.ready)
        items = []
        Release.take(&held)
    }
}

/// A Python dict.
final class DictObject {
    var slots: OrderedDictionary<Key, Slot>

    deinit {
        guard slots.values.contains(where: \.holdsContainer) else { return }
        var held = Array(slots.values)
        slots = [:]
        Release.take(&held)
    }

    init() { slots = [:] }
    init(slots: OrderedDictionary<Key, Slot>) { self.slots = slots }
    init(lazy fields: OrderedDictionary<Value, Value>, _ session: Session) throws {
        slots = OrderedDictionary(minimumCapacity: fields.count)
        for (key, value) in fields {
            let name: Object =
                try key.text == nil || key.isPlainString ? Object(scalar: key) : session.object(from: key)
            slots[try name.key()] = Slot(value, session)
        }
    }

    var count: Int { slots.count }

    func value(_ key: Key) throws -> Object? { try slots[key]?.object() }

    func set(_ key: Key, _ value: Object) { slots[key] = .ready(value) }

    func pairs() throws -> [(key: Key, value: Object)] { try slots.map { ($0.key, try $0.value.object()) } }
}

extension Value {
    fileprivate var isPlainString: Bool { if case .string = self { true } else { false } }
}

extension Object {
    /// A key of a map, which is a scalar.
    fileprivate init(scalar value: Value) throws {
        switch value {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .list(let items): self = .tuple(try items.map { try Object(scalar: $0) })
        case .template, .map: throw TemplateError.type("a mapping can't be the key of a mapping")
        }
    }
}

/// What `range()` makes.
struct RangeObject: Equatable {
    var start: Int
    var stop: Int
    var step: Int

    /// How many numbers there are; the most there can be when there are more.
    var count: Int {
        let (start, stop, step) = (Int128(start), Int128(stop), Int128(step))
        let distance = step > 0 ? stop - start : start - stop
        return distance > 0 ? Int(clamping: (distance - 1) / (step > 0 ? step : -step) + 1) : 0
    }

    /// The number at a place below ``count``. On the way it may leave 64 bits, and comes back.
    func number(at index: Int) -> Int { start &+ index &* step }

    /// Whether it is one of the numbers.
    func contains(_ number: Int) -> Bool {
        let offset = Int128(number) - Int128(start)
        let (index, rest) = offset.quotientAndRemainder(dividingBy: Int128(step))
        return rest == 0 && index >= 0 && index < Int128(count)
    }

    /// The numbers.
    /// - Throws: `.type` when they are too many to hold.
    func items() throws -> [Object] {
        let count = count
        guard count <= Extent.mostItems else { throw TemplateError.type("range of \(count) numbers is too large") }
        return (0..<count).map { .int(number(at: $0)) }
    }
}

/// A mapping of the caller's that is asked key by key; answers are kept for the length of a render.
final class MappingObject {
    let mapping: any LazyMapping
    private unowned let session: Session
    private var known: [String: Slot] = [:]

    init(_ mapping: any LazyMapping, _ session: Session) {
        self.mapping = mapping
        self.session = session
    }

    func value(_ key: String) throws -> Object? {
        if let slot = known[key] { return try slot.object() }
        guard let binding = try mapping.binding(for: key) else { return nil }
        let slot = session.slot(for: binding)
        known[key] = slot
        return try slot.object()
    }

    func pairs() throws -> [(key: Key, value: Object)] {
        try mapping.keys.map { (.string($0), try value($0) ?? .none) }
    }
}
