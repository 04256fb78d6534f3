/// Regular expressions.
extension Filters {
    static let regex: [String: Plugin] = [
        "regex_replace": Plugin(
            "pattern", "replacement", "ignorecase", "multiline", "count", "mandatory_count"
        ) { call in
            let expression = try RegularExpression.cached(
                call.text(0, default: ""), ignoresCase: call.flag(2), isMultiline: call.flag(3))
            let template = try ReplacementTemplate(call.text(1, default: ""), for: expression)
            let (text, count) = try expression.replacing(
                in: try call.subjectText(), with: template, limit: call.integer(4, default: 0))
            let expected = try call.integer(5, default: 0)
            guard expected == 0 || expected == count else {
                throw TemplateError.filter("pattern should match \(expected) times, but matches \(count) times")
            }
            return .string(text)
        },
        "regex_findall": Plugin("regex", "multiline", "ignorecase") { call in
            let expression = try RegularExpression.cached(
                try call.required(0, "regex").text(), ignoresCase: call.flag(2), isMultiline: call.flag(1))
            return .list(
                try expression.matches(in: try call.subjectText()).map { match in
                    switch expression.groupCount {
                    case 0: .string(match[0] ?? "")
                    case 1: .string(match[1] ?? "")
                    default: .tuple(match.groups.dropFirst().map { .string($0 ?? "") })
                    }
                })
        },
        "regex_search": Plugin("regex", more: true, moreNamed: true) { try searched($0) },
        "regex_escape": Plugin("re_type") { call in
            let text = try call.subjectText()
            switch try call.text(0, default: "python") {
            case "python":
                return .string(
                    escaped(
                        text,
                        Set("\t\n\u{B}\u{C}\r !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".unicodeScalars).subtracting(
                            Set("!\"%',/:;<=>@_`".unicodeScalars))))
            case "posix_basic": return .string(escaped(text, Set("].[^$*\\".unicodeScalars)))
            case let other: throw TemplateError.filter("regex type '\(other)' is not supported")
            }
        },
    ]

    private static func escaped(_ text: String, _ special: Set<Unicode.Scalar>) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if special.contains(scalar) { result.append("\\") }
            result.append(scalar)
        }
        return String(result)
    }

    private static func searched(_ call: PluginCall) throws -> Object {
        func flag(_ name: String) throws -> Bool { try call.named.first { $0.name == name }?.value.isTrue() ?? false }
        let expression = try RegularExpression.cached(
            try call.required(0, "regex").text(), ignoresCase: flag("ignorecase"), isMultiline: flag("multiline"))
        let groups = try call.more.map { try group(try $0.text(), expression) }
        guard let match = try expression.firstMatch(in: call.subjectText()) else { return .none }
        if groups.isEmpty { return .string(match[0] ?? "") }
        return .list(groups.map { match[$0].map(Object.string) ?? .none })
    }

    private static func group(_ text: String, _ expression: RegularExpression) throws -> Int {
        if text.hasPrefix("\\g<"), text.hasSuffix(">") {
            let name = String(text.dropFirst(3).dropLast())
            if let number = Int(name) ?? expression.names[name], (0...expression.groupCount).contains(number) {
                return number
            }
            throw TemplateError.filter("no such group '\(name)'")
        }
        guard text.hasPrefix("\\"), let number = Int(text.dropFirst()) else {
            throw TemplateError.filter("unknown argument '\(text)' for regex_search")
        }
        guard (0...expression.groupCount).contains(number) else {
            throw TemplateError.filter("no such group \(number)")
        }
        return number
    }
}
