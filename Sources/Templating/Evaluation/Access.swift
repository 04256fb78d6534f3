/// Attributes, items and slices.
extension Object {
    /// `object.name`: a method or attribute, else the item of that name.
    func attribute(_ name: String) throws -> Object {
        if case .marker = self { return self }
        if let method = method(name) { return method }
        switch self {
        case .dict(let dict): return try dict.value(.string(name)) ?? .missing(name, of: self)
        case .mapping(let mapping): return try mapping.value(name) ?? .missing(name, of: self)
        case .namespace(let namespace): return namespace.attributes[name] ?? .missing(name, of: self)
        case .loop(let loop): return loop.attribute(name) ?? .missing(name, of: self)
        case .interval(let interval): return interval.attribute(name) ?? .missing(name, of: self)
        case .cycler(let cycler): return cycler.attribute(name) ?? .missing(name, of: self)
        case .module(let module): return module.attributes[name] ?? .missing(name, of: self)
        case .callable(let callable): return callable.attributes[name] ?? .missing(name, of: self)
        case .tuple(let tuple):
            guard let index = tuple.names.firstIndex(of: name) else { return .missing(name, of: self) }
            return tuple.items[index]
        case .unchosen: throw Marker(undefined: "value of a conditional without 'else' is undefined").tripped
        default: return .missing(name, of: self)
        }
    }

    /// `object[key]`: an item, else the attribute of that name.
    func item(_ key: Object) throws -> Object {
        if case .marker = self { return self }
        if case .marker = key { return key }
        if let item = try storedItem(key) { return item }
        if case .string(let name) = key {
            if let method = method(name) { return method }
            return try isMapping ? .missing(name, of: self) : attribute(name)
        }
        return .undefined("object of type '\(typeName)' has no element \(try key.representation())")
    }

    private func storedItem(_ key: Object) throws -> Object? {
        switch self {
        case .dict(let dict): return try dict.value(try key.key())
        case .mapping(let mapping):
            guard case .string(let name) = key else { return nil }
            return try mapping.value(name)
        case .namespace(let namespace):
            guard case .string(let name) = key else { return nil }
            return namespace.attributes[name]
        default:
            guard let index = key.integer, let count = try? length() else { return nil }  // others hold no items
            let place = index < 0 ? index + count : index
            return (0..<count).contains(place) ? try element(place) : nil
        }
    }

    private func element(_ index: Int) throws -> Object? {
        switch self {
        case .list(let list): return try list.slots[index].object()
        case .tuple(let tuple): return tuple.items[index]
        case .range(let range): return .int(range.number(at: index))
        case .string(let text):
            let scalars = text.unicodeScalars
            return .string(String(scalars[scalars.index(scalars.startIndex, offsetBy: index)]))
        default: return nil
        }
    }

    /// `object[start:stop:step]`.
    func slice(_ start: Object?, _ stop: Object?, _ step: Object?) throws -> Object {
        for case .marker(let marker)? in [self, start, stop, step] { return .marker(marker) }
        let step = try Self.bound(step) ?? 1
        guard step != 0 else { throw TemplateError.type("slice step cannot be zero") }
        switch self {
        case .string(let text):
            let scalars = Array(text.unicodeScalars)
            let places = try Self.places(scalars.count, start, stop, step)
            return .string(String(String.UnicodeScalarView(places.map { scalars[$0] })))
        case .list(let list):
            return .list(ListObject(slots: try Self.places(list.count, start, stop, step).map { list.slots[$0] }))
        case .tuple(let tuple):
            return .tuple(try Self.places(tuple.items.count, start, stop, step).map { tuple.items[$0] })
        case .range(let range):
            let items = try range.items()
            return .list(try Self.places(items.count, start, stop, step).map { items[$0] })
        default: throw TemplateError.type("'\(typeName)' object can't be sliced")
        }
    }

    private static func bound(_ object: Object?) throws -> Int? {
        switch object {
        case nil, .some(.none): return nil
        case .some(let object):
            guard let value = object.integer else { throw TemplateError.type("slice indices must be integers or None") }
            return value
        }
    }

    private static func places(_ count: Int, _ start: Object?, _ stop: Object?, _ step: Int) throws -> [Int] {
        func clamped(_ value: Int?, _ fallback: Int) -> Int {
            guard let value else { return fallback }
            let place = value < 0 ? value + count : value
            return step > 0 ? min(max(place, 0), count) : min(max(place, -1), count - 1)
        }
        let first = clamped(try bound(start), step > 0 ? 0 : count - 1)
        let last = clamped(try bound(stop), step > 0 ? count : -1)
        // A step longer than the whole goes no further than one as long.
        let length = max(1, count)
        return Array(stride(from: first, to: last, by: min(max(step, -length), length)))
    }
}
