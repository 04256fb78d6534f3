import Values

/// Laying text out.
extension Filters {
    static let formatting: [String: Plugin] = [
        "indent": Plugin("width", "first", "blank") { .string(try indented($0)) },
        "wordwrap": Plugin("width", "break_long_words", "wrapstring", "break_on_hyphens") { call in
            let width = try call.integer(0, default: 79)
            guard width > 0 else { throw TemplateError.filter("invalid width \(width) (must be > 0)") }
            let wrapper = TextWrapper(
                width: width, breaksLongWords: try call.flag(1, default: true),
                breaksOnHyphens: try call.flag(3, default: true))
            let separator = try call.optionalText(2) ?? "\n"
            let lines = try Cutting.lines(try call.subjectString()).map {
                try Extent.joined(wrapper.lines($0), separator: separator)
            }
            return .string(try Extent.joined(lines, separator: separator))
        },
        "truncate": Plugin("length", "killwords", "end", "leeway") { .string(try truncated($0)) },
        "format": Plugin(more: true, moreNamed: true) { call in
            let format = try call.subjectText()
            guard call.more.isEmpty || call.named.isEmpty else {
                throw TemplateError.filter("can't handle positional and keyword arguments at the same time")
            }
            if !call.named.isEmpty {
                let names = DictObject()
                for (name, value) in call.named { names.set(.string(name), value) }
                return .string(try PercentFormatting.apply(format, .dict(names)))
            }
            return .string(try PercentFormatting.apply(format, .tuple(call.more)))
        },
        "comment": Plugin("style", moreNamed: true) { .string(try CommentBlock(call: $0).lines()) },
    ]

    private static func indented(_ call: PluginCall) throws -> String {
        var indent = "    "
        switch call[0] {
        case nil: break
        case .some(.string(let text)): indent = text
        default: indent = try Arithmetic.repeated(" ", try call.integer(0, default: 4))
        }
        let blank = try call.flag(2)
        var lines = Cutting.lines(try call.subjectString() + "\n")
        try Extent.check(text: indent.utf8.count, times: lines.count)
        for index in lines.indices.dropFirst() where blank || !lines[index].isEmpty {
            lines[index] = indent + lines[index]
        }
        let text = try Extent.joined(lines, separator: "\n")
        return try call.flag(1) ? indent + text : text
    }

    private static func truncated(_ call: PluginCall) throws -> String {
        let text = try call.subjectString()
        let length = try call.integer(0, default: 255)
        let end = try call.text(2, default: "...")
        let leeway = try call.integer(3, default: 5)
        guard length >= end.scalarCount, leeway >= 0 else {
            throw TemplateError.filter("expected length >= \(end.scalarCount), got \(length)")
        }
        let (most, isUnbounded) = length.addingReportingOverflow(leeway)
        if isUnbounded || text.scalarCount <= most { return text }
        let cut = String(text.unicodeScalars.prefix(length - end.scalarCount))
        if try call.flag(1) { return cut + end }
        let words = cut.parts(separatedBy: " ")
        return (words.count > 1 ? words.dropLast().joined(separator: " ") : cut) + end
    }
}

/// A comment in some language, as Ansible's `comment` filter makes it.
private struct CommentBlock {
    private let content: String
    private var parts: [String: String]
    private var prefixCount: Int
    private var postfixCount: Int

    private static let styles: [String: [String: String]] = [
        "plain": ["decoration": "# "], "erlang": ["decoration": "% "], "c": ["decoration": "// "],
        "cblock": ["beginning": "/*", "decoration": " * ", "end": " */"],
        "xml": ["beginning": "<!--", "decoration": " - ", "end": "-->"],
    ]

    init(call: PluginCall) throws {
        content = try call.subjectString()
        let style = try call.text(0, default: "plain")
        guard let defaults = Self.styles[style] else {
            throw TemplateError(
                .filter, "invalid comment style '\(style)'", hints: ["use plain, erlang, c, cblock or xml"])
        }
        var given: [String: Object] = [:]
        for (name, value) in call.named { given[name] = value }
        let decoration = try given["decoration"]?.text() ?? defaults["decoration"] ?? ""
        let edge = try Stripping.strip(decoration, nil, left: false, right: true)
        parts = ["newline": "\n", "beginning": "", "prefix": edge, "postfix": edge, "end": ""]
        parts.merge(defaults) { _, new in new }
        for (name, value) in given where !name.hasSuffix("_count") { parts[name] = try value.text() }
        prefixCount = given["prefix_count"]?.integer ?? 1
        postfixCount = given["postfix_count"]?.integer ?? 1
    }

    private func part(_ name: String) -> String { parts[name] ?? "" }

    func lines() throws -> String {
        let newline = part("newline")
        let decoration = part("decoration")
        var result = part("beginning").isEmpty ? "" : part("beginning") + newline
        let prefix = part("prefix")
        if !prefix.isEmpty {
            result += try Arithmetic.repeated(prefix == newline ? newline : prefix + newline, prefixCount)
        }
        let bare = try Stripping.strip(decoration, nil, left: false, right: true)
        result += try (decoration + content.replaced(newline, with: newline + decoration))
            .replaced(decoration + newline, with: bare + newline)
        result += try Arithmetic.repeated(newline + part("postfix"), postfixCount)
        try Extent.check(text: result.utf8.count + newline.utf8.count + part("end").utf8.count)
        return part("end").isEmpty ? result : result + newline + part("end")
    }
}

/// Python's `textwrap`, as far as `wordwrap` uses it.
struct TextWrapper {
    var width: Int
    var breaksLongWords: Bool
    var breaksOnHyphens: Bool

    func lines(_ text: String) -> [String] {
        var lines: [String] = []
        var current: [String] = []
        var length = 0
        func flush() {
            while let last = current.last, last.stripped.isEmpty { current.removeLast() }
            if !current.isEmpty { lines.append(current.joined()) }
            current = []
            length = 0
        }
        // A word that is broken is cut piece by piece from the front, and not copied for each of them.
        var chunks = self.chunks(text).reversed().map { (rest: $0.unicodeScalars[...], size: $0.scalarCount) }
        while let (chunk, size) = chunks.popLast() {
            if current.isEmpty, !lines.isEmpty, chunk.first?.isPythonSpace ?? true { continue }
            if size <= width - length {
                current.append(String(chunk))
                length += size
            } else if size > width, breaksLongWords {
                let room = max(1, width - length)
                current.append(String(chunk.prefix(room)))
                chunks.append((chunk.dropFirst(room), size - room))
                flush()
            } else if current.isEmpty {
                current.append(String(chunk))
                flush()
            } else {
                flush()
                chunks.append((chunk, size))
            }
        }
        flush()
        return lines
    }

    /// Words and the blanks between them; hyphens end a chunk.
    private func chunks(_ text: String) -> [String] {
        var result: [String] = []
        var current = ""
        var inSpace = false
        for scalar in text.unicodeScalars {
            let isSpace = scalar.isPythonSpace
            if isSpace != inSpace, !current.isEmpty {
                result.append(current)
                current = ""
            }
            inSpace = isSpace
            current.unicodeScalars.append(scalar)
            if breaksOnHyphens, scalar == "-", current.scalarCount > 1,
                current.unicodeScalars.dropLast().last?.properties.isAlphabetic == true
            {
                result.append(current)
                current = ""
            }
        }
        if !current.isEmpty { result.append(current) }
        return result
    }
}
