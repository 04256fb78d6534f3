import Fleet
import OrderedCollections
import Values

/// What ``HTTPRequest/lines(saving:for:)`` wrote.
struct HTTPAnswer: Sendable {
    private var address = ""
    private var status = -1
    private var reason = ""
    private var headers: [(name: String, value: String)] = []
    private var body: [UInt8] = []
    private let elapsed: Int
    private let complaint: String

    /// Reads the answer of the script.
    init(_ answer: CommandResult) {
        elapsed = Int(answer.elapsed.components.seconds)
        complaint = answer.errorText.trimmingLineEnds
        let lines = answer.output.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        guard answer.succeeded, lines.count == 3,
            let count = Int(String(decoding: lines[1], as: UTF8.self).stripped), count >= 0
        else { return }
        address = String(decoding: lines[0], as: UTF8.self)
        readHead(String(decoding: lines[2].prefix(count), as: UTF8.self))
        body = Array(lines[2].dropFirst(count))
    }

    /// Only the last head counts: an interim answer may come before it.
    private mutating func readHead(_ text: String) {
        for line in text.pythonLines {
            if line.hasPrefix("HTTP/") {
                let words = line.split(separator: " ", maxSplits: 2).map(String.init)
                (status, reason) = (words.count > 1 ? Int(words[1]) ?? -1 : -1, words.count > 2 ? words[2] : "")
                headers = []
            } else if let colon = line.firstIndex(of: ":") {
                headers.append((String(line[..<colon]), String(line[line.index(after: colon)...]).stripped))
            }
        }
    }

    private var isJSON: Bool {
        let type = headers.first { $0.name.lowercased() == "content-type" }?.value.lowercased() ?? ""
        let subtype = type.prefix { $0 != ";" }.split(separator: "/").last ?? ""
        return ["json", "javascript"].contains(subtype) || subtype.hasSuffix("+json")
    }

    /// Headers by name, as fields of a result are called; one that comes several times has all its values.
    private var joinedHeaders: OrderedDictionary<String, String> {
        headers.reduce(into: [:]) { joined, header in
            let name = header.name.replacing("-", with: "_").lowercased()
            joined[name] = joined[name].map { "\($0), \(header.value)" } ?? header.value
        }
    }

    private var cookies: OrderedDictionary<String, String> {
        headers.filter { $0.name.lowercased() == "set-cookie" }.reduce(into: [:]) { cookies, header in
            let pair = header.value.prefix { $0 != ";" }
                .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { cookies[String(pair[0]).stripped] = String(pair[1]) }
        }
    }

    /// The task's result.
    func result(asked url: String, wanted: [Int], returnsContent: Bool, savedTo path: String?) -> TaskResult {
        var fields: Variables = [
            "url": .string(address.isEmpty ? url : address), "status": .int(status), "elapsed": .int(elapsed),
            "redirected": .bool(!address.isEmpty && address != url),
        ]
        for (name, value) in joinedHeaders { fields[name] = .string(value) }
        let isWanted = wanted.contains(status)
        let text = String(decoding: body, as: UTF8.self)
        // An answer that says it is JSON and is not has none, as in Ansible.
        if isJSON, let json = try? Value(json: text) { fields["json"] = json }
        if returnsContent { fields["content"] = .string(text) }
        if let path { fields["path"] = .string(path) }
        let summary =
            status < 0 ? "Request failed: \(complaint)" : "HTTP \(status < 400 ? "" : "Error ")\(status): \(reason)"
        guard isWanted else {
            let list = wanted.map(String.init).joined(separator: ", ")
            return TaskResult(
                failed: true, message: "Status code was \(status) and not [\(list)]: \(summary)", fields: fields)
        }
        // As in Ansible: what was saved may be what was there, and counts as a change all the same.
        guard status < 400 else {
            fields["body"] = .string(text)
            return TaskResult(changed: path != nil, message: summary, fields: fields)
        }
        let cookies = cookies
        fields["cookies"] = cookies.mapValues(Value.string).asMap
        fields["cookies_string"] = .string(cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; "))
        let length = joinedHeaders["content_length"] ?? "unknown"
        return TaskResult(changed: path != nil, message: "OK (\(length) bytes)", fields: fields)
    }
}
