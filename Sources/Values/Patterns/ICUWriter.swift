import Fleet

/// Writes a regular expression of Python's for ICU.
///
/// Classes are written out, since ICU's `\w`, `\s` and `\b` hold other characters than Python's; groups get other numbers
/// where a condition asks for them.
struct ICUWriter {
    /// What classes and cases hold.
    enum Alphabet: Sendable {
        /// Patterns over bytes: classes are of ASCII.
        case bytes
        /// Patterns over text, when all of the text is ASCII.
        case plain
        /// Patterns over text.
        case unicode
    }

    private(set) var text = ""
    /// ICU's numbers of the groups, by Python's; the whole match comes first.
    private(set) var numbers: [Int] = [0]
    let alphabet: Alphabet
    private let widths: [Int: PatternNode.Width]
    /// The groups that conditions ask for: each ends in an empty group of its own, which can be referred to where the group
    /// took part, and nowhere else.
    private let asked: Set<Int>
    private var marks: [Int: Int] = [:]
    private var lastNumber = 0

    /// - Throws: ``InputError`` for a look-behind that ICU or Python can't do.
    init(_ reading: PatternReader.Reading, alphabet: Alphabet) throws(InputError) {
        self.alphabet = alphabet
        widths = reading.widths
        asked = Self.askedGroups(reading.nodes)
        numbers += Array(repeating: 0, count: reading.groupCount)
        try write(reading.nodes, reading.flags)
    }

    private static func askedGroups(_ nodes: PatternNode.PatternSequence) -> Set<Int> {
        var groups: Set<Int> = []
        for node in nodes {
            if case .condition(let group, _, _) = node { groups.insert(group) }
            for part in node.parts { groups.formUnion(askedGroups(part)) }
        }
        return groups
    }

    private mutating func write(_ nodes: PatternNode.PatternSequence, _ flags: PatternFlags) throws(InputError) {
        for node in nodes { try write(node, flags) }
    }

    private mutating func write(_ node: PatternNode, _ flags: PatternFlags) throws(InputError) {
        switch node {
        case .literal(let value): text += ICUSet.literal(value, flags, alphabet)
        case .any: text += flags.contains(.dotMatchesAll) ? "(?s:.)" : "."
        case .set(let set): text += ICUSet.text(set, flags, alphabet)
        case .place(let place): text += written(place, flags)
        case .group(let number, let change, let nodes):
            try group(number, nodes, flags.union(change.added).subtracting(change.removed).alphabet(change.added))
        case .atomic(let nodes): try enclosed("(?>", nodes, flags)
        case .look(let isAhead, let isNegated, let nodes):
            if !isAhead { try checkLookBehind(nodes) }
            try enclosed("(?" + (isAhead ? "" : "<") + (isNegated ? "!" : "="), nodes, flags)
        case .choice(let branches): try choice(branches, flags)
        case .reference(let number): text += reference(numbers[number], flags)
        case .condition(let group, let then, let otherwise): try condition(group, then, otherwise ?? [], flags)
        case .repetition(let nodes, let least, let most, let greed):
            try enclosed("(?:", nodes, flags)
            text += "{\(least),\(most.map(String.init) ?? "")}" + greed.sign
        }
    }

    private mutating func enclosed(
        _ opening: String, _ nodes: PatternNode.PatternSequence, _ flags: PatternFlags
    ) throws(InputError) {
        text += opening
        try write(nodes, flags)
        text += ")"
    }

    private mutating func group(
        _ number: Int?, _ nodes: PatternNode.PatternSequence, _ flags: PatternFlags
    ) throws(InputError) {
        guard let number else { return try enclosed("(?:", nodes, flags) }
        lastNumber += 1
        numbers[number] = lastNumber
        text += "("
        try write(nodes, flags)
        if asked.contains(number) {
            lastNumber += 1
            marks[number] = lastNumber
            text += "()"
        }
        text += ")"
    }

    private mutating func choice(
        _ branches: [PatternNode.PatternSequence], _ flags: PatternFlags
    ) throws(InputError) {
        text += "(?:"
        for (index, branch) in branches.enumerated() {
            if index > 0 { text += "|" }
            try write(branch, flags)
        }
        text += ")"
    }

    private mutating func condition(
        _ group: Int, _ then: PatternNode.PatternSequence, _ otherwise: PatternNode.PatternSequence,
        _ flags: PatternFlags
    ) throws(InputError) {
        guard let mark = marks[group] else {
            // The group comes later, or is the one that is open: it has not taken part.
            return try enclosed("(?:", otherwise, flags)
        }
        text += "(?:\(reference(mark, []))"
        try write(then, flags)
        text += "|(?!\(reference(mark, [])))"
        try write(otherwise, flags)
        text += ")"
    }

    /// In a group, so that digits that follow are none of the number.
    private func reference(_ number: Int, _ flags: PatternFlags) -> String {
        flags.contains(.ignoresCase) ? "(?i:\\\(number))" : "(?:\\\(number))"
    }

    private func checkLookBehind(_ nodes: PatternNode.PatternSequence) throws(InputError) {
        let width = PatternNode.width(of: nodes, widths)
        guard width.least == width.most else { throw InputError("look-behind requires fixed-width pattern") }
    }

    private func written(_ place: PatternNode.Place, _ flags: PatternFlags) -> String {
        switch place {
        case .lineStart: return flags.contains(.isMultiline) ? "(?m:^)" : "\\A"
        case .lineEnd: return flags.contains(.isMultiline) ? "(?m:$)" : "$"
        case .textStart: return "\\A"
        case .textEnd: return "\\z"
        case .wordEdge, .noWordEdge:
            let word = ICUSet.text(PatternSet(members: [.category(.word, isNegated: false)]), flags, alphabet)
            // An empty text has no place between two characters that are no words, says Python.
            return place == .wordEdge
                ? "(?:(?<=\(word))(?!\(word))|(?<!\(word))(?=\(word)))"
                : "(?:(?<=\(word))(?=\(word))|(?<!\(word))(?!\(word))(?!\\A\\z))"
        }
    }
}

extension PatternFlags {
    /// Of two alphabets, the one that a group asks for.
    fileprivate func alphabet(_ added: PatternFlags) -> PatternFlags {
        let wanted = added.intersection(.alphabets)
        return wanted.isEmpty ? self : subtracting(.alphabets).union(wanted)
    }
}

extension PatternNode {
    /// The sequences inside a part.
    var parts: [PatternSequence] {
        switch self {
        case .literal, .any, .set, .place, .reference: []
        case .group(_, _, let nodes), .atomic(let nodes), .look(_, _, let nodes), .repetition(let nodes, _, _, _):
            [nodes]
        case .choice(let branches): branches
        case .condition(_, let then, let otherwise): [then, otherwise ?? []]
        }
    }
}

extension PatternNode.Greed {
    fileprivate var sign: String {
        switch self {
        case .greedy: ""
        case .lazy: "?"
        case .possessive: "+"
        }
    }
}
