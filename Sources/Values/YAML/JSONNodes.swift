import Fleet

/// Nodes of a file that is JSON, which Ansible tries before YAML: numbers, escapes and repeated keys are JSON's.
struct JSONNodes {
    private var reader: JSONReader
    private let file: String
    private let repeatedKeys: YAMLReader.RepeatedKeys
    private let scalars: YAMLScalars

    init(_ text: String, file: String, repeatedKeys: YAMLReader.RepeatedKeys, scalars: YAMLScalars) {
        reader = JSONReader(text)
        self.file = file
        self.repeatedKeys = repeatedKeys
        self.scalars = scalars
    }

    /// Whether a text is a list or a mapping in JSON.
    static func canRead(_ text: String) -> Bool {
        let first = text.utf8.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return false }
        var reader = JSONReader(text)
        do throws(JSONError) {
            while try reader.next() != nil {}
            return true
        } catch {
            return false
        }
    }

    /// The node of the whole text.
    mutating func document() throws(InputError) -> SourceNode { try node(try next()) }

    private mutating func next() throws(InputError) -> JSONToken? {
        do throws(JSONError) {
            return try reader.next()
        } catch {
            throw InputError(
                "the file is no JSON: \(error.message)",
                at: SourceLocation(file: file, line: error.line, column: error.column))
        }
    }

    /// Where the last piece begins.
    private mutating func place() -> SourceLocation {
        let (line, column) = reader.position()
        return SourceLocation(file: file, line: line, column: column)
    }

    private mutating func node(_ token: JSONToken?) throws(InputError) -> SourceNode {
        let location = place()
        switch token {
        case .listStart: return SourceNode(.sequence(try items()), at: location)
        case .mapStart: return SourceNode(.mapping(try entries()), at: location)
        case .bool(let flag): return scalar(.bool(flag), location)
        case .int(let number): return scalar(.int(number), location)
        case .digits(let digits): return scalar(.string(digits), location)
        case .double(let number): return scalar(.double(number), location)
        case .string(let text): return scalar(.trusted(text, at: location), location)
        case nil, .null, .key, .listEnd, .mapEnd: return SourceNode(.scalar(.null), at: location)
        }
    }

    private func scalar(_ value: Value, _ location: SourceLocation) -> SourceNode {
        SourceNode(.scalar(scalars.isRevealed ? scalars.vault.revealed(value) : value), at: location)
    }

    private mutating func items() throws(InputError) -> [SourceNode] {
        var items: [SourceNode] = []
        while true {
            let token = try next()
            if case .listEnd = token { return items }
            items.append(try node(token))
        }
    }

    private mutating func entries() throws(InputError) -> [SourceNode.Entry] {
        var entries = MappingEntries(repeatedKeys)
        while case .key(let name) = try next() {
            let key = SourceNode(.scalar(.string(name)), at: place())
            entries.add(key, scalars.vault.watched(try node(try next()), named: name))
        }
        return try entries.finished()
    }
}
