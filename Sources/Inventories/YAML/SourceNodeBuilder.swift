import Fleet
import Yams

/// From Yams' nodes to ours: scalars resolved, merge keys applied, repeated keys judged.
struct SourceNodeBuilder {
    let file: String
    let repeatedKeys: YAMLReader.RepeatedKeys
    let vault: Vault
    /// Whether the file was encrypted as a whole, so that its values are secrets.
    let isRevealed: Bool
    /// Whether plain scalars are JSON's.
    let isJSON: Bool
    /// Aliases of aliases can make gigabytes of a page of text; no real file comes near ten values a byte.
    private var nodesLeft: Int

    init(
        file: String, repeatedKeys: YAMLReader.RepeatedKeys, size: Int, vault: Vault, isRevealed: Bool, isJSON: Bool
    ) {
        nodesLeft = 100_000 + 10 * size
        self.file = file
        self.repeatedKeys = repeatedKeys
        self.vault = vault
        self.isRevealed = isRevealed
        self.isJSON = isJSON
    }

    mutating func build(_ node: Node, isUnsafe: Bool = false) throws(InputError) -> SourceNode {
        let location = place(of: node)
        nodesLeft -= 1
        guard nodesLeft > 0 else {
            throw InputError("the file's aliases unfold to too many values", at: location)
        }
        switch node {
        case .scalar(let scalar):
            let value = try value(of: scalar, at: location, isUnsafe: isUnsafe)
            return SourceNode(.scalar(isRevealed ? vault.revealed(value) : value), at: location)
        case .sequence(let sequence):
            let isUnsafe = try markedUnsafe(sequence.tag.rawValue, known: "seq", at: location) || isUnsafe
            var items: [SourceNode] = []
            items.reserveCapacity(sequence.count)
            for item in sequence { items.append(try build(item, isUnsafe: isUnsafe)) }
            return SourceNode(.sequence(items), at: location)
        case .mapping(let mapping):
            let isUnsafe = try markedUnsafe(mapping.tag.rawValue, known: "map", at: location) || isUnsafe
            return SourceNode(.mapping(try entries(of: mapping, isUnsafe: isUnsafe)), at: location)
        case .alias:
            throw InputError("an alias has no anchor", at: location)
        }
    }

    private func place(of node: Node) -> SourceLocation {
        SourceLocation(file: file, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
    }

    // MARK: Scalars

    private func value(
        of scalar: Node.Scalar, at location: SourceLocation, isUnsafe: Bool
    ) throws(InputError) -> Value {
        let tag = scalar.tag.rawValue
        switch tag {
        case "": return plain(scalar, at: location, isUnsafe: isUnsafe)
        case "!unsafe": return plain(scalar, at: location, isUnsafe: true)
        case "!" where scalar.style == .plain: return plain(scalar, at: location, isUnsafe: isUnsafe)
        case "!", Self.standard + "str":
            return isUnsafe ? .string(scalar.string) : .trusted(scalar.string, at: location)
        case "!vault", "!vault-encrypted": return vault.sealed(scalar.string, at: location)
        case Self.standard + "int", Self.standard + "float", Self.standard + "bool", Self.standard + "null":
            return try forced(scalar, tag: String(tag.dropFirst(Self.standard.count)), at: location)
        case Self.standard + "timestamp": return .string(scalar.string)
        default: throw unknownTag(tag, at: location)
        }
    }

    private static let standard = "tag:yaml.org,2002:"

    private func plain(_ scalar: Node.Scalar, at location: SourceLocation, isUnsafe: Bool) -> Value {
        guard scalar.style == .plain else {
            return isUnsafe ? .string(scalar.string) : .trusted(scalar.string, at: location)
        }
        if isJSON, let value = JSONReader.read(scalar.string, trustedAt: location) { return value }
        let value = YAMLScalar.resolve(scalar.string)
        if case .string(let text) = value, !isUnsafe { return .trusted(text, at: location) }
        return value
    }

    private func forced(_ scalar: Node.Scalar, tag: String, at location: SourceLocation) throws(InputError) -> Value {
        switch (tag, YAMLScalar.resolve(scalar.string)) {
        case ("int", .int(let number)): return .int(number)
        case ("float", .double(let number)): return .double(number)
        case ("float", .int(let number)): return .double(Double(number))
        case ("bool", .bool(let flag)): return .bool(flag)
        case ("null", .null): return .null
        default: throw InputError("'\(scalar.string)' is tagged !!\(tag) but is none", at: location)
        }
    }

    private func markedUnsafe(_ tag: String, known: String, at location: SourceLocation) throws(InputError) -> Bool {
        switch tag {
        case "", "!", Self.standard + known: return false
        case "!unsafe": return true
        default: throw unknownTag(tag, at: location)
        }
    }

    private func unknownTag(_ tag: String, at location: SourceLocation) -> InputError {
        let shown = tag.hasPrefix(Self.standard) ? "!!" + tag.dropFirst(Self.standard.count) : tag
        return InputError(
            "the YAML tag '\(shown)' is not known", at: location,
            hints: ["known tags are !unsafe, !vault, !!str, !!int, !!float, !!bool and !!null"])
    }
}

// MARK: Mappings

extension SourceNodeBuilder {
    private mutating func entries(
        of mapping: Node.Mapping, isUnsafe: Bool
    ) throws(InputError) -> [SourceNode.Entry] {
        var merged: [SourceNode.Entry] = []
        var own: [SourceNode.Entry] = []
        own.reserveCapacity(mapping.count)
        for (keyNode, valueNode) in mapping {
            let (key, isMerge) = try key(keyNode)
            let value = vault.watched(try build(valueNode, isUnsafe: isUnsafe), named: key.text ?? "")
            if isMerge {
                merged += try mergeEntries(value)
            } else {
                own.append(SourceNode.Entry(key: key, value: value))
            }
        }
        own = try withoutRepeats(own)
        return merged.isEmpty ? own : laterWins(merged + own)
    }

    private mutating func key(_ node: Node) throws(InputError) -> (key: SourceNode, isMerge: Bool) {
        let location = place(of: node)
        guard case .scalar(var scalar) = node else {
            if case .mapping = node {
                throw InputError(
                    "a value begins with '{{' and has no quotes", at: location, hints: [YAMLFault.quoteTemplates])
            }
            throw InputError("a mapping's key must be plain text", at: location)
        }
        if scalar.string.unicodeScalars.first == YAMLComposition.repeatMark {
            let tag = scalar.tag
            scalar.string.unicodeScalars.removeAll { $0 == YAMLComposition.repeatMark }
            scalar.tag = tag
        }
        // Yams has by now given plain keys the tag of strings, to look for repeated ones.
        if scalar.style == .plain, scalar.tag.rawValue == Self.standard + "str" {
            if scalar.string == "<<" { return (SourceNode(.scalar(.string("<<")), at: location), true) }
            return (SourceNode(.scalar(YAMLScalar.resolve(scalar.string)), at: location), false)
        }
        return (SourceNode(.scalar(try value(of: scalar, at: location, isUnsafe: true)), at: location), false)
    }

    /// The entries that `<<` brings in: of one mapping, or of a list of mappings whose earlier ones win.
    private func mergeEntries(_ value: SourceNode) throws(InputError) -> [SourceNode.Entry] {
        if let entries = value.entries { return entries }
        guard let items = value.items else { throw notMergeable(value) }
        var merged: [SourceNode.Entry] = []
        for item in items.reversed() {
            guard let entries = item.entries else { throw notMergeable(item) }
            merged += entries
        }
        return merged
    }

    private func notMergeable(_ node: SourceNode) -> InputError {
        InputError("'<<' takes a mapping or a list of mappings, not \(node.summary)", at: node.location)
    }

    private func withoutRepeats(_ entries: [SourceNode.Entry]) throws(InputError) -> [SourceNode.Entry] {
        var firstPlaces: [Value: SourceLocation] = [:]
        firstPlaces.reserveCapacity(entries.count)
        var repeats = false
        for entry in entries {
            let key = entry.key.value
            guard let first = firstPlaces.updateValue(entry.key.location, forKey: key) else { continue }
            if repeatedKeys == .refused {
                throw InputError(
                    "the key '\(key.text ?? entry.key.summary)' stands here for the second time, first on line \(first.line)",
                    at: entry.key.location, hints: ["keep one of the two"])
            }
            repeats = true
        }
        return repeats ? laterWins(entries) : entries
    }

    /// Keeps the place of a key's first appearance and the value of its last, as a Python dictionary does.
    private func laterWins(_ entries: [SourceNode.Entry]) -> [SourceNode.Entry] {
        var places: [Value: Int] = [:]
        var kept: [SourceNode.Entry] = []
        for entry in entries {
            if let index = places[entry.key.value] {
                kept[index] = entry
            } else {
                places[entry.key.value] = kept.count
                kept.append(entry)
            }
        }
        return kept
    }
}
