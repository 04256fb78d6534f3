import Values

/// Python's `str()` and `repr()`.
extension Object {
    /// What `str()` gives.
    func text() throws -> String {
        switch self {
        case .string(let text): return text
        case .unchosen: return ""
        default:
            var result = ""
            try write(to: &result, Style(), depth: 0)
            return result
        }
    }

    /// What `repr()` gives.
    func representation() throws -> String {
        var result = ""
        try write(to: &result, Style(), depth: 0)
        return result
    }

    /// What a template puts out: as `str()`, but tuples are lists, as they are in Ansible's variables.
    func printed() throws -> String {
        switch self {
        case .string(let text): return text
        case .none, .unchosen, .omit: return ""
        default:
            var result = ""
            try write(to: &result, Style(tuplesAreLists: true), depth: 0)
            return result
        }
    }

    private struct Style {
        var tuplesAreLists = false
    }

    private func write(to output: inout String, _ style: Style, depth: Int) throws {
        guard depth < 200 else { throw TemplateError.type("value is nested too deeply to print") }
        try Extent.check(text: output.utf8.count)
        switch self {
        case .none: output += "None"
        case .bool(let value): output += PythonText.of(value)
        case .int(let value): output += String(value)
        case .double(let value): output += PythonFloat.text(value)
        case .string(let text): PythonText.quote(text, into: &output)
        case .list(let list): try Self.write(list.items(), "[", "]", to: &output, style, depth)
        case .tuple(let tuple) where style.tuplesAreLists:
            try Self.write(tuple.items, "[", "]", to: &output, style, depth)
        case .tuple(let tuple):
            try Self.write(tuple.items, "(", tuple.items.count == 1 ? ",)" : ")", to: &output, style, depth)
        case .dict(let dict): try Self.write(dict.pairs(), to: &output, style, depth)
        case .mapping(let mapping): try Self.write(mapping.pairs(), to: &output, style, depth)
        case .range(let range):
            output += "range(\(range.start), \(range.stop)\(range.step == 1 ? "" : ", \(range.step)"))"
        case .marker(let marker): throw marker.tripped
        case .unchosen: output += "Undefined"
        case .omit: output += "<<Omit>>"
        case .callable(let callable):
            output += callable.acceptsMarkers ? "<Macro '\(callable.name)'>" : "<function \(callable.name)>"
        case .namespace: output += "<Namespace>"
        case .cycler: output += "<Cycler>"
        case .loop(let loop): output += "<LoopContext \(loop.index + 1)/\(loop.items.count)>"
        case .module(let module): output += "<TemplateModule '\(module.name)'>"
        case .interval(let interval): output += interval.text
        case .moment(let moment): output += moment.text
        }
    }

    private static func write(
        _ items: [Object], _ start: String, _ end: String, to output: inout String, _ style: Style, _ depth: Int
    ) throws {
        output += start
        var isFirst = true
        for item in items {
            if case .omit = item { continue }
            if !isFirst { output += ", " }
            isFirst = false
            try item.write(to: &output, style, depth: depth + 1)
        }
        output += end
    }

    private static func write(
        _ pairs: [(key: Key, value: Object)], to output: inout String, _ style: Style, _ depth: Int
    ) throws {
        output += "{"
        var isFirst = true
        for (key, value) in pairs {
            if case .omit = value { continue }
            if !isFirst { output += ", " }
            isFirst = false
            try key.object.write(to: &output, style, depth: depth + 1)
            output += ": "
            try value.write(to: &output, style, depth: depth + 1)
        }
        output += "}"
    }
}
