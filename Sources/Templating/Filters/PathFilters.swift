import Fleet
import OrderedCollections
import Values

/// Paths and URLs.
extension Filters {
    static let paths: [String: Plugin] = [
        "basename": Plugin { .string(PathText.baseName(try $0.subjectString())) },
        "dirname": Plugin { .string(PathText.directory(try $0.subjectString())) },
        "splitext": Plugin { call in
            let (root, suffix) = PathText.splitSuffix(try call.subjectString())
            return .tuple([.string(root), .string(suffix)])
        },
        "path_join": Plugin { call in
            if case .string = call.subject { return call.subject }
            guard call.subject.isSequence else {
                throw TemplateError.filter("path_join expects a string or sequence, got '\(call.subject.typeName)'")
            }
            return .string(PathText.joined(try call.subject.elements().map(pathPart)))
        },
        "normpath": Plugin { .string(PathText.normalized(try $0.subjectString())) },
        "relpath": Plugin("start") { call in
            .string(PathText.relative(try call.subjectString(), to: try call.text(0, default: ".")))
        },
        "commonpath": Plugin { call in
            guard call.subject.isSequence else { throw TemplateError.filter("commonpath expects a sequence") }
            return .string(try PathText.common(try call.subject.elements().map(pathPart)))
        },
        "win_basename": Plugin { call in
            .string(
                String(
                    try call.subjectString().split(omittingEmptySubsequences: false) { "/\\".contains($0) }.last ?? "")
            )
        },
        "win_dirname": Plugin { call in
            let text = try call.subjectString()
            guard let end = text.lastIndex(where: { "/\\".contains($0) }) else { return .string("") }
            var head = text[...end]
            if head.contains(where: { !"/\\:".contains($0) }) {
                while let last = head.last, "/\\".contains(last) { head.removeLast() }
            }
            return .string(String(head))
        },
        "win_splitdrive": Plugin { call in
            let text = try call.subjectString()
            let hasDrive = text.dropFirst().first == ":"
            let drive = hasDrive ? String(text.prefix(2)) : ""
            return .tuple([.string(drive), .string(String(text.dropFirst(drive.count)))])
        },
        "urlsplit": Plugin("query", "alias") { call in
            let parts = URLParts(try call.subjectString())
            func text(_ value: String?) -> Object { value.map(Object.string) ?? .none }
            let all = Object.dict([
                "fragment": .string(parts.fragment), "hostname": text(parts.hostname), "netloc": .string(parts.netloc),
                "password": text(parts.password), "path": .string(parts.path),
                "port": parts.port.flatMap { Int($0) }.map(Object.int) ?? .none, "query": .string(parts.query),
                "scheme": .string(parts.scheme), "username": text(parts.username),
            ])
            let query = try call.text(0, default: "")
            if query.isEmpty { return all }
            guard case .dict(let dict) = all, let part = try dict.value(.string(query)) else {
                throw TemplateError.filter("urlsplit: unknown URL component: \(query)")
            }
            return part
        },
        "urlencode": Plugin { call in
            guard call.subject.isMapping || call.subject.isSequence else {
                return .string(PercentEncoding.encoded(try call.subjectText(), keeping: "/"))
            }
            let pairs: [(Object, Object)] =
                try call.subject.isMapping
                ? call.subject.pairs().map { ($0.key.object, $0.value) }
                : call.subject.elements().map { (try $0.item(.int(0)), try $0.item(.int(1))) }
            func form(_ object: Object) throws -> String {
                PercentEncoding.encoded(try object.text(), keeping: " ").replacingScalars(of: " ", with: "+")
            }
            return .string(try pairs.map { "\(try form($0.0))=\(try form($0.1))" }.joined(separator: "&"))
        },
        "urldecode": Plugin { call in
            .string(PercentEncoding.decoded(try call.subjectString().replacingScalars(of: "+", with: " ")))
        },
        "expanduser": Plugin { call in
            let text = try call.subjectText()
            let home = try call.environmentVariable("HOME")
            return .string(HomeFolder.expanding(text) { $0.isEmpty ? home : nil })
        },
        "expandvars": Plugin { call in
            var text = try call.subjectText()
            let given = text
            for match in try Session.matching({ () throws(InputError) in try shellVariables.matches(in: given) }) {
                guard let name = match[1] ?? match[2], let value = try call.environmentVariable(name) else { continue }
                text = try text.replaced(match[0] ?? "", with: value)
            }
            return .string(text)
        },
    ]
}

extension Filters {
    /// As `posixpath.expandvars` has it.
    private static let shellVariables = PythonPattern(known: #"(?a)\$(?:(\w+)|\{([^}]*)\})"#)

    fileprivate static func pathPart(_ object: Object) throws -> String {
        guard case .string(let text) = object else {
            throw TemplateError.filter("expected text for a path, got '\(object.typeName)'")
        }
        return text
    }
}

extension PluginCall {
    /// A variable of this machine's environment, through the `env` lookup.
    fileprivate func environmentVariable(_ name: String) throws -> String? {
        guard let lookup = session.outside.lookups["env"] else { return nil }
        let found = try lookup(TemplateEnvironment.LookupCall(terms: [.string(name)], options: [:], location: nil))
        return found.first?.text.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Paths, as Python's `posixpath` treats them.
enum PathText {
    static func baseName(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    static func directory(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        var head = path[...slash]
        if head.contains(where: { $0 != "/" }) { while head.last == "/" { head.removeLast() } }
        return String(head)
    }

    static func splitSuffix(_ path: String) -> (String, String) {
        let base = baseName(path)
        let body = base.drop { $0 == "." }
        guard let dot = body.lastIndex(of: ".") else { return (path, "") }
        let suffix = String(body[dot...])
        return (String(path.dropLast(suffix.count)), suffix)
    }

    static func joined(_ parts: [String]) -> String {
        parts.dropFirst().reduce(parts.first ?? "") { path, part in
            if part.hasPrefix("/") { return part }
            return path.isEmpty || path.hasSuffix("/") ? path + part : path + "/" + part
        }
    }

    static func normalized(_ path: String) -> String {
        if path.isEmpty { return "." }
        let slashes = path.hasPrefix("//") && !path.hasPrefix("///") ? "//" : path.hasPrefix("/") ? "/" : ""
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part != ".." || (slashes.isEmpty && parts.isEmpty) || parts.last == ".." {
                parts.append(part)
            } else if !parts.isEmpty {
                parts.removeLast()
            }
        }
        let result = slashes + parts.joined(separator: "/")
        return result.isEmpty ? "." : result
    }

    /// Both taken as absolute, or both as relative to the same place.
    static func relative(_ path: String, to start: String) -> String {
        let from = normalized(start).split(separator: "/").filter { $0 != "." }
        let to = normalized(path).split(separator: "/").filter { $0 != "." }
        let common = zip(from, to).prefix { $0 == $1 }.count
        let parts = Array(repeating: "..", count: from.count - common) + to.dropFirst(common)
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    static func common(_ paths: [String]) throws -> String {
        guard let first = paths.first else { throw TemplateError.filter("commonpath() arg is an empty sequence") }
        let isAbsolute = first.hasPrefix("/")
        guard paths.allSatisfy({ $0.hasPrefix("/") == isAbsolute }) else {
            throw TemplateError.filter("can't mix absolute and relative paths")
        }
        let split = paths.map { $0.split(separator: "/").filter { $0 != "." } }
        var parts = split[0]
        for other in split.dropFirst() { parts = zip(parts, other).prefix { $0 == $1 }.map(\.0) }
        return (isAbsolute ? "/" : "") + parts.joined(separator: "/")
    }
}

/// `%20` and its like.
enum PercentEncoding {
    static func encoded(_ text: String, keeping kept: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let isPlain =
                (Lexer.isNamePart(byte) && byte < 0x80) || "-.~".utf8.contains(byte) || kept.utf8.contains(byte)
            if isPlain {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    static func decoded(_ text: String) -> String {
        var result: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let digits = String(rest.prefix(2)), digits.utf8.count == 2,
                let value = UInt8(digits, radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
