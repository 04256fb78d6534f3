import Fleet
import Values

/// Compares versions as Ansible's `version` test does.
enum Version {
    enum Scheme {
        case loose, strict, semantic, pep440

        init(strict: Bool, type: String?) throws {
            switch type {
            case nil: self = strict ? .strict : .loose
            case "loose": self = .loose
            case "strict": self = .strict
            case "semver", "semantic": self = .semantic
            case "pep440": self = .pep440
            case let other?:
                throw TemplateError(
                    .filter, "invalid version type '\(other)'",
                    hints: ["use loose, strict, semver, semantic or pep440"])
            }
        }
    }

    /// Below, at or above 0 as `left` is older, the same or newer.
    static func compare(_ left: String, _ right: String, _ scheme: Scheme) throws -> Int {
        switch scheme {
        case .loose: try compare(loose(left), loose(right))
        case .strict: try compare(strict(left), strict(right))
        case .semantic: try SemanticVersion(left).order(against: SemanticVersion(right))
        case .pep440: try PythonVersion(left).order(against: PythonVersion(right))
        }
    }

    static func holds(_ order: Int, _ sign: String) throws -> Bool {
        switch sign {
        case "==", "=", "eq": order == 0
        case "!=", "<>", "ne": order != 0
        case "<", "lt": order < 0
        case "<=", "le": order <= 0
        case ">", "gt": order > 0
        case ">=", "ge": order >= 0
        default:
            throw TemplateError(
                .filter, "invalid operator '\(sign)' for a version", hints: ["use ==, !=, <, <=, > or >="])
        }
    }

    enum Part: Equatable {
        case number(Int)
        case word(String)
    }

    private static func compare(_ left: [Part], _ right: [Part]) throws -> Int {
        for (left, right) in zip(left, right) where left != right {
            switch (left, right) {
            case (.number(let left), .number(let right)): return left < right ? -1 : 1
            case (.word(let left), .word(let right)): return left.precedes(right) ? -1 : 1
            default: throw TemplateError.filter("version comparison failed: a number against a word")
            }
        }
        return left.count - right.count
    }

    /// Numbers and words, cut at dots and where digits and letters meet.
    private static func loose(_ text: String) -> [Part] {
        var parts: [Part] = []
        var piece = ""
        var kind = 0
        func flush() {
            guard !piece.isEmpty, kind != 0 else { return }
            parts.append(kind == 1 ? Int(piece).map(Part.number) ?? .word(piece) : .word(piece))
        }
        for scalar in text.unicodeScalars where true {
            let next = ("0"..."9").contains(scalar) ? 1 : ("a"..."z").contains(scalar) ? 2 : scalar == "." ? 0 : 3
            if next != kind || next == 0 {
                flush()
                piece = ""
            }
            kind = next
            piece.unicodeScalars.append(scalar)
        }
        flush()
        return parts
    }

    /// `1.2`, `1.2.3`, `1.2a1` or `1.2.3b4`.
    private static func strict(_ text: String) throws -> [Part] {
        let failure = TemplateError.filter("invalid version number '\(text)'")
        guard let tag = text.utf8.firstIndex(where: { $0 == UInt8(ascii: "a") || $0 == UInt8(ascii: "b") }) else {
            return try numbers(text[...], failure) + [.number(1)]
        }
        guard let release = Int(text[text.utf8.index(after: tag)...]) else { throw failure }
        let letter = text[tag] == "a" ? 0 : 1
        return try numbers(text[..<tag], failure) + [.number(0), .number(letter), .number(release)]
    }

    private static func numbers(_ text: Substring, _ failure: TemplateError) throws -> [Part] {
        let pieces = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(pieces.count) else { throw failure }
        var numbers = try pieces.map { piece in
            guard let number = Int(piece), number >= 0 else { throw failure }
            return Part.number(number)
        }
        if numbers.count == 2 { numbers.append(.number(0)) }
        return numbers
    }
}

/// `1.2.3-rc.1+build`.
struct SemanticVersion {
    private let numbers: [Int]
    private let prerelease: [Substring]

    init(_ text: String) throws {
        let plain = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let halves = plain.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let pieces = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        let numbers = pieces.compactMap { $0.utf8.first != UInt8(ascii: "-") ? Int($0) : nil }
        guard numbers.count == 3, pieces.count == 3 else {
            throw TemplateError.filter("invalid semantic version '\(text)'")
        }
        self.numbers = numbers
        prerelease = halves.count > 1 ? halves[1].split(separator: ".", omittingEmptySubsequences: false) : []
    }

    func order(against other: Self) -> Int {
        for (left, right) in zip(numbers, other.numbers) where left != right { return left < right ? -1 : 1 }
        if prerelease.isEmpty || other.prerelease.isEmpty {
            return (prerelease.isEmpty ? 1 : 0) - (other.prerelease.isEmpty ? 1 : 0)
        }
        for (left, right) in zip(prerelease, other.prerelease) where left != right {
            switch (Int(left), Int(right)) {
            case (let left?, let right?): return left < right ? -1 : 1
            case (_?, nil): return -1
            case (nil, _?): return 1
            default: return String(left).precedes(String(right)) ? -1 : 1
            }
        }
        return prerelease.count - other.prerelease.count
    }
}

/// `1!2.3rc1.post2.dev3+local`.
struct PythonVersion {
    private let ranks: [Int]
    private let release: [Int]

    private static let pattern = PythonPattern(
        known: #"""
            \s* v? (?:(\d+)!)? (\d+(?:\.\d+)*) (?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?
            (?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))? (?:[-_.]?dev[-_.]?(\d*))?
            (?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)? \s*
            """#, [.ignoresCase, .isVerbose])

    init(_ text: String) throws {
        let match = try Session.matching { () throws(InputError) in try Self.pattern.firstMatch(in: text, .whole) }
        guard let match else { throw TemplateError.filter("invalid version '\(text)'") }
        func whole(_ digits: some StringProtocol) throws -> Int {
            if digits.isEmpty { return 0 }
            guard let number = Int(digits) else {
                throw TemplateError.filter("version '\(text)' has a number too large")
            }
            return number
        }
        func number(_ group: Int) throws -> Int? { try match[group].map(whole) }
        release = try (match[2] ?? "").split(separator: ".").map(whole)
        let stage: Int? = match[3].map { $0.lowercased().hasPrefix("a") ? 0 : $0.lowercased().hasPrefix("b") ? 1 : 2 }
        let post = try number(5) ?? number(6)
        let dev = try number(7)
        // A dev release comes before every pre-release, and those before the release itself.
        let stageRank = stage ?? (post == nil && dev != nil ? -1 : 3)
        ranks = [try number(1) ?? 0, stageRank, try number(4) ?? 0, post ?? -1, dev ?? Int.max]
    }

    func order(against other: Self) -> Int {
        if ranks[0] != other.ranks[0] { return ranks[0] < other.ranks[0] ? -1 : 1 }
        for index in 0..<max(release.count, other.release.count) {
            let left = index < release.count ? release[index] : 0
            let right = index < other.release.count ? other.release[index] : 0
            if left != right { return left < right ? -1 : 1 }
        }
        for (left, right) in zip(ranks, other.ranks).dropFirst() where left != right { return left < right ? -1 : 1 }
        return 0
    }
}
