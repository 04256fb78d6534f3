import Fleet

/// Backslashes and sets.
extension PatternReader {
    /// What a backslash means outside a set.
    mutating func escape(_ token: PatternTokens.Token) throws(InputError) -> PatternNode {
        switch token.scalar {
        case "A": return .place(.textStart)
        case "Z": return .place(.textEnd)
        case "b": return .place(.wordEdge)
        case "B": return .place(.noWordEdge)
        case "0":
            let digits = try tokens.take(2, where: \.isOctalDigit)
            return .literal(UInt32("0" + digits, radix: 8) ?? 0)
        case "1"..."9": return try numberedEscape(token.scalar)
        default:
            if let category = category(token.scalar) { return .set(PatternSet(members: [category])) }
            return .literal(try character(token))
        }
    }

    private func category(_ scalar: Unicode.Scalar) -> PatternSet.Member? {
        switch scalar {
        case "d": .category(.digit, isNegated: false)
        case "D": .category(.digit, isNegated: true)
        case "s": .category(.space, isNegated: false)
        case "S": .category(.space, isNegated: true)
        case "w": .category(.word, isNegated: false)
        case "W": .category(.word, isNegated: true)
        default: nil
        }
    }

    /// A group's number of one or two digits, or three octal ones for a character.
    private mutating func numberedEscape(_ first: Unicode.Scalar) throws(InputError) -> PatternNode {
        var digits = String(first) + (try tokens.take(1, where: \.isASCIIDigit))
        if digits.unicodeScalars.count == 2, digits.unicodeScalars.allSatisfy(\.isOctalDigit),
            let third = tokens.next, !third.isEscaped, third.scalar.isOctalDigit
        {
            digits += third.text
            try tokens.advance()
            return .literal(try octal(digits))
        }
        let number = Int(digits) ?? 0
        guard number <= groupCount else {
            throw tokens.error("invalid group reference \(number)", back: digits.unicodeScalars.count)
        }
        guard widths[number] != nil else {
            throw tokens.error("cannot refer to an open group", back: digits.unicodeScalars.count + 1)
        }
        try checkLookBehind(number)
        return .reference(number)
    }

    private func octal(_ digits: String) throws(InputError) -> UInt32 {
        let value = UInt32(digits, radix: 8) ?? 0
        guard value <= 0o377 else {
            throw tokens.error(
                "octal escape value \\\(digits) outside of range 0-0o377", back: digits.unicodeScalars.count + 1)
        }
        return value
    }

    /// A look-behind may refer to groups that were closed before it alone.
    func checkLookBehind(_ group: Int) throws(InputError) {
        guard let before = groupsBeforeLookBehind else { return }
        guard widths[group] != nil else { throw tokens.error("cannot refer to an open group") }
        guard group <= before else {
            throw tokens.error("cannot refer to group defined in the same lookbehind subpattern")
        }
    }

    /// The one character that a backslash and what follows stand for.
    private mutating func character(_ token: PatternTokens.Token) throws(InputError) -> UInt32 {
        switch token.scalar {
        case "a": return 7
        case "b": return 8
        case "f": return 12
        case "n": return 10
        case "r": return 13
        case "t": return 9
        case "v": return 11
        case "x": return try hexadecimal(token, digits: 2)
        case "u" where isText: return try hexadecimal(token, digits: 4)
        case "U" where isText: return try hexadecimal(token, digits: 8)
        case "N" where isText: return try named()
        case let scalar where scalar.isASCIILetter: throw tokens.error("bad escape \(token.text)", back: 2)
        default: return token.scalar.value
        }
    }

    private mutating func hexadecimal(_ token: PatternTokens.Token, digits: Int) throws(InputError) -> UInt32 {
        let text = try tokens.take(digits, where: \.isHexDigit)
        guard text.utf8.count == digits, let value = UInt32(text, radix: 16) else {
            throw tokens.error("incomplete escape \(token.text)\(text)", back: 2 + text.utf8.count)
        }
        guard value < 0x110000 else {
            throw tokens.error("bad escape \(token.text)\(text)", back: 2 + text.utf8.count)
        }
        return value
    }

    private mutating func named() throws(InputError) -> UInt32 {
        guard try tokens.take("{") else { throw tokens.error("missing {") }
        let name = try tokens.name(until: "}", "character name")
        guard let scalar = Unicode.Scalar(named: name) else {
            throw tokens.error("undefined character name '\(name)'", back: name.unicodeScalars.count + 4)
        }
        return scalar.value
    }

    // MARK: Sets

    mutating func set() throws(InputError) -> PatternNode {
        let start = tokens.position - 1
        var set = PatternSet(members: [])
        set.isNegated = try tokens.take("^")
        while true {
            let token = try setToken(start)
            if token == .init(isEscaped: false, scalar: "]"), !set.members.isEmpty { break }
            let member = try setMember(token)
            guard try tokens.take("-") else {
                set.members.append(member)
                continue
            }
            let end = try setToken(start)
            if end == .init(isEscaped: false, scalar: "]") {
                set.members += [member, .range(0x2D, 0x2D)]
                break
            }
            set.members.append(try range(from: (token, member), to: (end, setMember(end))))
        }
        if set.members.count == 1, !set.isNegated, case .range(let low, let high) = set.members[0], low == high {
            return .literal(low)
        }
        return .set(set)
    }

    private mutating func setToken(_ start: Int) throws(InputError) -> PatternTokens.Token {
        guard let token = try tokens.take() else { throw tokens.error("unterminated character set", at: start) }
        return token
    }

    private func range(
        from low: (token: PatternTokens.Token, member: PatternSet.Member),
        to high: (token: PatternTokens.Token, member: PatternSet.Member)
    ) throws(InputError) -> PatternSet.Member {
        guard case .range(let first, _) = low.member, case .range(let last, _) = high.member, first <= last else {
            throw tokens.error(
                "bad character range \(low.token.text)-\(high.token.text)",
                back: low.token.length + 1 + high.token.length)
        }
        return .range(first, last)
    }

    private mutating func setMember(_ token: PatternTokens.Token) throws(InputError) -> PatternSet.Member {
        guard token.isEscaped else { return .range(token.scalar.value, token.scalar.value) }
        if let category = category(token.scalar) { return category }
        let value: UInt32
        switch token.scalar {
        case "0"..."7":
            let digits = String(token.scalar) + (try tokens.take(2, where: \.isOctalDigit))
            value = try octal(digits)
        case "8", "9": throw tokens.error("bad escape \(token.text)", back: 2)
        default: value = try character(token)
        }
        return .range(value, value)
    }
}

extension Unicode.Scalar {
    /// The character with a name of Unicode's, or an alias of one, in any case.
    fileprivate init?(named name: String) {
        let name = name.uppercased()
        for value in UInt32(0)..<0x110000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            if scalar.properties.name == name || scalar.properties.nameAlias == name {
                self = scalar
                return
            }
        }
        return nil
    }
}
