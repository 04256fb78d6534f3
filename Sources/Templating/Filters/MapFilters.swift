import OrderedCollections

/// Mappings.
extension Filters {
    static let maps: [String: Plugin] = [
        "combine": Plugin(more: true, moreNamed: true) { try combined($0) },
        "dict2items": Plugin("key_name", "value_name") { call in
            guard call.subject.isMapping else {
                throw TemplateError.filter("dict2items requires a dictionary, got '\(call.subject.typeName)' instead")
            }
            let (key, value) = (try call.text(0, default: "key"), try call.text(1, default: "value"))
            return .list(
                try call.subject.pairs().map { pair in
                    let item = DictObject()
                    item.set(.string(key), pair.key.object)
                    item.set(.string(value), pair.value)
                    return .dict(item)
                })
        },
        "items2dict": Plugin("key_name", "value_name") { call in
            guard call.subject.isSequence else {
                throw TemplateError.filter("items2dict requires a list, got '\(call.subject.typeName)' instead")
            }
            let (key, value) = (try call.text(0, default: "key"), try call.text(1, default: "value"))
            let result = DictObject()
            for item in try call.subject.elements() {
                guard case .dict(let dict) = item, let name = try dict.value(.string(key)),
                    let content = try dict.value(.string(value))
                else {
                    throw TemplateError.filter(
                        "items2dict requires each dictionary in the list to contain the keys '\(key)' and '\(value)'")
                }
                result.set(try name.key(), content)
            }
            return .dict(result)
        },
        "dictsort": Plugin("case_sensitive", "by", "reverse") { call in
            let by = try call.text(1, default: "key")
            guard by == "key" || by == "value" else {
                throw TemplateError.filter("you can only sort by either \"key\" or \"value\"")
            }
            let caseSensitive = try call.flag(0)
            let pairs = try call.subject.pairs().map { Object.tuple([$0.key.object, $0.value]) }
            func key(_ pair: Object) throws -> Object {
                Sorting.folded(try pair.item(.int(by == "key" ? 0 : 1)), caseSensitive: caseSensitive)
            }
            return .list(try Sorting.sorted(pairs, by: key, reverse: call.flag(2)))
        },
        "items": Plugin { call in
            guard call.subject.isMapping else { throw TemplateError.filter("can only get item pairs from a mapping") }
            return .list(try call.subject.pairs().map { .tuple([$0.key.object, $0.value]) })
        },
        "subelements": Plugin("subelements", "skip_missing") { call in
            .list(
                try Subelements.pairs(
                    of: call.subject, path: call.required(0, "subelements"), skipsMissing: call.flag(1)))
        },
        "rekey_on_member": Plugin("key", "duplicates") { try rekeyed($0) },
        "xmlattr": Plugin("autospace") { call in
            guard call.subject.isMapping else { throw TemplateError.filter("attributes need a mapping") }
            let pairs = try call.subject.pairs().filter { if case .none = $0.value { false } else { true } }
            let text = try pairs.map { try xmlAttribute($0.key.object, $0.value) }.joined(separator: " ")
            return .string(try call.flag(0, default: true) && !text.isEmpty ? " " + text : text)
        },
    ]

    /// A name that would end the attribute, or begin another one, is refused.
    private static func xmlAttribute(_ key: Object, _ value: Object) throws -> String {
        guard case .string(let name) = key else {
            throw TemplateError.filter("the name of an attribute must be text, not \(try key.text())")
        }
        guard !name.unicodeScalars.contains(where: { " \t\n\r\u{0B}\u{0C}/>=".unicodeScalars.contains($0) }) else {
            throw TemplateError.filter("invalid character in the name of an attribute: '\(name)'")
        }
        return "\(escaped(name))=\"\(escaped(try value.text()))\""
    }

    private static func combined(_ call: PluginCall) throws -> Object {
        var merging = Merging()
        for (name, value) in call.named {
            switch name {
            case "recursive": merging.isRecursive = try value.isTrue()
            case "list_merge": merging.lists = try Merging.Lists(value.text())
            default:
                throw TemplateError.filter("'recursive' and 'list_merge' are the only valid keyword arguments")
            }
        }
        let maps = try flattened([call.subject] + call.more, levels: 1, skipsNulls: true)
        guard let first = maps.first else { return .dict(DictObject()) }
        guard maps.count > 1 else { return first }
        return try maps.dropFirst().reduce(first) { try merging.merged($0, $1) }
    }

    private static func rekeyed(_ call: PluginCall) throws -> Object {
        let key = try call.required(0, "key")
        let duplicates = try call.text(1, default: "error")
        guard duplicates == "error" || duplicates == "overwrite" else {
            throw TemplateError.filter("duplicates parameter to rekey_on_member has unknown value '\(duplicates)'")
        }
        if case .string = call.subject { throw TemplateError.filter("type is not a valid list, set, or dict") }
        let items = try call.subject.isMapping ? call.subject.pairs().map(\.value) : call.subject.elements()
        let result = DictObject()
        for item in items {
            guard case .dict(let dict) = item else { throw TemplateError.filter("list item is not a valid dict") }
            guard let name = try dict.value(try key.key()) else {
                throw TemplateError.filter("key \(try key.representation()) was not found")
            }
            let place = try name.key()
            guard result.slots[place] == nil || duplicates == "overwrite" else {
                throw TemplateError.filter("key \(try name.representation()) is not unique, cannot convert to dict")
            }
            result.set(place, item)
        }
        return .dict(result)
    }
}

extension Object {
    /// The pairs of a mapping.
    func pairs() throws -> [(key: Key, value: Object)] {
        switch self {
        case .dict(let dict): return try dict.pairs()
        case .mapping(let mapping): return try mapping.pairs()
        case .marker(let marker): throw marker.tripped
        default: throw TemplateError.type("expected a dictionary, got '\(typeName)'")
        }
    }
}

/// How `combine` joins two mappings; the second wins.
struct Merging {
    enum Lists: String {
        case replace, keep, append, prepend
        case appendNew = "append_rp"
        case prependNew = "prepend_rp"

        init(_ text: String) throws {
            guard let lists = Self(rawValue: text) else {
                throw TemplateError(
                    .filter, "'list_merge' can't be '\(text)'",
                    hints: ["use replace, keep, append, prepend, append_rp or prepend_rp"])
            }
            self = lists
        }
    }

    var isRecursive = false
    var lists = Lists.replace

    func merged(_ left: Object, _ right: Object) throws -> Object {
        try StackGuard.check()
        guard left.isMapping, right.isMapping else {
            throw TemplateError.filter(
                "failed to combine variables, expected dicts but got a '\(left.typeName)' and a '\(right.typeName)'")
        }
        let result = DictObject()
        try result.update(from: left)
        for (key, value) in try right.pairs() {
            guard let present = try result.value(key) else {
                result.set(key, value)
                continue
            }
            if isRecursive, present.isMapping, value.isMapping {
                result.set(key, try merged(present, value))
            } else if case .list(let old) = present, case .list(let new) = value {
                result.set(key, .list(ListObject(slots: try merged(old, new))))
            } else {
                result.set(key, value)
            }
        }
        return .dict(result)
    }

    private func merged(_ old: ListObject, _ new: ListObject) throws -> [Slot] {
        switch lists {
        case .replace: return new.slots
        case .keep: return old.slots
        case .append: return old.slots + new.slots
        case .prepend: return new.slots + old.slots
        case .appendNew, .prependNew:
            let fresh = try ObjectSet(new.items())
            let kept = try old.slots.filter { try !fresh.contains($0.object()) }
            return lists == .appendNew ? kept + new.slots : new.slots + kept
        }
    }
}

/// Elements with what a key of theirs holds.
enum Subelements {
    static func pairs(of object: Object, path: Object, skipsMissing: Bool) throws -> [Object] {
        let elements: [Object]
        switch object {
        case .dict, .mapping: elements = try object.pairs().map(\.value)
        case .list(let list): elements = try list.items()
        default: throw TemplateError.filter("obj must be a list of dicts or a nested dict")
        }
        let keys: [Object]
        switch path {
        case .list(let list): keys = try list.items()
        case .string(let text): keys = text.parts(separatedBy: ".").map(Object.string)
        default: throw TemplateError.filter("subelements must be a list or a string")
        }
        return try elements.flatMap { element in
            try values(element, keys, skipsMissing).map { Object.tuple([element, $0]) }
        }
    }

    /// A copy of `element` that lacks what stands at `path`.
    static func without(_ path: ArraySlice<String>, in element: Object) throws -> Object {
        try StackGuard.check()
        guard let key = path.first, case .dict(let dict) = element else { return element }
        let copy = DictObject(slots: dict.slots)
        if path.count == 1 {
            copy.slots[.string(key)] = nil
        } else if let inner = try dict.value(.string(key)) {
            copy.set(.string(key), try without(path.dropFirst(), in: inner))
        }
        return .dict(copy)
    }

    private static func values(_ element: Object, _ keys: [Object], _ skipsMissing: Bool) throws -> [Object] {
        var value = element
        for key in keys {
            guard value.isMapping else {
                throw TemplateError.filter("the key \(try key.text()) should point to a dictionary")
            }
            guard let next = try value.pairs().first(where: { try $0.key.object.equals(key) })?.value else {
                if skipsMissing { return [] }
                throw TemplateError.filter("could not find \(try key.representation()) key in iterated item")
            }
            value = next
        }
        guard case .list(let list) = value else {
            throw TemplateError.filter("the key should point to a list, got '\(value.typeName)'")
        }
        return try list.items()
    }
}
