import OrderedCollections

/// Truth, equality, order, length and iteration, as Python has them.
extension Object {
    /// What `bool()` gives.
    func isTrue() throws -> Bool {
        switch self {
        case .none, .unchosen: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .double(let value): value != 0
        case .string(let text): !text.isEmpty
        case .list(let list): list.count > 0
        case .tuple(let tuple): !tuple.items.isEmpty
        case .dict(let dict): dict.count > 0
        case .range(let range): range.count > 0
        case .mapping(let mapping): try !mapping.mapping.keys.isEmpty
        case .marker(let marker): throw marker.tripped
        case .omit, .callable, .namespace, .loop, .cycler, .module, .moment: true
        case .interval(let interval): interval.seconds != 0
        }
    }

    /// A number's value: booleans are 0 and 1.
    var number: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// A whole number's value: booleans are 0 and 1.
    var integer: Int? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): value
        default: nil
        }
    }

    /// What `==` gives.
    func equals(_ other: Object) throws -> Bool {
        switch (self, other) {
        case (.marker(let marker), _), (_, .marker(let marker)): throw marker.tripped
        case (.none, .none), (.omit, .omit), (.unchosen, .unchosen): return true
        case (.string(let left), .string(let right)): return left.hasSameScalars(as: right)
        case (.list(let left), .list(let right)):
            return try left === right || left.count == right.count && Self.equal(left.items(), right.items())
        case (.tuple(let left), .tuple(let right)): return try Self.equal(left.items, right.items)
        case (.range(let left), .range(let right)): return left == right
        case (.moment(let left), .moment(let right)): return left == right
        case (.interval(let left), .interval(let right)): return left == right
        case (.dict(let left), .dict(let right)): return try left === right || Self.equal(left, right)
        case (.mapping(let left), .mapping(let right)): return left === right
        case (.callable(let left), .callable(let right)): return left === right
        case (.namespace(let left), .namespace(let right)): return left === right
        default:
            if let left = integer, let right = other.integer { return left == right }
            if let left = number, let right = other.number { return left == right }
            return false
        }
    }

    private static func equal(_ left: [Object], _ right: [Object]) throws -> Bool {
        guard left.count == right.count else { return false }
        try StackGuard.check()
        for (left, right) in zip(left, right) where try !left.equals(right) { return false }
        return true
    }

    private static func equal(_ left: DictObject, _ right: DictObject) throws -> Bool {
        guard left.count == right.count else { return false }
        try StackGuard.check()
        for (key, value) in try left.pairs() {
            guard let other = try right.value(key), try value.equals(other) else { return false }
        }
        return true
    }

    /// What `<` gives, after both were found to be of types that can be ordered.
    /// - Throws: `.type` when they can't.
    func isLess(than other: Object, _ sign: String = "<") throws -> Bool {
        switch (self, other) {
        case (.marker(let marker), _), (_, .marker(let marker)): throw marker.tripped
        case (.string(let left), .string(let right)): return left.precedes(right)
        case (.list(let left), .list(let right)): return try Self.precedes(left.items(), right.items(), sign)
        case (.tuple(let left), .tuple(let right)): return try Self.precedes(left.items, right.items, sign)
        case (.moment(let left), .moment(let right)): return left.seconds < right.seconds
        case (.interval(let left), .interval(let right)): return left.seconds < right.seconds
        default:
            if let left = integer, let right = other.integer { return left < right }
            if let left = number, let right = other.number { return left < right }
            throw TemplateError.type(
                "'\(sign)' not supported between instances of '\(typeName)' and '\(other.typeName)'")
        }
    }

    private static func precedes(_ left: [Object], _ right: [Object], _ sign: String) throws -> Bool {
        try StackGuard.check()
        for (left, right) in zip(left, right) where try !left.equals(right) {
            return try left.isLess(than: right, sign)
        }
        return left.count < right.count
    }

    /// What `len()` gives.
    func length() throws -> Int {
        switch self {
        case .string(let text): return text.scalarCount
        case .list(let list): return list.count
        case .tuple(let tuple): return tuple.items.count
        case .dict(let dict): return dict.count
        case .mapping(let mapping): return try mapping.mapping.keys.count
        case .range(let range): return range.count
        case .unchosen: return 0
        case .marker(let marker): throw marker.tripped
        default: throw TemplateError.type("object of type '\(typeName)' has no len()")
        }
    }

    /// What a `for` goes through: items, keys or characters. Markers may be among them.
    func iterated() throws -> [Object] {
        switch self {
        case .string(let text): return text.unicodeScalars.map { .string(String($0)) }
        case .list(let list): return try list.items()
        case .tuple(let tuple): return tuple.items
        case .dict(let dict): return dict.slots.keys.map(\.object)
        case .mapping(let mapping): return try mapping.mapping.keys.map(Object.string)
        case .range(let range): return try range.items()
        case .unchosen: return []
        case .marker(let marker): throw marker.tripped
        default: throw TemplateError.type("'\(typeName)' object is not iterable")
        }
    }

    /// What a `for` goes through, none of it a marker.
    func elements() throws -> [Object] {
        let items = try iterated()
        for case .marker(let marker) in items { throw marker.tripped }
        return items
    }

    /// What `item in self` gives.
    func contains(_ item: Object) throws -> Bool {
        switch self {
        case .string(let text):
            guard case .string(let part) = try item.needed() else {
                throw TemplateError.type("'in <string>' requires string as left operand, not \(item.typeName)")
            }
            return text.containsScalars(of: part)
        case .dict(let dict): return dict.slots[try item.key()] != nil
        case .mapping(let mapping):
            guard case .string(let key) = item else { return false }
            return try mapping.mapping.contains(key)
        case .range(let range):
            return item.integer.map(range.contains) ?? false
        default:
            _ = try item.needed()
            return try iterated().contains { try $0.equals(item) }
        }
    }

    /// Whether it is the same object, as `is` asks in Python.
    func isSame(as other: Object) throws -> Bool {
        switch (self, other) {
        case (.none, .none): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameScalars(as: right)
        case (.list(let left), .list(let right)): left === right
        case (.tuple(let left), .tuple(let right)): left === right
        case (.dict(let left), .dict(let right)): left === right
        default: false
        }
    }
}
