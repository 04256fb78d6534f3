import Fleet

/// Reads a regular expression as Python 3.11's `re` does, with its errors in its words.
struct PatternReader {
    /// What was read.
    struct Reading {
        var nodes: PatternNode.PatternSequence
        var flags: PatternFlags
        var names: [String: Int]
        var groupCount: Int
        /// The widths of the groups.
        var widths: [Int: PatternNode.Width]
    }

    var tokens: PatternTokens
    let isText: Bool
    var flags: PatternFlags
    var names: [String: Int] = [:]
    var groupCount = 0
    /// Widths of the groups that are closed.
    var widths: [Int: PatternNode.Width] = [:]
    /// How many groups there were before the look-behind that is being read.
    var groupsBeforeLookBehind: Int?
    /// Groups that a condition named, and where: they may come later.
    var conditions: [(group: Int, position: Int)] = []
    private var depth = 0

    /// Groups nest no deeper than the stack carries.
    private static let deepest = 500

    private init(
        _ scalars: some Sequence<Unicode.Scalar>, flags: PatternFlags, isText: Bool
    ) throws(InputError) {
        tokens = try PatternTokens(scalars)
        self.flags = flags
        self.isText = isText
    }

    /// - Throws: ``InputError`` with Python's words for what is wrong.
    static func read(
        _ scalars: some Sequence<Unicode.Scalar>, flags: PatternFlags, isText: Bool
    ) throws(InputError) -> Reading {
        var reader = try PatternReader(scalars, flags: flags, isText: isText)
        let nodes = try reader.choice(flags.contains(.isVerbose))
        if reader.tokens.next != nil { throw reader.tokens.error("unbalanced parenthesis") }
        for condition in reader.conditions where condition.group > reader.groupCount {
            throw reader.tokens.error("invalid group reference \(condition.group)", at: condition.position)
        }
        return Reading(
            nodes: nodes, flags: reader.flags, names: reader.names, groupCount: reader.groupCount,
            widths: reader.widths)
    }

    /// `a|b|c`
    mutating func choice(_ isVerbose: Bool) throws(InputError) -> PatternNode.PatternSequence {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw tokens.error("too many nested groups") }
        let isOutermost = depth == 1
        var isVerbose = isVerbose
        var branches: [PatternNode.PatternSequence] = []
        repeat {
            branches.append(try sequence(isVerbose, isFirst: isOutermost && branches.isEmpty))
            if isOutermost { isVerbose = flags.contains(.isVerbose) }
        } while try tokens.take("|")
        return branches.count == 1 ? branches[0] : [.choice(branches)]
    }

    /// Parts up to a bar, a closing parenthesis or the end.
    mutating func sequence(
        _ isVerbose: Bool, isFirst: Bool = false
    ) throws(InputError) -> PatternNode.PatternSequence {
        var isVerbose = isVerbose
        var nodes: PatternNode.PatternSequence = []
        while let token = tokens.next, token.isEscaped || !"|)".unicodeScalars.contains(token.scalar) {
            try tokens.advance()
            if token.isEscaped {
                nodes.append(try escape(token))
                continue
            }
            if isVerbose, try skipsBlank(token.scalar) { continue }
            switch token.scalar {
            case "[": nodes.append(try set())
            case "*", "+", "?", "{": try repetition(token.scalar, &nodes)
            case ".": nodes.append(.any)
            case "^": nodes.append(.place(.lineStart))
            case "$": nodes.append(.place(.lineEnd))
            case "(":
                let isAtStart = isFirst && nodes.isEmpty
                if let node = try group(isVerbose, isAtStart: isAtStart) {
                    nodes.append(node)
                } else if isAtStart {
                    isVerbose = flags.contains(.isVerbose)
                }
            default: nodes.append(.literal(token.scalar.value))
            }
        }
        return nodes
    }

    /// White space and comments mean nothing in a verbose pattern.
    private mutating func skipsBlank(_ scalar: Unicode.Scalar) throws(InputError) -> Bool {
        if scalar == "#" {
            while let token = try tokens.take(), token.isEscaped || token.scalar != "\n" {}
            return true
        }
        return " \t\n\r\u{B}\u{C}".unicodeScalars.contains(scalar)
    }

    // MARK: Repetitions

    private mutating func repetition(
        _ scalar: Unicode.Scalar, _ nodes: inout PatternNode.PatternSequence
    ) throws(InputError) {
        let start = tokens.position
        guard let (least, most) = try bounds(scalar, start) else { return nodes.append(.literal(scalar.value)) }
        switch nodes.last {
        case nil, .place?: throw tokens.error("nothing to repeat", at: start - 1)
        case .repetition?: throw tokens.error("multiple repeat", at: start - 1)
        case let last?:
            let greed: PatternNode.Greed =
                try tokens.take("?") ? .lazy : try tokens.take("+") ? .possessive : .greedy
            nodes[nodes.count - 1] = .repetition([last], least: least, most: most, greed)
        }
    }

    /// How often; `nil` for a brace that stands for itself.
    private mutating func bounds(
        _ scalar: Unicode.Scalar, _ start: Int
    ) throws(InputError) -> (least: Int, most: Int?)? {
        switch scalar {
        case "?": return (0, 1)
        case "*": return (0, nil)
        case "+": return (1, nil)
        default: break
        }
        if tokens.isNext("}") { return nil }
        let low = try tokens.take(.max, where: \.isASCIIDigit)
        let high = try tokens.take(",") ? try tokens.take(.max, where: \.isASCIIDigit) : low
        guard try tokens.take("}") else {
            try tokens.seek(start)
            return nil
        }
        let (least, most) = (try number(low), try number(high))
        if let least, let most, most < least {
            throw tokens.error("min repeat greater than max repeat", at: start)
        }
        return (least ?? 0, most)
    }

    private func number(_ digits: String) throws(InputError) -> Int? {
        guard !digits.isEmpty else { return nil }
        guard let number = Int(digits), number < Int(UInt32.max) else {
            throw InputError("the repetition number is too large")
        }
        return number
    }
}
