/// How YAML is laid out: the parameters of PyYAML's `dump`.
struct YAMLLayout {
    /// Which collections are written in one line.
    enum Flow { case never, leaves, always }

    var flow = Flow.leaves
    var indent = 2
    var width = 80
    var sortsKeys = true
    var startsExplicitly = false
    var endsExplicitly = false
    /// The quote every string gets.
    var style: String?
}

/// Writes YAML as PyYAML with libyaml does.
struct YAMLWriter {
    private let layout: YAMLLayout
    private var sink: YAMLSink
    private var depth = 0

    static func text(_ object: Object, _ layout: YAMLLayout) throws -> String {
        var layout = layout
        if !(2...9).contains(layout.indent) { layout.indent = 2 }
        if layout.width <= layout.indent * 2 { layout.width = layout.width < 0 ? .max : 80 }
        var writer = YAMLWriter(layout: layout, sink: YAMLSink(step: layout.indent, width: layout.width))
        if layout.startsExplicitly { writer.sink.indicator("---", spaced: true) }
        try writer.node(object, .root)
        writer.sink.indent = nil
        writer.sink.lineStart()
        if layout.endsExplicitly { writer.sink.output += "...\n" }
        return writer.sink.output
    }

    /// What a node is part of.
    private enum Context { case root, item, value, key }

    private mutating func node(_ object: Object, _ context: Context) throws {
        depth += 1
        defer { depth -= 1 }
        guard depth < 200 else { throw TemplateError.filter("value is nested too deeply for YAML") }
        try Extent.check(text: sink.output.utf8.count)
        switch object {
        case .list, .tuple: try sequence(object.elements(), context)
        case .dict, .mapping: try mapping(object.pairs(), context)
        case .none: scalar("null", context)
        case .bool(let value): scalar(value ? "true" : "false", context)
        case .int(let value): scalar(String(value), context)
        case .double(let value): scalar(Self.number(value), context)
        case .string(let text): try string(text, context)
        case .moment(let moment): scalar(Calendar.text(moment), context)
        case .marker(let marker): throw marker.tripped
        default: throw TemplateError.filter("a value of type '\(object.typeName)' can't be written as YAML")
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        let text = PythonFloat.text(value)
        return text.contains(".") ? text : text.replacingScalars(of: "e", with: ".0e")
    }

    private func isScalar(_ object: Object) -> Bool { !object.isMapping && !object.isSequence }

    private func isFlow(_ parts: [Object]) -> Bool {
        if sink.flowLevel > 0 || parts.isEmpty { return true }
        return switch layout.flow {
        case .never: false
        case .always: true
        case .leaves: parts.allSatisfy(isScalar)
        }
    }

    // MARK: Collections

    private mutating func sequence(_ items: [Object], _ context: Context) throws {
        if isFlow(items) {
            try flow("[", "]") { writer in
                for (index, item) in items.enumerated() {
                    writer.flowSeparator(index)
                    try writer.node(item, .item)
                }
            }
            return
        }
        let outer = sink.indent
        sink.deepen(indentless: context == .value && !sink.isAtIndent)
        for item in items {
            sink.lineStart()
            sink.indicator("-", spaced: true, keepsIndent: true)
            try node(item, .item)
        }
        sink.indent = outer
    }

    private mutating func mapping(_ pairs: [(key: Key, value: Object)], _ context: Context) throws {
        var pairs = pairs
        if layout.sortsKeys { pairs = Self.sorted(pairs) }
        if isFlow(pairs.flatMap { [$0.key.object, $0.value] }) {
            try flow("{", "}") { writer in
                for (index, pair) in pairs.enumerated() {
                    writer.flowSeparator(index)
                    try writer.key(pair.key.object)
                    try writer.node(pair.value, .value)
                }
            }
            return
        }
        let outer = sink.indent
        sink.deepen(indentless: false)
        for pair in pairs {
            sink.lineStart()
            try key(pair.key.object)
            try node(pair.value, .value)
        }
        sink.indent = outer
    }

    private mutating func key(_ key: Object) throws {
        if case .string(let text) = key, text.utf8.count > 128 || text.utf8.contains(UInt8(ascii: "\n")) {
            sink.indicator("?", spaced: true, keepsIndent: true)
            try node(key, .value)
            sink.lineStart()
            return sink.indicator(":", spaced: true, keepsIndent: true)
        }
        try node(key, .key)
        sink.indicator(":", spaced: false)
    }

    /// Pairs by key; in their own order when keys can't be compared, as PyYAML does.
    private static func sorted(_ pairs: [(key: Key, value: Object)]) -> [(key: Key, value: Object)] {
        do {
            return try pairs.sorted { try $0.key.object.isLess(than: $1.key.object) }
        } catch {
            return pairs
        }
    }

    private mutating func flow(_ open: String, _ close: String, _ body: (inout YAMLWriter) throws -> Void) throws {
        sink.indicator(open, spaced: true, endsBlank: true)
        let outer = sink.indent
        sink.flowLevel += 1
        sink.indent = (sink.indent ?? 0) + layout.indent
        try body(&self)
        sink.flowLevel -= 1
        sink.indent = outer
        sink.indicator(close, spaced: false)
    }

    private mutating func flowSeparator(_ index: Int) {
        if index > 0 { sink.indicator(",", spaced: false) }
        if sink.column > layout.width { sink.lineStart() }
    }

    // MARK: Scalars

    private mutating func scalar(_ text: String, _ context: Context) { sink.plain(text, splits: context != .key) }

    private mutating func string(_ text: String, _ context: Context) throws {
        // Lines after the first stand one level deeper.
        let outer = sink.indent
        sink.indent = (outer ?? 0) + layout.indent
        defer { sink.indent = outer }
        let analysis = YAMLAnalysis(text)
        let isKey = context == .key
        let allowsPlain = sink.flowLevel > 0 ? analysis.allowsFlowPlain : analysis.allowsBlockPlain
        if layout.style == nil, allowsPlain, !(isKey && text.isEmpty), try !YAMLAnalysis.looksTyped(text) {
            sink.plain(text, splits: !isKey)
        } else if layout.style != "\"", analysis.allowsSingleQuotes, !(isKey && analysis.isMultiline) {
            sink.singleQuoted(text, splits: !isKey)
        } else {
            sink.doubleQuoted(text, splits: !isKey)
        }
    }
}
