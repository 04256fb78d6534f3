import Fleet
import Values

/// Lookups that need nothing from outside.
enum Lookups {
    struct Call {
        let terms: [Object]
        let options: [(name: String, value: Object)]
        let evaluator: Evaluator

        func option(_ name: String) -> Object? { options.first { $0.name == name }?.value }
    }

    typealias Lookup = @Sendable (Call) throws -> [Object]

    static func plainName(_ name: String) -> String {
        for prefix in ["ansible.builtin.", "ansible.legacy."] where name.utf8.starts(with: prefix.utf8) {
            return String(name.dropFirst(prefix.count))
        }
        return name
    }

    static let pure: [String: Lookup] = [
        "vars": { try variables($0) },
        "varnames": { call in
            let names = call.evaluator.session.scope.names
            return try call.terms.flatMap { term -> [Object] in
                let pattern = try call.evaluator.session.pattern(term.text())
                return try names.filter { name in
                    try Session.matching { () throws(InputError) in try pattern.firstMatch(in: name) } != nil
                }.map(Object.string)
            }
        },
        "dict": { call in
            try flat(call.terms).flatMap { term -> [Object] in
                guard term.isMapping else { throw TemplateError.filter("the 'dict' lookup expects a dictionary") }
                return try term.pairs().map { .dict(["key": $0.key.object, "value": $0.value]) }
            }
        },
        "list": { $0.terms },
        "items": { try flat($0.terms) },
        "flattened": { try Filters.flattened($0.terms, levels: nil, skipsNulls: false) },
        "indexed_items": { call in try flat(call.terms).enumerated().map { .tuple([.int($0.offset), $0.element]) } },
        "together": { call in
            let columns = try call.terms.map { try $0.elements() }
            guard let count = columns.map(\.count).max() else {
                throw TemplateError.filter("with_together requires at least one element in each list")
            }
            try Extent.check(items: count, times: columns.count)
            return try (0..<count).map { row in .list(try flat(columns.map { row < $0.count ? $0[row] : .none })) }
        },
        "nested": { call in
            guard !call.terms.isEmpty else {
                throw TemplateError.filter("with_nested requires at least one element in the nested list")
            }
            let columns = try call.terms.map { $0.isSequence ? try $0.elements() : [$0] }
            return try Filters.product(columns).map { .list(try flat($0)) }
        },
        "cartesian": { call in
            try Filters.product(try call.terms.map { $0.isSequence ? try $0.elements() : [$0] }).map { .list($0) }
        },
        "subelements": { try subelements($0) },
        "sequence": { call in
            let terms = call.terms.isEmpty ? [.string("")] : call.terms
            return try terms.flatMap { try NumberSequence($0, call.options).texts().map(Object.string) }
        },
        "random_choice": { call in
            let random = call.evaluator.session.outside.random
            return call.terms.isEmpty ? [] : [call.terms[random(call.terms.count)]]
        },
        "template": { call in
            try call.terms.map { term in
                let name = try term.text()
                guard let source = try call.evaluator.session.environment.load(name) else {
                    throw TemplateError.filter("the template file '\(name)' could not be found for the lookup")
                }
                return .string(
                    try call.evaluator.session.file(source.text, name: source.file, options: FileOptions()))
            }
        },
    ]

    /// Lists among the terms are taken apart, one level.
    static func flat(_ terms: [Object]) throws -> [Object] {
        try terms.flatMap { term in
            guard case .list(let list) = term else { return [term] }
            return try list.items()
        }
    }

    private static func variables(_ call: Call) throws -> [Object] {
        let fallback = call.option("default").flatMap { $0.isNone ? nil : $0 }
        return try call.terms.map { term in
            guard case .string(let name) = term else {
                throw TemplateError.filter("invalid setting identifier, '\(term.typeName)' is not a string")
            }
            do {
                if let value = try call.evaluator.session.variable(name) {
                    return try value.needed()
                }
            } catch let tripped as Tripped {
                guard tripped.marker.isUndefined, let fallback else { throw tripped }
                return fallback
            }
            if let fallback { return fallback }
            throw Marker(undefined: "no variable found with the name '\(name)'", name: name, others: nil).tripped
        }
    }

    private static func subelements(_ call: Call) throws -> [Object] {
        guard call.terms.count >= 2 else {
            throw TemplateError.filter("subelements lookup expects a list of two or three items")
        }
        var skips = false
        if call.terms.count > 2, call.terms[2].isMapping {
            skips = try call.terms[2].attribute("skip_missing").isTrue()
        }
        let path = call.terms[1]
        return try Subelements.pairs(of: call.terms[0], path: path, skipsMissing: skips).map { pair in
            // Unlike the filter, the lookup leaves the list out of the element.
            .tuple([
                try Subelements.without(path.text().parts(separatedBy: ".")[...], in: pair.item(.int(0))),
                try pair.item(.int(1)),
            ])
        }
    }
}

/// `start=2 end=8 stride=3 format=web%02d`, or `2-8/3:web%02d`.
public struct NumberSequence {
    private var start = 1
    private var end: Int?
    private var count: Int?
    private var stride = 1
    private var format = "%d"

    init(_ term: Object, _ options: [(name: String, value: Object)]) throws {
        let text = try term.text()
        if text.contains("=") {
            for word in Cutting.words(text) {
                let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                guard halves.count == 2 else { throw TemplateError.filter("can't parse '\(word)' of a sequence") }
                try set(halves[0], halves[1])
            }
        } else if !text.isEmpty {
            try readShort(text)
        }
        for (name, value) in options { try set(name, try value.text()) }
        guard (count == nil) != (end == nil) else {
            throw TemplateError.filter("must specify count or end in with_sequence, and not both")
        }
        if count == 0 { stride = 0 }
        if let count {
            let end = Int128(start) + (Int128(count) - 1) * Int128(stride)
            guard let end = Int(exactly: count > 0 ? end : Int128(start) + (stride > 0 ? -1 : 1)) else {
                throw Extent.tooLarge
            }
            self.end = end
        }
    }

    private mutating func set(_ name: String, _ text: String) throws {
        if name == "format" { return format = text }
        guard let number = NumberReading.whole(text, base: 0) else {
            throw TemplateError.filter("can't parse \(name)=\(text) of a sequence as a number")
        }
        switch name {
        case "start": start = number
        case "end": end = number
        case "count": count = number
        case "stride": stride = number
        default: throw TemplateError.filter("unrecognized argument '\(name)' of a sequence")
        }
    }

    private static let short = PythonPattern(
        known: #"(?:(0?x?[0-9a-f]+)-)?(0?x?[0-9a-f]+)(?:/(0?x?[0-9a-f]+))?(?::(.+))?"#, .ignoresCase)

    private mutating func readShort(_ text: String) throws {
        let match = try Session.matching { () throws(InputError) in try Self.short.firstMatch(in: text, .whole) }
        guard let match else {
            throw TemplateError.filter("can't parse the sequence '\(text)'")
        }
        if let value = match[1] { try set("start", value) }
        if let value = match[2] { try set("end", value) }
        if let value = match[3] { try set("stride", value) }
        if let value = match[4] { format = value }
    }

    /// Reads a term of `with_sequence`.
    /// - Throws: ``TemplateError`` when it is none, or its numbers leave 64 bits.
    public init(_ term: String) throws { try self.init(.string(term), []) }

    /// The numbers in their format, which is Python's `%`.
    /// - Throws: ``TemplateError`` when they are too many, or the format is none.
    public func texts() throws -> [String] {
        guard let end, stride != 0 else { return [] }
        if stride > 0, end < start { throw TemplateError.filter("to count backwards make stride negative") }
        if stride < 0, end > start { throw TemplateError.filter("to count forward don't make stride negative") }
        let (stop, isTooLarge) = end.addingReportingOverflow(stride > 0 ? 1 : -1)
        guard !isTooLarge else { throw Extent.tooLarge }
        let numbers = RangeObject(start: start, stop: stop, step: stride)
        return try numbers.items().map { try PercentFormatting.apply(format, $0) }
    }
}
