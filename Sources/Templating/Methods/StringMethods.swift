import Values

/// Methods of Python's `str`.
enum StringMethods {
    typealias Method = @Sendable (String, MethodCall) throws -> Object

    static let all: [String: Method] = plain.merging(searching) { first, _ in first }.merging(cutting) { first, _ in
        first
    }.merging(asking) { first, _ in first }

    private static let plain: [String: Method] = [
        "lower": { text, _ in .string(text.lowercased()) },
        "upper": { text, _ in .string(text.uppercased()) },
        "casefold": { text, _ in .string(text.lowercased()) },
        "title": { text, _ in .string(Casing.title(text)) },
        "capitalize": { text, _ in .string(Casing.capitalized(text)) },
        "swapcase": { text, _ in .string(Casing.swapped(text)) },
        "strip": { text, call in .string(try Stripping.strip(text, call[0], left: true, right: true)) },
        "lstrip": { text, call in .string(try Stripping.strip(text, call[0], left: true, right: false)) },
        "rstrip": { text, call in .string(try Stripping.strip(text, call[0], left: false, right: true)) },
        "removeprefix": { text, call in
            let prefix = try call.text(0)
            return .string(
                text.utf8.starts(with: prefix.utf8) ? String(text.utf8.dropFirst(prefix.utf8.count)) ?? text : text)
        },
        "removesuffix": { text, call in
            let suffix = try call.text(0)
            return .string(
                text.utf8.reversed().starts(with: suffix.utf8.reversed())
                    ? String(text.utf8.dropLast(suffix.utf8.count)) ?? text : text)
        },
        "ljust": { text, call in .string(try padded(text, call, "<")) },
        "rjust": { text, call in .string(try padded(text, call, ">")) },
        "center": { text, call in
            let fill = try call[1].map { try fillCharacter($0) } ?? " "
            return .string(
                try Stripping.centered(text, try call.integer(0, "width", default: 0), fill: String(fill)))
        },
        "zfill": { text, call in
            let (width, count) = (try call.integer(0, "width", default: 0), text.scalarCount)
            guard width > count else { return .string(text) }
            try Extent.check(text: width)
            let sign = text.first.map { "+-".contains($0) } == true ? String(text.prefix(1)) : ""
            return .string(sign + String(repeating: "0", count: width - count) + text.dropFirst(sign.count))
        },
        "expandtabs": { text, call in
            .string(try Stripping.expandedTabs(text, try call.integer(0, "tabsize", default: 8)))
        },
        "replace": { text, call in
            .string(
                try text.replaced(
                    try call.text(0), with: try call.text(1), limit: try call.integer(2, "count", default: -1)))
        },
        "format": { text, call in .string(try BraceFormatting.apply(text, call.arguments)) },
        "format_map": { text, call in
            var arguments = CallArguments()
            guard case .dict(let dict) = try call.required(0) else { throw TemplateError.type("expected a dict") }
            arguments.named = try dict.pairs().compactMap { pair in
                if case .string(let name) = pair.key { (name, pair.value) } else { nil }
            }
            return .string(try BraceFormatting.apply(text, arguments))
        },
        "join": { text, call in
            let parts = try call.required(0).elements().enumerated().map { index, item in
                guard case .string(let part) = item else {
                    throw TemplateError.type("sequence item \(index): expected str instance, \(item.typeName) found")
                }
                return part
            }
            return .string(try Extent.joined(parts, separator: text))
        },
    ]

    private static let searching: [String: Method] = [
        "startswith": { text, call in
            .bool(try affixes(call).contains { text.utf8.starts(with: $0.utf8) })
        },
        "endswith": { text, call in
            .bool(try affixes(call).contains { text.utf8.reversed().starts(with: $0.utf8.reversed()) })
        },
        "find": { text, call in .int(try place(text, call, last: false) ?? -1) },
        "rfind": { text, call in .int(try place(text, call, last: true) ?? -1) },
        "index": { text, call in .int(try found(place(text, call, last: false))) },
        "rindex": { text, call in .int(try found(place(text, call, last: true))) },
        "count": { text, call in
            let part = try call.text(0)
            return .int(part.isEmpty ? text.scalarCount + 1 : text.parts(separatedBy: part).count - 1)
        },
    ]

    private static let cutting: [String: Method] = [
        "split": { text, call in .strings(try Cutting.split(text, call, fromRight: false)) },
        "rsplit": { text, call in .strings(try Cutting.split(text, call, fromRight: true)) },
        "splitlines": { text, call in
            .strings(Cutting.lines(text, keepsEnds: try call.value(0, "keepends")?.isTrue() ?? false))
        },
        "partition": { text, call in
            let separator = try call.text(0)
            let parts = text.parts(separatedBy: separator, limit: 1)
            return .tuple((parts.count == 2 ? [parts[0], separator, parts[1]] : [text, "", ""]).map(Object.string))
        },
        "rpartition": { text, call in
            let separator = try call.text(0)
            let parts = text.parts(separatedBy: separator)
            guard parts.count > 1 else { return .tuple(["", "", text].map(Object.string)) }
            let head = parts.dropLast().joined(separator: separator)
            return .tuple([head, separator, parts[parts.count - 1]].map(Object.string))
        },
    ]

    private static let asking: [String: Method] = [
        "isdigit": { text, _ in
            .bool(every(text) { $0.properties.numericType == .decimal || $0.properties.numericType == .digit })
        },
        "isdecimal": { text, _ in .bool(every(text) { $0.properties.numericType == .decimal }) },
        "isnumeric": { text, _ in .bool(every(text) { $0.properties.numericType != nil }) },
        "isalpha": { text, _ in .bool(every(text) { $0.properties.isAlphabetic }) },
        "isalnum": { text, _ in .bool(every(text) { $0.properties.isAlphabetic || $0.properties.numericType != nil }) },
        "isspace": { text, _ in .bool(every(text) { $0.isPythonSpace }) },
        "isascii": { text, _ in .bool(text.utf8.allSatisfy { $0 < 0x80 }) },
        "islower": { text, _ in .bool(text == text.lowercased() && text != text.uppercased()) },
        "isupper": { text, _ in .bool(text == text.uppercased() && text != text.lowercased()) },
        "istitle": { text, _ in .bool(!text.isEmpty && text == Casing.title(text)) },
        "isidentifier": { text, _ in
            let bytes = Array(text.utf8)
            return .bool(bytes.first.map(Lexer.isNameStart) == true && bytes.allSatisfy(Lexer.isNamePart))
        },
    ]

    // MARK: Parts

    private static func every(_ text: String, _ holds: (Unicode.Scalar) -> Bool) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy(holds)
    }

    private static func padded(_ text: String, _ call: MethodCall, _ alignment: Unicode.Scalar) throws -> String {
        let width = try call.integer(0, "width", default: 0)
        let fill = String(try call[1].map(fillCharacter) ?? " ")
        try Extent.check(text: width)
        guard width > text.scalarCount else { return text }
        let missing = width - text.scalarCount
        // Where it can't be even, Python's `center` puts more to the left in odd widths.
        let left = alignment == "<" ? 0 : alignment == ">" ? missing : missing / 2 + (missing & width & 1)
        return String(repeating: fill, count: left) + text + String(repeating: fill, count: missing - left)
    }

    private static func fillCharacter(_ object: Object) throws -> Unicode.Scalar {
        guard case .string(let text) = object, text.scalarCount == 1, let scalar = text.unicodeScalars.first else {
            throw TemplateError.type("the fill character must be exactly one character long")
        }
        return scalar
    }

    private static func affixes(_ call: MethodCall) throws -> [String] {
        guard case .tuple(let tuple) = try call.required(0) else { return [try call.text(0)] }
        return try tuple.items.map { try $0.text() }
    }

    private static func place(_ text: String, _ call: MethodCall, last: Bool) throws -> Int? {
        let scalars = Array(text.unicodeScalars)
        let part = Array(try call.text(0).unicodeScalars)
        let start = bounded(try call.integer(1, "start", default: 0), scalars.count)
        let end = bounded(try call.integer(2, "end", default: scalars.count), scalars.count)
        guard start <= end, end - start >= part.count else { return nil }
        let places = start...(end - part.count)
        func isHere(_ place: Int) -> Bool { scalars[place..<(place + part.count)].elementsEqual(part) }
        return last ? places.last(where: isHere) : places.first(where: isHere)
    }

    private static func bounded(_ index: Int, _ count: Int) -> Int {
        min(max(index < 0 ? index + count : index, 0), count)
    }

    private static func found(_ place: Int?) throws -> Int {
        guard let place else { throw TemplateError.type("substring not found") }
        return place
    }
}
