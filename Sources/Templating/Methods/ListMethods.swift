/// Methods of Python's `list`.
enum ListMethods {
    typealias Method = @Sendable (ListObject, MethodCall) throws -> Object

    static let all: [String: Method] = [
        "append": { list, call in
            list.slots.append(.ready(try call.required(0)))
            return .none
        },
        "extend": { list, call in
            // What is a list is not copied only to be found too long.
            if case .list(let other) = try call.required(0) { try Extent.check(items: list.count + other.count) }
            let more = try call.required(0).iterated().map(Slot.ready)
            try Extent.check(items: list.count + more.count)
            list.slots += more
            return .none
        },
        "insert": { list, call in
            let index = try call.integer(0, "index", default: 0)
            let place = index < 0 ? max(0, index + list.count) : min(index, list.count)
            list.slots.insert(.ready(try call.required(1)), at: place)
            return .none
        },
        "pop": { list, call in
            let index = try call.integer(0, "index", default: -1)
            let place = index < 0 ? index + list.count : index
            guard list.slots.indices.contains(place) else { throw TemplateError.type("pop index out of range") }
            return try list.slots.remove(at: place).object()
        },
        "remove": { list, call in
            let item = try call.required(0)
            guard let place = try list.items().firstIndex(where: { try $0.equals(item) }) else {
                throw TemplateError.type("list.remove(x): x not in list")
            }
            list.slots.remove(at: place)
            return .none
        },
        "clear": { list, _ in
            list.slots = []
            return .none
        },
        "copy": { list, _ in .list(ListObject(slots: list.slots)) },
        "reverse": { list, _ in
            list.slots.reverse()
            return .none
        },
        "sort": { list, call in
            let isReversed = try call.value(1, "reverse")?.isTrue() ?? false
            list.slots = try Sorting.sorted(list.items(), by: { $0 }, reverse: isReversed).map(Slot.ready)
            return .none
        },
        "index": { list, call in try find("index", list.items(), call) },
        "count": { list, call in try find("count", list.items(), call) },
    ]

    /// `index` and `count`, which tuples have too.
    static func find(_ name: String, _ items: [Object], _ call: MethodCall) throws -> Object {
        let item = try call.required(0)
        if name == "count" { return .int(try items.count { try $0.equals(item) }) }
        let start = try call.integer(1, "start", default: 0)
        for (index, other) in items.enumerated() where try index >= start && other.equals(item) { return .int(index) }
        throw TemplateError.type("\(try item.representation()) is not in list")
    }
}
