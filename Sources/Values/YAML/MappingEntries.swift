import Fleet

/// The entries of a mapping as they are read: what `<<` brings in goes first, and repeated keys are judged.
struct MappingEntries {
    private let repeatedKeys: YAMLReader.RepeatedKeys
    private var merged: [SourceNode.Entry] = []
    private var own: [SourceNode.Entry] = []

    init(_ repeatedKeys: YAMLReader.RepeatedKeys) { self.repeatedKeys = repeatedKeys }

    mutating func add(_ key: SourceNode, _ value: SourceNode) { own.append(SourceNode.Entry(key: key, value: value)) }

    /// Takes in what stands under `<<`: a mapping, or a list of mappings whose earlier ones win.
    mutating func merge(_ value: SourceNode) throws(InputError) {
        if let entries = value.entries { return merged += entries }
        guard let items = value.items else { throw notMergeable(value) }
        for item in items.reversed() {
            guard let entries = item.entries else { throw notMergeable(item) }
            merged += entries
        }
    }

    private func notMergeable(_ node: SourceNode) -> InputError {
        InputError("'<<' takes a mapping or a list of mappings, not \(node.summary)", at: node.location)
    }

    /// The entries, each key once.
    /// - Throws: ``InputError`` at the second of two keys that are the same, where that is refused.
    func finished() throws(InputError) -> [SourceNode.Entry] {
        let own = try withoutRepeats()
        return merged.isEmpty ? own : laterWins(merged + own)
    }

    private func withoutRepeats() throws(InputError) -> [SourceNode.Entry] {
        var firstPlaces: [Value: SourceLocation] = [:]
        firstPlaces.reserveCapacity(own.count)
        var repeats = false
        for entry in own {
            let key = entry.key.value
            guard let first = firstPlaces.updateValue(entry.key.location, forKey: key) else { continue }
            if repeatedKeys == .refused {
                throw InputError(
                    "the key '\(key.text ?? entry.key.summary)' stands here for the second time, first on line \(first.line)",
                    at: entry.key.location, hints: ["keep one of the two"])
            }
            repeats = true
        }
        return repeats ? laterWins(own) : own
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
