import Fleet
import Inventories
import Rollouts

/// The fields of one mapping of `drover.yml`, each read as what it must be.
struct Fields {
    private let node: SourceNode
    private let name: String

    /// Takes a mapping that has no other keys than `known`.
    /// - Throws: ``InputError`` for anything else, with the nearest known key.
    init(_ node: SourceNode, of name: String, _ known: [String]) throws(InputError) {
        guard let entries = node.entries else {
            throw InputError("\(name) must be a mapping, but is \(node.summary)", at: node.location)
        }
        for entry in entries {
            guard let key = entry.key.text, known.contains(key) else {
                let found = entry.key.text ?? entry.key.summary
                throw InputError(
                    "\(name) has no '\(found)'", at: entry.key.location, hints: [Self.hint(found, known)])
            }
        }
        self.node = node
        self.name = name
    }

    private static func hint(_ found: String, _ known: [String]) -> String {
        let near = known.map { (distance: $0.editDistance(to: found), name: $0) }
            .filter { $0.distance <= max(1, found.count / 3) }.min { $0 < $1 }
        return near.map { "did you mean '\($0.name)'?" } ?? "it can have: \(known.joined(separator: ", "))"
    }

    subscript(key: String) -> SourceNode? { node[key].flatMap { $0.isNull ? nil : $0 } }

    /// Where the value under `key` stands, else the mapping.
    func place(_ key: String) -> SourceLocation { node[key]?.location ?? node.location }

    func required(_ key: String) throws(InputError) -> SourceNode {
        guard let value = self[key] else { throw InputError("\(name) lacks '\(key)'", at: node.location) }
        return value
    }

    // MARK: text

    func text(_ key: String) throws(InputError) -> String { try text(required(key), key) }

    func optionalText(_ key: String) throws(InputError) -> String? {
        guard let value = self[key] else { return nil }
        return try text(value, key)
    }

    /// One text or a list of them.
    func texts(_ key: String) throws(InputError) -> [String]? {
        guard let value = self[key] else { return nil }
        var texts: [String] = []
        for item in value.items ?? [value] { texts.append(try text(item, key)) }
        return texts
    }

    func absolutePath(_ key: String) throws(InputError) -> String? {
        guard let path = try optionalText(key) else { return nil }
        guard path.hasPrefix("/"), path.count > 1 else {
            throw InputError("\(key) must be an absolute path on the hosts, but is '\(path)'", at: place(key))
        }
        return path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    func urlPath(_ key: String) throws(InputError) -> String? {
        guard let path = try optionalText(key) else { return nil }
        guard path.hasPrefix("/"), !path.contains(where: \.isWhitespace) else {
            throw InputError("\(key) must be a URL's path such as /healthz, but is '\(path)'", at: place(key))
        }
        return path
    }

    private func text(_ value: SourceNode, _ key: String) throws(InputError) -> String {
        guard let text = value.text, !text.isEmpty else {
            throw InputError("\(key) must be text, but is \(value.summary)", at: value.location)
        }
        return text
    }

    // MARK: numbers

    func number(_ key: String, in range: ClosedRange<Int>) throws(InputError) -> Int {
        try number(required(key), key, range)
    }

    func optionalNumber(_ key: String, in range: ClosedRange<Int>) throws(InputError) -> Int? {
        guard let value = self[key] else { return nil }
        return try number(value, key, range)
    }

    private func number(_ value: SourceNode, _ key: String, _ range: ClosedRange<Int>) throws(InputError) -> Int {
        guard case .scalar(.int(let number)) = value.content, range.contains(number) else {
            throw InputError(
                "\(key) must be a number from \(range.lowerBound) to \(range.upperBound), but is \(value.summary)",
                at: value.location)
        }
        return number
    }

    /// `3` or `25%`.
    func batch(_ key: String) throws(InputError) -> BatchSize? {
        guard let value = self[key] else { return nil }
        if case .scalar(.int(let count)) = value.content, count > 0 { return .hosts(count) }
        guard let size = value.text.flatMap(BatchSize.init) else {
            throw InputError(
                "\(key) must be a number of hosts or a percentage such as 25%, but is \(value.summary)",
                at: value.location)
        }
        return size
    }

    /// `500ms`, `30s`, `5m`, `1h`, or a number of seconds.
    func duration(_ key: String) throws(InputError) -> Duration? {
        guard let value = self[key] else { return nil }
        if case .scalar(.int(let seconds)) = value.content, seconds >= 0 { return .seconds(seconds) }
        guard let text = value.text, let duration = Duration(written: text) else {
            throw InputError(
                "\(key) must be a time such as 500ms, 30s or 5m, but is \(value.summary)", at: value.location)
        }
        return duration
    }
}

extension Duration {
    /// Reads `500ms`, `30s`, `5m` or `1h`; `nil` for anything else.
    init?(written text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), digits.count < 10 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(count)
        case "s": self = .seconds(count)
        case "m": self = .seconds(count * 60)
        case "h": self = .seconds(count * 3600)
        default: return nil
        }
    }
}

extension String {
    /// How many characters have to be added, dropped or replaced to make `other` of this.
    fileprivate func editDistance(to other: String) -> Int {
        var last = Array(0...other.count)
        for (row, character) in enumerated() {
            var current = [row + 1]
            for (column, theirs) in other.enumerated() {
                current.append(
                    Swift.min(last[column] + (character == theirs ? 0 : 1), last[column + 1] + 1, current[column] + 1))
            }
            last = current
        }
        return last[other.count]
    }
}
