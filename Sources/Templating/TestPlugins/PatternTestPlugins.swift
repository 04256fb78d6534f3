import Fleet
import Values

/// Regular expressions and versions.
extension Tests {
    static let patterns: [String: Plugin] = {
        func regex(_ kind: PythonPattern.Anchor) -> Plugin {
            Plugin("pattern", "ignorecase", "multiline") { call in
                try .bool(matches(call, kind))
            }
        }
        let version = Plugin("version", "operator", "strict", "version_type") { try .bool(compareVersions($0)) }
        return [
            "match": regex(.start), "search": regex(.anywhere),
            "regex": Plugin("pattern", "ignorecase", "multiline", "match_type") { call in
                let kind: PythonPattern.Anchor =
                    switch try call.text(3, default: "search") {
                    case "match": .start
                    case "fullmatch": .whole
                    default: .anywhere
                    }
                return try .bool(matches(call, kind))
            },
            "version": version, "version_compare": version,
        ]
    }()

    private static func matches(_ call: PluginCall, _ anchor: PythonPattern.Anchor) throws -> Bool {
        let pattern = try call.pattern(
            call.text(0, default: ""), ignoresCase: call.flag(1), isMultiline: call.flag(2))
        let text = try call.subjectText()
        return try Session.matching { () throws(InputError) in try pattern.firstMatch(in: text, anchor) } != nil
    }

    private static func compareVersions(_ call: PluginCall) throws -> Bool {
        let left = try call.subjectText()
        let right = try call.required(0, "version").text()
        guard try call.subject.isTrue() else { throw TemplateError.filter("input version value cannot be empty") }
        guard !right.isEmpty else {
            throw TemplateError.filter("version parameter to compare against cannot be empty")
        }
        let strict = call[2]
        let type = try call.optionalText(3)
        if let strict, type != nil, case .bool = strict {
            throw TemplateError.filter("cannot specify both 'strict' and 'version_type'")
        }
        let scheme = try Version.Scheme(strict: strict?.isTrue() ?? false, type: type)
        let order = try Version.compare(left, right, scheme)
        return try Version.holds(order, call.text(1, default: "eq"))
    }
}
