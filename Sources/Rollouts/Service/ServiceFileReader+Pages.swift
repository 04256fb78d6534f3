import Fleet
import Inventories
import Values

extension ServiceFileReader {
    /// A gate that asks for a page.
    func page(_ node: SourceNode, timeout: Duration?) throws(InputError) -> PageGate {
        let fields = try ServiceFileFields(node, .page, mistakes)
        var gate = PageGate(path: try fields.urlPath("path") ?? "/", timeout: timeout ?? ServiceKeys.usualPageTime)
        fields.take("expect", into: &gate.expect) { fields, key throws(InputError) in try fields.statuses(key) }
        gate.port = fields.attempt { fields throws(InputError) in try fields.optionalNumber("port") }
        fields.take("to", into: &gate.destination) { fields, key throws(InputError) in try Self.destination(fields, key)
        }
        if gate.destination == .batch, timeout != nil {
            mistakes.note(
                InputError("a gate to the batch takes no timeout: each host has 3 s to answer", at: node.location))
        }
        fields.take("method", into: &gate.method) { fields, key throws(InputError) in
            try fields.word(key, of: ["GET", "HEAD"])
        }
        gate.hostName = fields.attempt { fields throws(InputError) in try Self.hostName(fields) }
        gate.headers = fields.attempt { fields throws(InputError) in try Self.headers(fields, "headers") } ?? [:]
        gate.header = matches(fields)
        gate.body = fields.attempt { fields throws(InputError) in
            try Self.match(fields.optionalText("body"), fields, "body")
        }
        if gate.method == "HEAD", gate.body != nil {
            mistakes.note(InputError("the answer to HEAD has no body", at: fields.place("body")))
        }
        fields.take("follow", into: &gate.follows) { fields, key throws(InputError) in try fields.flag(key) }
        return gate
    }

    private static func destination(
        _ fields: ServiceFileFields, _ key: String
    ) throws(InputError) -> PageGate.Destination? {
        guard let word = try fields.optionalText(key) else { return nil }
        if let destination = PageGate.Destination(rawValue: word) { return destination }
        throw InputError(
            "'to' is one of balancers and batch, but is '\(word)'", at: fields.place(key),
            hints: ["balancers: through every balancer; batch: on each host that just got the build"])
    }

    private static func hostName(_ fields: ServiceFileFields) throws(InputError) -> String? {
        guard let name = try fields.optionalText("host") else { return nil }
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !name.contains("/") else {
            throw InputError("host must be a name such as shop.example.org, but is '\(name)'", at: fields.place("host"))
        }
        return name
    }

    private func matches(_ fields: ServiceFileFields) -> [String: TextMatch] {
        let written = fields.attempt { fields throws(InputError) in try Self.headers(fields, "header") } ?? [:]
        return written.reduce(into: [:]) { matches, field in
            matches[field.key] = mistakes.attempt { () throws(InputError) in
                try Self.match(field.value, fields, "header")
            }.flatMap(\.self)
        }
    }

    private static func match(
        _ text: String?, _ fields: ServiceFileFields, _ key: String
    ) throws(InputError) -> TextMatch? {
        guard let match = text.map(TextMatch.init) else { return nil }
        guard let fault = match.fault else { return match }
        throw InputError(
            "\(key) has '\(match)', which is no regular expression of 'grep -E': \(fault)", at: fields.place(key))
    }

    /// Header fields by name, as they can stand in a request.
    private static func headers(_ fields: ServiceFileFields, _ key: String) throws(InputError) -> [String: String]? {
        guard let node = fields[key] else { return nil }
        guard let entries = node.entries else {
            throw InputError("\(key) must be a mapping of names to values, but is \(node.summary)", at: node.location)
        }
        var headers: [String: String] = [:]
        for entry in entries {
            guard let name = entry.key.text, !name.isEmpty, name.utf8.allSatisfy(isNameByte) else {
                throw InputError("\(entry.key.summary) cannot name a header field", at: entry.key.location)
            }
            guard let value = entry.value.text, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw InputError(
                    "'\(name)' in \(key) must be text of one line, but is \(entry.value.summary)",
                    at: entry.value.location)
            }
            headers[name] = value
        }
        return headers
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        ServiceName.isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
