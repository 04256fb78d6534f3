import Values

/// What something is.
extension Tests {
    static let types: [String: Plugin] = [
        "defined": Plugin(markers: true) { try isDefined($0.subject, true) },
        "undefined": Plugin(markers: true) { try isDefined($0.subject, false) },
        "none": simple { if case .none = $0 { true } else { false } },
        "string": simple { if case .string = $0 { true } else { false } },
        "number": simple { $0.number != nil },
        "integer": simple { if case .int = $0 { true } else { false } },
        "float": simple { if case .double = $0 { true } else { false } },
        "boolean": simple { if case .bool = $0 { true } else { false } },
        "mapping": simple { $0.isMapping },
        "sequence": simple { isSequence($0) },
        "iterable": simple { $0.isMapping || isSequence($0) },
        "callable": simple { if case .callable = $0 { true } else { false } },
        "true": simple { if case .bool(true) = $0 { true } else { false } },
        "false": simple { if case .bool(false) = $0 { true } else { false } },
        "truthy": Plugin("convert_bool") { .bool(try truth($0)) },
        "falsy": Plugin("convert_bool") { .bool(try !truth($0)) },
        "escaped": simple { _ in false },
        "vault_encrypted": simple { _ in false },
        "lower": simple { try isCased($0, lower: true) },
        "upper": simple { try isCased($0, lower: false) },
        "filter": simple { if case .string(let name) = $0 { Filters.named(name) != nil } else { false } },
        "test": simple { if case .string(let name) = $0 { named(name) != nil } else { false } },
    ]

    private static func isDefined(_ subject: Object, _ expected: Bool) throws -> Object {
        switch subject {
        case .marker(let marker): marker.isUndefined ? .bool(!expected) : subject
        case .unchosen: .bool(!expected)
        default: .bool(expected)
        }
    }

    private static func isSequence(_ object: Object) -> Bool {
        switch object {
        case .string, .list, .tuple, .range, .dict, .mapping: true
        default: false
        }
    }

    private static func truth(_ call: PluginCall) throws -> Bool {
        if try call.flag(0), let value = call.subject.boolean(in: .argument) { return value }
        return try call.subject.isTrue()
    }

    private static func isCased(_ object: Object, lower: Bool) throws -> Bool {
        let text = try object.text()
        let other = lower ? text.lowercased() : text.uppercased()
        return text.hasSameScalars(as: other) && text.lowercased() != text.uppercased()
    }
}

extension Object {
    /// Whether it is true in a place of Ansible; `nil` when it is no boolean there.
    func boolean(in place: BooleanPlace) -> Bool? {
        switch self {
        case .bool(let value): value
        case .string(let text): Value.boolean(word: text, in: place)
        case .int(let value): Value.int(value).boolean(in: place)
        case .double(let value): Value.double(value).boolean(in: place)
        default: Value.null.boolean(in: place)
        }
    }
}
