import Fleet
import Values

/// Case, white space and replacing.
extension Filters {
    static let text: [String: Plugin] = [
        "lower": Plugin { .string(try $0.subjectText().lowercased()) },
        "upper": Plugin { .string(try $0.subjectText().uppercased()) },
        "capitalize": Plugin { .string(Casing.capitalized(try $0.subjectText())) },
        "title": Plugin { .string(titled(try $0.subjectText())) },
        "trim": Plugin("chars") { call in
            .string(try Stripping.strip(try call.subjectText(), call[0], left: true, right: true))
        },
        "replace": Plugin("old", "new", "count") { call in
            let old = try call.required(0, "old").text()
            let new = try call.required(1, "new").text()
            return .string(
                try call.subjectText().replaced(old, with: new, limit: try call.integer(2, default: -1)))
        },
        "center": Plugin("width") {
            .string(try Stripping.centered(try $0.subjectText(), try $0.integer(0, default: 80)))
        },
        "wordcount": Plugin { call in
            let text = try call.subjectText()
            return .int(try Session.matching { () throws(InputError) in try words.matches(in: text) }.count)
        },
        "split": Plugin("sep", "maxsplit") { call in
            guard case .string(let text) = call.subject else {
                throw TemplateError.filter("split expects text, got '\(call.subject.typeName)'")
            }
            var arguments = CallArguments()
            arguments.positional = [call[0] ?? .none, call[1] ?? .int(-1)]
            return .strings(try Cutting.split(text, MethodCall(arguments), fromRight: false))
        },
        "escape": Plugin { .string(escaped(try $0.subjectText())) },
        "e": Plugin { .string(escaped(try $0.subjectText())) },
        "forceescape": Plugin { .string(escaped(try $0.subjectText())) },
        "striptags": Plugin { call in
            let plain = try replaced(try call.subjectText(), tags, "").0
            return .string(Cutting.words(plain).joined(separator: " "))
        },
        "quote": Plugin { call in
            .string(ShellText.quoted(call.subject.isNone ? "" : try call.subjectText()))
        },
    ]

    private static let words = PythonPattern(known: #"\w+"#)
    private static let tags = PythonPattern(known: "(<!--.*?-->|<[^>]*>)")

    /// Jinja2's title case: after white space, hyphens and brackets.
    private static func titled(_ text: String) -> String {
        var result = ""
        var isStart = true
        for scalar in text.unicodeScalars {
            result += isStart ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
            isStart = scalar.isPythonSpace || "-([{<".unicodeScalars.contains(scalar)
        }
        return result
    }

    /// Text that HTML and XML show as it is.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "'": result += "&#39;"
            case "\"": result += "&#34;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// Text for a shell, as Python's `shlex.quote` makes it.
enum ShellText {
    static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (Lexer.isNamePart($0) && $0 < 0x80) || "@%+=:,./-".utf8.contains($0) }
        if isPlain, !text.isEmpty { return text }
        return "'" + text.replacingScalars(of: "'", with: #"'"'"'"#) + "'"
    }
}
