/// Orders objects as Python's `sorted` does: stable, an error for what has no order.
enum Sorting {
    static func sorted(
        _ items: [Object], by key: (Object) throws -> Object, reverse: Bool = false
    ) throws -> [Object] {
        let keyed = try items.map { (key: try key($0), item: $0) }
        // Swift's sort is stable; in reverse, equal items keep their order too.
        let ordered = try keyed.sorted { left, right in
            try reverse ? right.key.isLess(than: left.key) : left.key.isLess(than: right.key)
        }
        return ordered.map(\.item)
    }

    /// A key that folds case of text, unless case counts.
    static func folded(_ object: Object, caseSensitive: Bool) -> Object {
        switch object {
        case .string(let text) where !caseSensitive: .string(text.lowercased())
        case .list where !caseSensitive, .tuple where !caseSensitive:
            // Undefined items, and what is nested too deeply, fail when they are compared.
            if !StackGuard.isLow, let items = try? object.elements() {
                .tuple(items.map { folded($0, caseSensitive: false) })
            } else {
                object
            }
        default: object
        }
    }
}

/// The value at a dotted path, as `map(attribute=…)` takes it.
struct AttributePath {
    private let parts: [Object]

    init(_ path: Object) throws {
        switch path {
        case .string(let text): parts = text.parts(separatedBy: ".").map { Int($0).map(Object.int) ?? .string($0) }
        case .int: parts = [path]
        default: throw TemplateError.filter("attribute must be text or a number, not '\(path.typeName)'")
        }
    }

    func value(of object: Object, fallback: Object? = nil) throws -> Object {
        var value = object
        for part in parts {
            value = try value.item(part)
            if let fallback, case .marker(let marker) = value, marker.isUndefined { value = fallback }
        }
        return value
    }
}
