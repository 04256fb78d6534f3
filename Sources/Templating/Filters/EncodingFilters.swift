import Crypto
import Fleet
import FoundationEssentials
import OrderedCollections
import Values

/// JSON, YAML, base 64, hashes.
extension Filters {
    static let encodings: [String: Plugin] = {
        var filters: [String: Plugin] = [
            "to_json": Plugin("profile", moreNamed: true) { call in
                let layout = try JSONLayout(call.named)
                return .string(try call.subject.json(layout))
            },
            "to_nice_json": Plugin("indent", "sort_keys", moreNamed: true) { call in
                let named = call.named.filter { $0.name != "separators" }
                var layout = try JSONLayout(named, indent: JSONLayout.indent(call[0] ?? .int(4)))
                layout.sortsKeys = try call.flag(1, default: true)
                return .string(try call.subject.json(layout))
            },
            "tojson": Plugin("indent") { call in
                let layout = JSONLayout(indent: try call[0].flatMap { try JSONLayout.indent($0) }, sortsKeys: true)
                return .string(safeForHTML(try call.subject.json(layout)))
            },
            "from_json": Plugin("profile", moreNamed: true) { try Object.json(try $0.subjectString()) },
            "from_yaml": Plugin { call in
                guard case .string(let text) = call.subject else { return call.subject }
                return try yaml(text, call).first ?? .none
            },
            "from_yaml_all": Plugin { call in
                guard case .string(let text) = call.subject else {
                    return call.subject.isNone ? .list([Object]()) : call.subject
                }
                return .list(try documents(of: text).flatMap { try yaml($0, call) })
            },
            "b64encode": Plugin("encoding", "urlsafe") { call in
                let text = Base64Coding.text(Array(try call.subjectText().utf8))
                guard try call.flag(1) else { return .string(text) }
                return .string(text.replacingScalars(of: "+", with: "-").replacingScalars(of: "/", with: "_"))
            },
            "b64decode": Plugin("encoding", "urlsafe") { .string(try decoded($0)) },
            "hash": Plugin("hashtype") { .string(try digest(try $0.subjectText(), $0.text(0, default: "sha1"))) },
            "to_uuid": Plugin("namespace") { call in
                let namespace = try call.text(0, default: "361e6d51-faec-444a-9079-341386da8e2e")
                return .string(try NameUUID.text(try call.subjectText(), namespace: namespace))
            },
        ]
        for (name, type) in [("md5", "md5"), ("sha1", "sha1"), ("checksum", "sha1")] {
            filters[name] = Plugin { .string(try digest(try $0.subjectText(), type)) }
        }
        return filters
    }()

    /// Jinja2's `tojson` may stand inside HTML.
    private static func safeForHTML(_ text: String) -> String {
        [("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("'", "\\u0027")].reduce(text) {
            $0.replacingScalars(of: $1.0, with: $1.1)
        }
    }

    /// A text cut where a line begins with `---`.
    private static func documents(of text: String) -> [String] {
        var documents: [[String]] = [[]]
        for line in text.parts(separatedBy: "\n") {
            if line == "---" || line.hasPrefix("--- ") { documents.append([]) }
            documents[documents.count - 1].append(line)
        }
        if documents[0].allSatisfy({ $0.stripped.isEmpty }) { documents.removeFirst() }
        return documents.map { $0.joined(separator: "\n") }
    }

    private static func yaml(_ text: String, _ call: PluginCall) throws -> [Object] {
        guard let read = call.session.environment.readYAML else {
            throw TemplateError.filter("YAML can't be read here")
        }
        do {
            return try read(text).map { try call.session.object(from: $0.withoutTemplates) }
        } catch let error as InputError {
            throw TemplateError.filter(error.message)
        }
    }

    private static func decoded(_ call: PluginCall) throws -> String {
        var text = try call.subjectText()
        if try call.flag(1) { text = text.replacingScalars(of: "-", with: "+").replacingScalars(of: "_", with: "/") }
        guard let bytes = Base64Coding.bytesPassingOver(text) else {
            throw TemplateError.filter("incorrect padding in base 64 text")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func digest(_ text: String, _ type: String) throws -> String {
        let data = Data(text.utf8)
        let bytes: [UInt8] =
            switch type.lowercased() {
            case "md5": Array(Insecure.MD5.hash(data: data))
            case "sha1": Array(Insecure.SHA1.hash(data: data))
            case "sha256": Array(SHA256.hash(data: data))
            case "sha384": Array(SHA384.hash(data: data))
            case "sha512": Array(SHA512.hash(data: data))
            default:
                throw TemplateError(
                    .filter, "unsupported hash type '\(type)'", hints: ["use md5, sha1, sha256, sha384 or sha512"])
            }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension JSONLayout {
    /// The parameters of `json.dumps` as a template gives them.
    init(_ named: [(name: String, value: Object)], indent: String? = nil) throws {
        var indent = indent
        var separators: (item: String, key: String)?
        var (sortsKeys, ensuresASCII) = (false, true)
        for (name, value) in named {
            switch name {
            case "indent": indent = try Self.indent(value)
            case "sort_keys": sortsKeys = try value.isTrue()
            case "ensure_ascii": ensuresASCII = try value.isTrue()
            case "separators":
                if value.isNone { continue }
                separators = (try value.item(.int(0)).text(), try value.item(.int(1)).text())
            case "vault_to_text", "preprocess_unsafe", "allow_nan", "skipkeys", "check_circular", "default": continue
            default: throw TemplateError.filter("got an unexpected keyword argument '\(name)'")
            }
        }
        self.init(
            indent: indent, sortsKeys: sortsKeys, ensuresASCII: ensuresASCII, itemSeparator: separators?.item,
            keySeparator: separators?.key ?? ": ")
    }

    /// Blanks, or the text that stands for each level.
    static func indent(_ object: Object) throws -> String? {
        switch object {
        case .none: nil
        case .string(let text): text
        default: try object.integer.map { try Arithmetic.repeated(" ", $0) }
        }
    }
}

extension Value {
    /// The same data, of which nothing is evaluated.
    var withoutTemplates: Value {
        switch self {
        case .template(let template): .string(template.text)
        case .list(let items): .list(items.map(\.withoutTemplates))
        case .map(let fields): .map(.init(uniqueKeysWithValues: fields.map { ($0.key, $0.value.withoutTemplates) }))
        default: self
        }
    }
}

/// UUIDs made of names (version 5).
enum NameUUID {
    static func text(_ name: String, namespace: String) throws -> String {
        let digits = namespace.filter { $0 != "-" && $0 != "{" && $0 != "}" }
        var bytes: [UInt8] = []
        var rest = digits[...]
        while rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        guard bytes.count == 16, rest.isEmpty else {
            throw TemplateError.filter("invalid value '\(namespace)' for 'namespace'")
        }
        var hash = Array(Insecure.SHA1.hash(data: bytes + Array(name.utf8)).prefix(16))
        hash[6] = hash[6] & 0x0F | 0x50
        hash[8] = hash[8] & 0x3F | 0x80
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Hex.text(hash[$0]) }.joined(separator: "-")
    }
}
