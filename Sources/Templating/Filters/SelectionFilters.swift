/// `map`, `select` and their kin, which apply other filters and tests.
extension Filters {
    static let selection: [String: Plugin] = [
        "map": Plugin(more: true, moreNamed: true) { try mapped($0) },
        "select": Plugin(more: true, moreNamed: true) { try selected($0, keeping: true, attribute: false) },
        "reject": Plugin(more: true, moreNamed: true) { try selected($0, keeping: false, attribute: false) },
        "selectattr": Plugin(more: true, moreNamed: true) { try selected($0, keeping: true, attribute: true) },
        "rejectattr": Plugin(more: true, moreNamed: true) { try selected($0, keeping: false, attribute: true) },
        "groupby": Plugin("attribute", "default", "case_sensitive") { try grouped($0) },
        "sum": Plugin("attribute", "start") { call in
            var items = try call.subject.elements()
            if let attribute = call[0], !attribute.isNone {
                let path = try AttributePath(attribute)
                items = try items.map { try path.value(of: $0) }
            }
            return try items.reduce(call[1] ?? .int(0)) { try Arithmetic.apply(.add, $0, $1) }
        },
        "min": Plugin("case_sensitive", "attribute") { try extreme($0, isMax: false) },
        "max": Plugin("case_sensitive", "attribute") { try extreme($0, isMax: true) },
        "extract": Plugin("container", "morekeys") { call in
            var keys = [call.subject]
            switch call[1] {
            case nil, .some(.none): break
            case .some(.list(let list)): keys += try list.items()
            case .some(let key): keys.append(key)
            }
            return try keys.reduce(try call.required(0, "container")) { try $0.item($1) }
        },
    ]

    private static func mapped(_ call: PluginCall) throws -> Object {
        guard try call.subject.isTrue() else { return .list([Object]()) }
        let items = try call.subject.iterated()
        if call.more.isEmpty, let attribute = call.named.first(where: { $0.name == "attribute" }) {
            for (name, _) in call.named where name != "attribute" && name != "default" {
                throw TemplateError.filter("unexpected keyword argument '\(name)'")
            }
            let fallback = call.named.first { $0.name == "default" }?.value
            let path = try AttributePath(attribute.value)
            return .list(try items.map { try path.value(of: $0, fallback: fallback) })
        }
        guard case .string(let name)? = call.more.first else {
            throw TemplateError.filter("map requires a filter argument")
        }
        let arguments = CallArguments(positional: Array(call.more.dropFirst()), named: call.named)
        return .list(try items.map { try call.evaluator.filter(name, $0, arguments) })
    }

    private static func selected(_ call: PluginCall, keeping: Bool, attribute: Bool) throws -> Object {
        guard try call.subject.isTrue() else { return .list([Object]()) }
        var rest = call.more[...]
        var path: AttributePath?
        if attribute {
            guard let first = rest.popFirst() else {
                throw TemplateError.filter("missing parameter for attribute name")
            }
            path = try AttributePath(first)
        }
        var test: String?
        if let name = rest.popFirst() { test = try name.text() }
        let arguments = CallArguments(positional: Array(rest), named: call.named)
        let items = try call.subject.iterated().filter { item in
            let value = try path?.value(of: item) ?? item
            guard let test else { return try value.isTrue() == keeping }
            return try call.evaluator.test(test, value, arguments).isTrue() == keeping
        }
        return .list(items)
    }

    private static func grouped(_ call: PluginCall) throws -> Object {
        let path = try AttributePath(try call.required(0, "attribute"))
        let caseSensitive = try call.flag(2)
        let fallback = call[1].flatMap { $0.isNone ? nil : $0 }
        func key(_ item: Object) throws -> Object {
            Sorting.folded(try path.value(of: item, fallback: fallback).needed(), caseSensitive: caseSensitive)
        }
        let ordered = try Sorting.sorted(call.subject.elements(), by: key)
        var groups: [(key: Object, items: [Object])] = []
        for item in ordered {
            let itemKey = try key(item)
            if let last = groups.last, try last.key.equals(itemKey) {
                groups[groups.count - 1].items.append(item)
            } else {
                groups.append((itemKey, [item]))
            }
        }
        return .list(
            try groups.map { group in
                // The group bears the key as its first item spells it.
                let name = try path.value(of: group.items[0], fallback: fallback)
                return .tuple(TupleObject([name, .list(group.items)], names: ["grouper", "list"]))
            })
    }

    private static func extreme(_ call: PluginCall, isMax: Bool) throws -> Object {
        let caseSensitive = try call.flag(0)
        var path: AttributePath?
        if let attribute = call[1], !attribute.isNone { path = try AttributePath(attribute) }
        var best: (key: Object, item: Object)?
        for item in try call.subject.elements() {
            let value = try path?.value(of: item) ?? item
            let key = Sorting.folded(value, caseSensitive: caseSensitive)
            guard let current = best else {
                best = (key, item)
                continue
            }
            if try isMax ? current.key.isLess(than: key) : key.isLess(than: current.key) { best = (key, item) }
        }
        return best?.item ?? .undefined("no aggregated item, sequence was empty")
    }
}
