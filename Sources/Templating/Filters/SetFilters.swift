/// Lists taken as sets. Results keep the order of the lists, where Python's have none.
extension Filters {
    static let sets: [String: Plugin] = [
        "unique": Plugin("case_sensitive", "attribute") { call in
            let caseSensitive = try call.flag(0)
            var path: AttributePath?
            if let attribute = call[1], !attribute.isNone { path = try AttributePath(attribute) }
            var seen = ObjectSet()
            return .list(
                try call.subject.elements().filter { item in
                    let value = try path?.value(of: item) ?? item
                    return try seen.insert(Sorting.folded(value, caseSensitive: caseSensitive))
                })
        },
        "union": Plugin("b") { call in
            .list(try distinct(call.subject.elements() + call.required(0, "b").elements()))
        },
        "intersect": Plugin("b") { call in
            let other = try ObjectSet(call.required(0, "b").elements())
            return .list(try distinct(call.subject.elements().filter { try other.contains($0) }))
        },
        "difference": Plugin("b") { call in
            let other = try ObjectSet(call.required(0, "b").elements())
            return .list(try distinct(call.subject.elements().filter { try !other.contains($0) }))
        },
        "symmetric_difference": Plugin("b") { call in
            let left = try call.subject.elements()
            let right = try call.required(0, "b").elements()
            let (leftSet, rightSet) = (try ObjectSet(left), try ObjectSet(right))
            let only =
                try left.filter { try !rightSet.contains($0) } + right.filter { try !leftSet.contains($0) }
            return .list(try distinct(only))
        },
    ]

    private static func distinct(_ items: [Object]) throws -> [Object] {
        var seen = ObjectSet()
        return try items.filter { try seen.insert($0) }
    }
}

/// A set of objects: hashed where Python can hash them, compared one by one where it can't.
struct ObjectSet {
    private var keys: Set<Key> = []
    private var others: [Object] = []

    init() {}

    init(_ items: [Object]) throws { for item in items { _ = try insert(item) } }

    /// A set of what Python can hash.
    /// - Throws: `.type` for lists and mappings.
    init(hashing items: [Object]) throws { keys = Set(try items.map { try $0.key() }) }

    func contains(hashing object: Object) throws -> Bool { keys.contains(try object.key()) }

    /// Adds `object`; false when it was there.
    mutating func insert(_ object: Object) throws -> Bool {
        if let key = try Self.key(object.needed()) { return keys.insert(key).inserted }
        if try others.contains(where: { try $0.equals(object) }) { return false }
        others.append(object)
        return true
    }

    func contains(_ object: Object) throws -> Bool {
        if let key = try Self.key(object) { return keys.contains(key) }
        return try others.contains { try $0.equals(object) }
    }

    private static func key(_ object: Object) throws -> Key? {
        switch object {
        case .none, .bool, .int, .double, .string: try object.key()
        default: nil
        }
    }
}
