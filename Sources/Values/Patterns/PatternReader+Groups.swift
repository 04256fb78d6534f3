import Fleet

/// Everything that begins with a parenthesis.
extension PatternReader {
    /// A group; `nil` for a comment, and for flags of the whole pattern.
    mutating func group(_ isVerbose: Bool, isAtStart: Bool) throws(InputError) -> PatternNode? {
        let start = tokens.position - 1
        guard try tokens.take("?") else { return try captured(nil, isVerbose, start) }
        guard let kind = try tokens.take() else { throw tokens.error("unexpected end of pattern") }
        guard !kind.isEscaped else { throw tokens.error("unknown extension ?\(kind.text)", back: 3) }
        switch kind.scalar {
        case "P": return try pythonGroup(isVerbose, start)
        case ":": return .group(number: nil, flags: .init(), try body(isVerbose, start))
        case "#": return try comment(start)
        case "=": return .look(isAhead: true, isNegated: false, try body(isVerbose, start))
        case "!": return .look(isAhead: true, isNegated: true, try body(isVerbose, start))
        case "<": return try lookBehind(isVerbose, start)
        case "(": return try condition(isVerbose, start)
        case ">": return .atomic(try body(isVerbose, start))
        case "-": return try flagged(kind.scalar, isVerbose, start, isAtStart)
        case let letter where letter == "L" || PatternFlags(letter: letter) != nil:
            return try flagged(letter, isVerbose, start, isAtStart)
        default: throw tokens.error("unknown extension ?\(kind.text)", back: 2)
        }
    }

    /// What stands up to the closing parenthesis.
    private mutating func body(_ isVerbose: Bool, _ start: Int) throws(InputError) -> PatternNode.PatternSequence {
        let nodes = try choice(isVerbose)
        try close(start)
        return nodes
    }

    private mutating func close(_ start: Int) throws(InputError) {
        guard try tokens.take(")") else { throw tokens.error("missing ), unterminated subpattern", at: start) }
    }

    private mutating func captured(
        _ name: String?, _ isVerbose: Bool, _ start: Int
    ) throws(InputError) -> PatternNode {
        groupCount += 1
        let number = groupCount
        if let name {
            if let earlier = names[name] {
                throw tokens.error(
                    "redefinition of group name '\(name)' as group \(number); was group \(earlier)",
                    back: name.unicodeScalars.count + 1)
            }
            names[name] = number
        }
        let nodes = try body(isVerbose, start)
        widths[number] = PatternNode.width(of: nodes, widths)
        return .group(number: number, flags: .init(), nodes)
    }

    private mutating func pythonGroup(_ isVerbose: Bool, _ start: Int) throws(InputError) -> PatternNode {
        if try tokens.take("<") { return try captured(try groupName(until: ">"), isVerbose, start) }
        if try tokens.take("=") {
            let name = try groupName(until: ")")
            let length = name.unicodeScalars.count + 1
            guard let number = names[name] else { throw tokens.error("unknown group name '\(name)'", back: length) }
            guard widths[number] != nil else { throw tokens.error("cannot refer to an open group", back: length) }
            try checkLookBehind(number)
            return .reference(number)
        }
        guard let other = try tokens.take() else { throw tokens.error("unexpected end of pattern") }
        throw tokens.error("unknown extension ?P\(other.text)", back: other.length + 2)
    }

    private mutating func groupName(until end: Unicode.Scalar) throws(InputError) -> String {
        let name = try tokens.name(until: end)
        guard name.isIdentifier else { throw badName(name) }
        return name
    }

    private func badName(_ name: String) -> InputError {
        tokens.error("bad character in group name '\(name)'", back: name.unicodeScalars.count + 1)
    }

    private mutating func comment(_ start: Int) throws(InputError) -> PatternNode? {
        while let token = try tokens.take() {
            if token == .init(isEscaped: false, scalar: ")") { return nil }
        }
        throw tokens.error("missing ), unterminated comment", at: start)
    }

    private mutating func lookBehind(_ isVerbose: Bool, _ start: Int) throws(InputError) -> PatternNode {
        guard let kind = try tokens.take() else { throw tokens.error("unexpected end of pattern") }
        guard !kind.isEscaped, kind.scalar == "=" || kind.scalar == "!" else {
            throw tokens.error("unknown extension ?<\(kind.text)", back: kind.length + 2)
        }
        let outer = groupsBeforeLookBehind
        groupsBeforeLookBehind = outer ?? groupCount
        let nodes = try choice(isVerbose)
        groupsBeforeLookBehind = outer
        try close(start)
        return .look(isAhead: false, isNegated: kind.scalar == "!", nodes)
    }

    private mutating func condition(_ isVerbose: Bool, _ start: Int) throws(InputError) -> PatternNode {
        let name = try tokens.name(until: ")")
        let number = try conditionGroup(name)
        try checkLookBehind(number)
        let then = try sequence(isVerbose)
        var otherwise: PatternNode.PatternSequence?
        if try tokens.take("|") {
            otherwise = try sequence(isVerbose)
            if tokens.isNext("|") { throw tokens.error("conditional backref with more than two branches") }
        }
        try close(start)
        return .condition(group: number, then: then, otherwise: otherwise)
    }

    private mutating func conditionGroup(_ name: String) throws(InputError) -> Int {
        let length = name.unicodeScalars.count + 1
        if name.isIdentifier {
            guard let number = names[name] else { throw tokens.error("unknown group name '\(name)'", back: length) }
            return number
        }
        guard name.unicodeScalars.allSatisfy(\.isASCIIDigit), let number = Int(name) else { throw badName(name) }
        guard number > 0 else { throw tokens.error("bad group number", back: length) }
        conditions.append((number, tokens.position - length))
        return number
    }

    // MARK: Flags

    /// `(?i)` for the whole pattern, or `(?i-s:…)` for a group.
    private mutating func flagged(
        _ first: Unicode.Scalar, _ isVerbose: Bool, _ start: Int, _ isAtStart: Bool
    ) throws(InputError) -> PatternNode? {
        var change = PatternNode.FlagChange()
        var end = first
        if first != "-" {
            (change.added, end) = try flags(from: first, ends: ")-:", "missing -, : or )") { flag, all in
                if flag.isSubset(of: .alphabets), all.intersection(.alphabets) != flag {
                    return "bad inline flags: flags 'a', 'u' and 'L' are incompatible"
                }
                return nil
            }
        }
        if end == ")" {
            flags.formUnion(change.added)
            guard isAtStart else {
                throw tokens.error("global flags not at the start of the expression", at: start)
            }
            return nil
        }
        if end == "-" {
            guard let letter = try tokens.take() else { throw tokens.error("missing flag") }
            guard PatternFlags(letter: letter.scalar) != nil else { throw unknownFlag(letter, "missing flag") }
            (change.removed, _) = try flags(from: letter.scalar, ends: ":", "missing :") { flag, _ in
                flag.isSubset(of: .alphabets) ? "bad inline flags: cannot turn off flags 'a', 'u' and 'L'" : nil
            }
        }
        guard change.added.isDisjoint(with: change.removed) else {
            throw tokens.error("bad inline flags: flag turned on and off", back: 1)
        }
        let isInnerVerbose =
            (isVerbose || change.added.contains(.isVerbose)) && !change.removed.contains(.isVerbose)
        return .group(number: nil, flags: change, try body(isInnerVerbose, start))
    }

    /// Flags up to one of `ends`, and which it was.
    private mutating func flags(
        from first: Unicode.Scalar, ends: String, _ missing: String,
        check: (PatternFlags, PatternFlags) -> String?
    ) throws(InputError) -> (PatternFlags, Unicode.Scalar) {
        var letter = first
        var flags: PatternFlags = []
        while true {
            if letter == "L" || letter == "u" && !isText {
                throw tokens.error(
                    "bad inline flags: cannot use '\(letter)' flag with a \(isText ? "str" : "bytes") pattern")
            }
            let flag = PatternFlags(letter: letter) ?? []
            flags.formUnion(flag)
            if let complaint = check(flag, flags) { throw tokens.error(complaint) }
            guard let next = try tokens.take() else { throw tokens.error(missing) }
            if !next.isEscaped, ends.unicodeScalars.contains(next.scalar) { return (flags, next.scalar) }
            guard !next.isEscaped, next.scalar == "L" || PatternFlags(letter: next.scalar) != nil else {
                throw unknownFlag(next, missing)
            }
            letter = next.scalar
        }
    }

    private func unknownFlag(_ token: PatternTokens.Token, _ missing: String) -> InputError {
        tokens.error(
            !token.isEscaped && token.scalar.properties.isAlphabetic ? "unknown flag" : missing, back: token.length)
    }
}
