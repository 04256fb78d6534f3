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
        case .bool(let value): output += value ? "True" : "False"
        case .int(let value): output += String(value)
        case .double(let value): output += PythonFloat.text(value)
        case .string(let text): PythonString.write(text, to: &output)
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
        case .moment(let moment): output += Calendar.text(moment)
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

/// How Python quotes text.
enum PythonString {
    static func write(_ text: String, to output: inout String) {
        let quote: Unicode.Scalar = text.utf8.contains(0x27) && !text.utf8.contains(0x22) ? "\"" : "'"
        output.unicodeScalars.append(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case quote:
                output += "\\"
                output.unicodeScalars.append(scalar)
            default: isPrintable(scalar) ? output.unicodeScalars.append(scalar) : escape(scalar, to: &output)
            }
        }
        output.unicodeScalars.append(quote)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar, to output: inout String) {
        let (mark, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        let digits = String(scalar.value, radix: 16)
        output += "\\" + mark + String(repeating: "0", count: width - digits.utf8.count) + digits
    }
}

/// How Python writes floats: the shortest digits that read back the same, an exponent below 1e-4 and from 1e16 on.
enum PythonFloat {
    static func text(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let (digits, exponent) = parts(value.magnitude)
        let sign = value.sign == .minus ? "-" : ""
        if exponent < -4 || exponent >= 16 { return sign + scientific(digits, exponent) }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = exponent + 1
        if digits.utf8.count <= whole {
            return sign + digits + String(repeating: "0", count: whole - digits.utf8.count) + ".0"
        }
        return sign + digits.prefix(whole) + "." + digits.dropFirst(whole)
    }

    private static func scientific(_ digits: String, _ exponent: Int) -> String {
        let mantissa = digits.utf8.count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
        let power = String(exponent.magnitude)
        return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(power.utf8.count == 1 ? "0" : "")\(power)"
    }

    /// The significant digits, and the power of ten of the first.
    private static func parts(_ value: Double) -> (digits: String, exponent: Int) {
        guard value != 0 else { return ("0", 0) }
        let pieces = value.description.split(separator: "e")
        let number = pieces[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = number[0]
        let fraction = number.count > 1 && number[1] != "0" ? number[1] : ""
        var exponent = (pieces.count > 1 ? Int(pieces[1]) ?? 0 : 0) + whole.utf8.count - 1
        var digits = Substring(String(whole + fraction))
        while digits.utf8.first == UInt8(ascii: "0"), digits.utf8.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.utf8.last == UInt8(ascii: "0"), digits.utf8.count > 1 { digits.removeLast() }
        return (String(digits), exponent)
    }
}
