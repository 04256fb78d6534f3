/// Lists: their ends, order and shape.
extension Filters {
    static let lists: [String: Plugin] = {
        let length = Plugin { .int(try $0.subject.length()) }
        return [
            "length": length, "count": length,
            "list": Plugin { try list($0.subject) },
            "first": Plugin { call in
                try call.subject.iterated().first ?? .undefined("no first item, sequence was empty")
            },
            "last": Plugin { call in
                try call.subject.iterated().last ?? .undefined("no last item, sequence was empty")
            },
            "join": Plugin("d", "attribute") { call in
                var items = try call.subject.elements()
                if let attribute = call[1], !attribute.isNone {
                    let path = try AttributePath(attribute)
                    items = try items.map { try path.value(of: $0) }
                }
                return .string(try Extent.joined(items.map { try $0.text() }, separator: call.text(0, default: "")))
            },
            "reverse": Plugin { call in
                if case .string(let text) = call.subject {
                    return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
                }
                return .list(try call.subject.elements().reversed())
            },
            "sort": Plugin("reverse", "case_sensitive", "attribute") { try sorted($0) },
            "flatten": Plugin("levels", "skip_nulls") { call in
                .list(
                    try flattened(
                        call.subject.elements(), levels: call.optionalInteger(0),
                        skipsNulls: call.flag(1, default: true)))
            },
            "batch": Plugin("linecount", "fill_with") { call in
                let size = try call.integer(0, default: 0)
                guard size > 0 else { throw TemplateError.filter("linecount must be above 0") }
                let items = try call.subject.elements()
                if let fill = call[1], !fill.isNone, !items.isEmpty { try Extent.check(items: size) }
                return .list(
                    stride(from: 0, to: items.count, by: size).map { start in
                        var part = Array(items[start..<min(start + size, items.count)])
                        if let fill = call[1], !fill.isNone {
                            part += Array(repeating: fill, count: size - part.count)
                        }
                        return .list(part)
                    })
            },
            "slice": Plugin("slices", "fill_with") { try sliced($0) },
            "zip": Plugin(more: true) { call in
                let columns = try ([call.subject] + call.more).map { try $0.elements() }
                let count = columns.map(\.count).min() ?? 0
                try Extent.check(items: count, times: columns.count)
                return .list((0..<count).map { row in .tuple(columns.map { $0[row] }) })
            },
            "zip_longest": Plugin(more: true, moreNamed: true) { call in
                let columns = try ([call.subject] + call.more).map { try $0.elements() }
                let fill = call.named.first { $0.name == "fillvalue" }?.value ?? .none
                let count = columns.map(\.count).max() ?? 0
                try Extent.check(items: count, times: columns.count)
                return .list((0..<count).map { row in .tuple(columns.map { row < $0.count ? $0[row] : fill }) })
            },
            "product": Plugin(more: true, moreNamed: true) { call in
                var columns = try ([call.subject] + call.more).map { try $0.elements() }
                let times = call.named.first { $0.name == "repeat" }?.value.integer ?? 1
                guard times >= 0 else { throw TemplateError.filter("repeat argument cannot be negative") }
                try Extent.check(items: columns.count, times: times)
                columns = Array(repeatElement(columns, count: times).joined())
                return .list(try product(columns).map(Object.tuple))
            },
            "permutations": Plugin("r") { call in
                let items = try call.subject.elements()
                let size = try call.optionalInteger(0) ?? items.count
                return .list(try Combinatorics.permutations(items, size).map(Object.tuple))
            },
            "combinations": Plugin("r") { call in
                guard let size = try call.required(0, "r").integer else {
                    throw TemplateError.filter("r must be a number")
                }
                return .list(try Combinatorics.combinations(try call.subject.elements(), size).map(Object.tuple))
            },
            "random": Plugin("start", "step", "seed") { try random($0) },
            "shuffle": Plugin("seed") { call in
                var items = try call.subject.elements()
                let random = call.session.outside.random
                for index in items.indices.dropFirst().reversed() { items.swapAt(index, random(index + 1)) }
                return .list(items)
            },
        ]
    }()

    private static func list(_ object: Object) throws -> Object {
        return .list(try object.elements())
    }

    private static func sorted(_ call: PluginCall) throws -> Object {
        let caseSensitive = try call.flag(1)
        let items = try call.subject.elements()
        var paths: [AttributePath] = []
        if let attribute = call[2], !attribute.isNone {
            if case .string(let text) = attribute {
                paths = try text.parts(separatedBy: ",").map { try AttributePath(.string($0)) }
            } else {
                paths = [try AttributePath(attribute)]
            }
        }
        func key(_ item: Object) throws -> Object {
            if paths.isEmpty { return Sorting.folded(item, caseSensitive: caseSensitive) }
            let keys = try paths.map { Sorting.folded(try $0.value(of: item), caseSensitive: caseSensitive) }
            return .tuple(keys)
        }
        return .list(try Sorting.sorted(items, by: key, reverse: call.flag(0)))
    }

    static func flattened(_ items: [Object], levels: Int?, skipsNulls: Bool) throws -> [Object] {
        try StackGuard.check()
        var result: [Object] = []
        for item in items {
            if skipsNulls {
                if case .none = item { continue }
                if case .string(let text) = item, text == "None" || text == "null" { continue }
            }
            if item.isSequence, levels ?? 1 >= 1 {
                result += try flattened(item.elements(), levels: levels.map { $0 - 1 }, skipsNulls: skipsNulls)
            } else {
                result.append(item)
            }
        }
        return result
    }

    private static func sliced(_ call: PluginCall) throws -> Object {
        let items = try call.subject.elements()
        let slices = try call.integer(0, default: 0)
        guard slices > 0 else { throw TemplateError.filter("slices must be above 0") }
        try Extent.check(items: slices)
        let size = items.count / slices
        let more = items.count % slices
        var place = 0
        return .list(
            (0..<slices).map { index in
                let count = size + (index < more ? 1 : 0)
                var part = Array(items[place..<(place + count)])
                place += count
                if let fill = call[1], !fill.isNone, index >= more, more > 0 { part.append(fill) }
                return .list(part)
            })
    }

    /// One of each column, in every way.
    /// - Throws: `.type` when the ways are too many to hold.
    static func product(_ columns: [[Object]]) throws -> [[Object]] {
        if columns.contains(where: \.isEmpty) { return [] }
        let rows = columns.reduce(1) { min($0, Extent.mostItems + 1) * min($1.count, Extent.mostItems + 1) }
        try Extent.check(items: rows, times: columns.count)
        return columns.reduce([[]]) { rows, column in rows.flatMap { row in column.map { row + [$0] } } }
    }

    private static func random(_ call: PluginCall) throws -> Object {
        let random = call.session.outside.random
        if let end = call.subject.integer {
            let start = try call.integer(0, default: 0)
            let step = max(1, try call.integer(1, default: 1))
            let range = RangeObject(start: start, stop: end, step: step)
            guard range.count > 0 else { throw TemplateError.filter("empty range for random") }
            return .int(range.number(at: random(range.count)))
        }
        let items = try call.subject.elements()
        guard !items.isEmpty else { throw TemplateError.filter("cannot choose from an empty sequence") }
        return items[random(items.count)]
    }
}
