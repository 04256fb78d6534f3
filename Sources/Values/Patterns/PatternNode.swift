/// A part of a regular expression, as Python's `re` reads it.
indirect enum PatternNode: Equatable, Sendable {
    case literal(UInt32)
    /// `.`
    case any
    case set(PatternSet)
    case place(Place)
    /// A group; without a number it captures nothing.
    case group(number: Int?, flags: FlagChange, PatternSequence)
    case atomic(PatternSequence)
    case look(isAhead: Bool, isNegated: Bool, PatternSequence)
    case choice([PatternSequence])
    case reference(Int)
    /// `(?(1)a|b)`: what follows depends on whether a group took part.
    case condition(group: Int, then: PatternSequence, otherwise: PatternSequence?)
    case repetition(PatternSequence, least: Int, most: Int?, Greed)

    /// Parts that follow one another.
    typealias PatternSequence = [PatternNode]

    /// Something between characters.
    enum Place: Sendable { case lineStart, lineEnd, textStart, textEnd, wordEdge, noWordEdge }

    /// How much a repetition takes.
    enum Greed: Sendable { case greedy, lazy, possessive }

    /// Flags that hold inside a group.
    struct FlagChange: Equatable, Sendable {
        var added: PatternFlags = []
        var removed: PatternFlags = []
    }
}

/// A set of characters: `[…]`, or a class such as `\d`.
struct PatternSet: Equatable, Sendable {
    /// A class of characters.
    enum Category: Sendable { case digit, space, word }

    enum Member: Equatable, Sendable {
        case range(UInt32, UInt32)
        case category(Category, isNegated: Bool)
    }

    var members: [Member]
    var isNegated = false
}

/// The flags of Python's `re` that matter here.
struct PatternFlags: OptionSet, Sendable {
    let rawValue: Int

    static let ignoresCase = Self(rawValue: 1)
    static let isMultiline = Self(rawValue: 2)
    static let dotMatchesAll = Self(rawValue: 4)
    static let isVerbose = Self(rawValue: 8)
    static let isASCII = Self(rawValue: 16)
    static let isUnicode = Self(rawValue: 32)

    /// Those of which only one may be set; they cannot be taken back.
    static let alphabets: Self = [.isASCII, .isUnicode]

    /// The flag that a letter stands for.
    init?(letter: Unicode.Scalar) {
        switch letter {
        case "i": self = .ignoresCase
        case "m": self = .isMultiline
        case "s": self = .dotMatchesAll
        case "x": self = .isVerbose
        case "a": self = .isASCII
        case "u": self = .isUnicode
        default: return nil
        }
    }

    init(rawValue: Int) { self.rawValue = rawValue }
}

// MARK: Widths

extension PatternNode {
    /// The fewest and the most characters that a part can match.
    typealias Width = (least: Int, most: Int)

    /// More than any text has, and far from the largest number there is.
    static let boundless = 1 << 31

    /// The width of parts that follow one another.
    ///
    /// - Parameter groups: The widths of the groups that may be referred to.
    static func width(of nodes: PatternSequence, _ groups: [Int: Width]) -> Width {
        nodes.reduce((0, 0)) { sum, node in
            let width = node.width(groups)
            return (min(sum.least + width.least, boundless), min(sum.most + width.most, boundless))
        }
    }

    private func width(_ groups: [Int: Width]) -> Width {
        switch self {
        case .literal, .any, .set: return (1, 1)
        case .place, .look: return (0, 0)
        case .group(_, _, let nodes), .atomic(let nodes): return Self.width(of: nodes, groups)
        case .choice(let branches): return Self.either(branches.map { Self.width(of: $0, groups) })
        case .reference(let number): return groups[number] ?? (0, Self.boundless)
        case .condition(_, let then, let otherwise):
            return Self.either([Self.width(of: then, groups), Self.width(of: otherwise ?? [], groups)])
        case .repetition(let nodes, let least, let most, _):
            let width = Self.width(of: nodes, groups)
            return (Self.times(width.least, least), Self.times(width.most, most ?? Self.boundless))
        }
    }

    private static func either(_ widths: [Width]) -> Width {
        (widths.map(\.least).min() ?? 0, widths.map(\.most).max() ?? 0)
    }

    private static func times(_ width: Int, _ count: Int) -> Int {
        let (product, overflows) = width.multipliedReportingOverflow(by: count)
        return overflows ? boundless : min(product, boundless)
    }
}

extension PatternNode {
    /// Whether parts match nothing only where they can't match something: then an empty match is never followed by a longer
    /// one at the same place.
    static func triesEmptyLast(_ nodes: PatternSequence, _ groups: [Int: Width]) -> Bool {
        width(of: nodes, groups).least > 0 || nodes.allSatisfy { $0.triesEmptyLast(groups) }
    }

    private func triesEmptyLast(_ groups: [Int: Width]) -> Bool {
        switch self {
        case .literal, .any, .set, .place, .look, .reference: true
        case .group(_, _, let nodes), .atomic(let nodes): Self.triesEmptyLast(nodes, groups)
        case .choice(let branches):
            branches.dropLast().allSatisfy { Self.width(of: $0, groups).least > 0 }
                && branches.last.map { Self.triesEmptyLast($0, groups) } != false
        case .condition: false
        case .repetition(let nodes, _, _, let greed): greed != .lazy && Self.width(of: nodes, groups).least > 0
        }
    }
}
