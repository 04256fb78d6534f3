import Fleet
import Values

/// Regular expressions.
extension Filters {
    static let regex: [String: Plugin] = [
        "regex_replace": Plugin(
            "pattern", "replacement", "ignorecase", "multiline", "count", "mandatory_count"
        ) { call in
            let pattern = try call.pattern(
                call.text(0, default: ""), ignoresCase: call.flag(2), isMultiline: call.flag(3))
            let replacement = try call.text(1, default: "")
            let most = try call.integer(4, default: 0)
            let (text, count) = try replaced(
                try call.subjectText(), pattern, replacement, most: most == 0 ? .max : max(0, most))
            let expected = try call.integer(5, default: 0)
            guard expected == 0 || expected == count else {
                throw TemplateError.filter("pattern should match \(expected) times, but matches \(count) times")
            }
            return .string(text)
        },
        "regex_findall": Plugin("regex", "multiline", "ignorecase") { call in
            let pattern = try call.pattern(
                call.required(0, "regex").text(), ignoresCase: call.flag(2), isMultiline: call.flag(1))
            let text = try call.subjectText()
            return .list(
                try Session.matching { () throws(InputError) in try pattern.matches(in: text) }.map { match in
                    switch pattern.groupCount {
                    case 0: .string(match[0] ?? "")
                    case 1: .string(match[1] ?? "")
                    default: .tuple((1...pattern.groupCount).map { .string(match[$0] ?? "") })
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

    /// A text with matches replaced, no larger than texts may be.
    static func replaced(
        _ text: String, _ pattern: PythonPattern, _ replacement: String, most: Int = .max
    ) throws -> (String, Int) {
        let result = try Session.matching { () throws(InputError) in
            try pattern.replacing(
                in: text, with: PatternReplacement(replacement, for: pattern), most: most, longest: Extent.mostText)
        }
        try Extent.check(text: result.text.utf8.count)
        return result
    }

    private static func searched(_ call: PluginCall) throws -> Object {
        func flag(_ name: String) throws -> Bool { try call.named.first { $0.name == name }?.value.isTrue() ?? false }
        let pattern = try call.pattern(
            call.required(0, "regex").text(), ignoresCase: flag("ignorecase"), isMultiline: flag("multiline"))
        let groups = try call.more.map { try group(try $0.text(), pattern) }
        let text = try call.subjectText()
        guard let match = try Session.matching({ () throws(InputError) in try pattern.firstMatch(in: text) }) else {
            return .none
        }
        if groups.isEmpty { return .string(match[0] ?? "") }
        return .list(groups.map { match[$0].map(Object.string) ?? .none })
    }

    private static func group(_ text: String, _ pattern: PythonPattern) throws -> Int {
        if text.hasPrefix("\\g<"), text.hasSuffix(">") {
            let name = String(text.dropFirst(3).dropLast())
            if let number = Int(name) ?? pattern.names[name], (0...pattern.groupCount).contains(number) {
                return number
            }
            throw TemplateError.filter("no such group '\(name)'")
        }
        guard text.hasPrefix("\\"), let number = Int(text.dropFirst()) else {
            throw TemplateError.filter("unknown argument '\(text)' for regex_search")
        }
        guard (0...pattern.groupCount).contains(number) else {
            throw TemplateError.filter("no such group \(number)")
        }
        return number
    }
}
