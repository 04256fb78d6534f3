import Fleet

/// From libyaml's events to nodes: scalars resolved, aliases put in their places, merge keys applied, repeated keys judged.
struct YAMLComposer {
    private let events: YAMLEvents
    private let scalars: YAMLScalars
    private let repeatedKeys: YAMLReader.RepeatedKeys
    private var anchors: [String: Anchored] = [:]
    /// Aliases of aliases can make gigabytes of a page of text; no real file comes near ten values a byte.
    private var nodesLeft: Int

    /// What an anchor stands for, and how many nodes that is.
    private struct Anchored {
        var node: SourceNode
        var size: Int
    }

    init(_ text: String, file: String, repeatedKeys: YAMLReader.RepeatedKeys, scalars: YAMLScalars) {
        events = YAMLEvents(text, file: file)
        self.scalars = scalars
        self.repeatedKeys = repeatedKeys
        nodesLeft = 100_000 + 10 * text.utf8.count
    }

    /// The documents of the text.
    mutating func documents() throws(InputError) -> [SourceNode] {
        var documents: [SourceNode] = []
        while true {
            switch try events.next().kind {
            case .streamEnd: return documents
            case .documentStart:
                anchors = [:]
                documents.append(try node(try events.next(), isUnsafe: false))
            default: break
            }
        }
    }

    private mutating func node(_ event: YAMLEvent, isUnsafe: Bool) throws(InputError) -> SourceNode {
        if case .alias(let name) = event.kind { return try alias(name, at: event.location, isUnsafe: isUnsafe) }
        let before = nodesLeft
        try spend(1, at: event.location)
        let node: SourceNode
        switch event.kind {
        case .scalar(let scalar):
            node = SourceNode(.scalar(try scalars.value(of: scalar, event, isUnsafe: isUnsafe)), at: event.location)
        case .sequenceStart:
            let isUnsafe = try scalars.marksUnsafe(event, known: "seq") || isUnsafe
            node = SourceNode(.sequence(try items(isUnsafe: isUnsafe)), at: event.location)
        default:
            let isUnsafe = try scalars.marksUnsafe(event, known: "map") || isUnsafe
            node = SourceNode(.mapping(try entries(isUnsafe: isUnsafe)), at: event.location)
        }
        if let anchor = event.anchor { anchors[anchor] = Anchored(node: node, size: before - nodesLeft) }
        return node
    }

    private mutating func spend(_ nodes: Int, at location: SourceLocation) throws(InputError) {
        nodesLeft -= nodes
        guard nodesLeft > 0 else {
            throw InputError(
                "the file's aliases unfold to too many values", at: location,
                hints: ["write the values out where aliases (*name) stand inside of what others stand for"])
        }
    }

    private mutating func alias(
        _ name: String, at location: SourceLocation, isUnsafe: Bool
    ) throws(InputError) -> SourceNode {
        guard let anchored = anchors[name] else { throw YAMLError.unknownAlias(at: location) }
        try spend(anchored.size, at: location)
        return isUnsafe ? anchored.node.untrusted : anchored.node
    }

    private mutating func items(isUnsafe: Bool) throws(InputError) -> [SourceNode] {
        var items: [SourceNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { return items }
            items.append(try node(event, isUnsafe: isUnsafe))
        }
    }

    private mutating func entries(isUnsafe: Bool) throws(InputError) -> [SourceNode.Entry] {
        var entries = MappingEntries(repeatedKeys)
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { return try entries.finished() }
            let (key, isMerge) = try key(event)
            let value = scalars.vault.watched(
                try node(try events.next(), isUnsafe: isUnsafe), named: key.text ?? "")
            if isMerge { try entries.merge(value) } else { entries.add(key, value) }
        }
    }

    private mutating func key(_ event: YAMLEvent) throws(InputError) -> (key: SourceNode, isMerge: Bool) {
        switch event.kind {
        case .scalar(let scalar):
            let isMerge = scalar.isPlain && scalar.text == "<<" && event.tag.isEmpty
            let value = isMerge ? .string("<<") : try scalars.value(ofKey: scalar, event)
            let node = SourceNode(.scalar(value), at: event.location)
            if let anchor = event.anchor { anchors[anchor] = Anchored(node: node, size: 1) }
            return (node, isMerge)
        case .alias(let name):
            let node = try alias(name, at: event.location, isUnsafe: true)
            guard case .scalar = node.content else { break }
            return (node, false)
        case .mappingStart:
            throw InputError(
                "a value begins with '{{' and has no quotes", at: event.location, hints: [YAMLError.quoteTemplates])
        default: break
        }
        throw InputError("a mapping's key must be plain text", at: event.location)
    }
}
