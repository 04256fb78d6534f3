/// A pattern of file names as Python's `fnmatch` reads it: `*` for anything, `?` for one character, `[…]` and `[!…]` for
/// sets. Case counts, and nothing takes a backslash's meaning away, for it has none.
public struct FileNamePattern: Sendable {
    private enum Part: Sendable {
        case star
        case anyone
        case one(Unicode.Scalar)
        case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)

        func holds(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .star, .anyone: true
            case .one(let wanted): wanted == scalar
            case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
            }
        }
    }

    private let parts: [Part]
    private let wantsHidden: Bool
    private let matter: PythonPattern.Matter

    /// Reads `pattern`; each text is one.
    ///
    /// - Parameters:
    ///   - matter: Whether `?` and sets stand for a character, or for a byte, as in Python's `glob` of bytes.
    ///   - hasSets: Whether brackets enclose sets; in OpenSSH's patterns of hosts they stand for themselves.
    public init(_ pattern: String, over matter: PythonPattern.Matter = .text, hasSets: Bool = true) {
        self.matter = matter
        wantsHidden = pattern.hasPrefix(".")
        var parts: [Part] = []
        var rest = matter.scalars(of: pattern)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": parts.append(.star)
            case "?": parts.append(.anyone)
            case "[" where hasSets: parts.append(Self.set(&rest) ?? .one("["))
            default: parts.append(.one(scalar))
            }
        }
        self.parts = parts
    }

    /// Whether the pattern fits the whole of `name`.
    ///
    /// Goes back to the last star alone: what earlier ones took makes no difference, and no pattern takes long.
    public func matches(_ name: String) -> Bool {
        let name = matter.scalars(of: name)
        var (place, position) = (0, 0)
        var star: (place: Int, position: Int)?
        while position < name.count {
            if place < parts.count, case .star = parts[place] {
                star = (place, position)
                place += 1
            } else if place < parts.count, parts[place].holds(name[position]) {
                place += 1
                position += 1
            } else if let last = star {
                star = (last.place, last.position + 1)
                (place, position) = (last.place + 1, last.position + 1)
            } else {
                return false
            }
        }
        return parts[place...].allSatisfy { if case .star = $0 { true } else { false } }
    }

    /// Whether Python's `glob` would list `name`: hidden names only where the pattern begins with a dot itself.
    public func lists(_ name: String) -> Bool { (wantsHidden || !name.hasPrefix(".")) && matches(name) }

    // MARK: Sets

    /// What stands between brackets; `nil`, with nothing taken, when they are not closed.
    private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) -> Part? {
        var place = rest.startIndex
        if place < rest.endIndex, rest[place] == "!" { place += 1 }
        // A bracket that comes first belongs to the set.
        if place < rest.endIndex, rest[place] == "]" { place += 1 }
        guard let end = rest[place...].firstIndex(of: "]") else { return nil }
        let members = Array(rest[..<end])
        rest = rest[(end + 1)...]
        return part(withoutEmptyRanges(chunks(of: members)))
    }

    /// Cut at the dashes that make ranges: one at either end stands for itself, as does the one behind a range.
    private static func chunks(of members: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
        var chunks: [[Unicode.Scalar]] = []
        var start = 0
        var search = members.first == "!" ? 2 : 1
        while search < members.count, let dash = members[search...].firstIndex(of: "-") {
            chunks.append(Array(members[start..<dash]))
            start = dash + 1
            search = dash + 3
        }
        if start < members.count || chunks.isEmpty {
            chunks.append(Array(members[start...]))
        } else {
            chunks[chunks.count - 1].append("-")
        }
        return chunks
    }

    /// Ranges that end before they begin hold nothing, nor do their ends.
    private static func withoutEmptyRanges(_ chunks: [[Unicode.Scalar]]) -> [[Unicode.Scalar]] {
        var chunks = chunks
        for index in stride(from: chunks.count - 1, to: 0, by: -1) {
            guard let low = chunks[index - 1].last, let high = chunks[index].first, low > high else { continue }
            chunks[index - 1] = chunks[index - 1].dropLast() + chunks[index].dropFirst()
            chunks.remove(at: index)
        }
        return chunks
    }

    private static func part(_ chunks: [[Unicode.Scalar]]) -> Part {
        var chunks = chunks
        let isNegated = chunks[0].first == "!"
        if isNegated { chunks[0].removeFirst() }
        var ranges = chunks.joined().map { $0...$0 }
        for (left, right) in zip(chunks, chunks.dropFirst()) {
            if let low = left.last, let high = right.first { ranges.append(low...high) }
        }
        return .set(ranges, isNegated: isNegated)
    }
}

extension PythonPattern.Matter {
    /// The characters of a text; its bytes as those of Latin-1.
    func scalars(of text: String) -> [Unicode.Scalar] {
        switch self {
        case .text: Array(text.unicodeScalars)
        case .bytes: text.utf8.map { Unicode.Scalar($0) }
        }
    }
}
