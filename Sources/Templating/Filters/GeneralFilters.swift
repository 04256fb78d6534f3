import Values

/// Defaults, conversions and choices.
extension Filters {
    static let general: [String: Plugin] = {
        let fallback = Plugin("default_value", "boolean", markers: true) { try defaulted($0) }
        return [
            "default": fallback, "d": fallback,
            "mandatory": Plugin("msg", markers: true) { try mandatory($0) },
            "ternary": Plugin("true_val", "false_val", "none_val", markers: true) { call in
                if case .none = call.subject, let value = call[2], !value.isNone { return value }
                return try call.subject.isTrue() ? call.required(0, "true_val") : call.required(1, "false_val")
            },
            "bool": Plugin { .bool(truth($0.subject)) },
            "string": Plugin { .string(try $0.subjectText()) },
            "safe": Plugin { .string(try $0.subjectText()) },
            "type_debug": Plugin(markers: true) { call in
                if case .marker = call.subject { return .string("UndefinedMarker") }
                return .string(call.subject.typeName)
            },
            "attr": Plugin("name") { call in
                let name = try call.text(0, default: "")
                // Items don't count, as `object.name` would have it.
                if call.subject.isMapping { return call.subject.method(name) ?? .missing(name, of: call.subject) }
                return try call.subject.attribute(name)
            },
            "pprint": Plugin { .string(try $0.subject.representation()) },
        ]
    }()

    private static func defaulted(_ call: PluginCall) throws -> Object {
        var boolean = false
        if let flag = call[1] {
            guard case .bool(let value) = try flag.needed() else {
                throw TemplateError.filter("the 'boolean' argument must be of type bool, not '\(flag.typeName)'")
            }
            boolean = value
        }
        let fallback = call[0] ?? .string("")
        if case .marker(let marker) = call.subject { return marker.isUndefined ? fallback : call.subject }
        return try boolean && !call.subject.isTrue() ? fallback : call.subject
    }

    private static func mandatory(_ call: PluginCall) throws -> Object {
        guard case .marker(let marker) = call.subject, marker.isUndefined else { return call.subject }
        if let message = call[0] { throw TemplateError.filter(try message.text()) }
        throw TemplateError.filter("mandatory variable \(marker.name.map { "'\($0)' " } ?? "")not defined")
    }

    private static func truth(_ object: Object) -> Bool {
        object.boolean(in: .filter) ?? false
    }
}

extension Object {
    var isNone: Bool { if case .none = self { true } else { false } }
}
