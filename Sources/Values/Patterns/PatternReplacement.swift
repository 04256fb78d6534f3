public import Fleet

/// What a match is replaced with, as `re.sub` reads it: text, `\1`, `\g<name>`, and escapes.
public struct PatternReplacement: Sendable {
    private enum Piece {
        case literal(String.UnicodeScalarView)
        case group(Int)
    }

    private var pieces: [Piece] = []
    private var literal = String.UnicodeScalarView()

    /// Reads `template`.
    /// - Throws: ``InputError`` for a group that `pattern` does not have, or a letter that means nothing behind a backslash.
    public init(_ template: String, for pattern: PythonPattern) throws(InputError) {
        guard template.utf8.contains(UInt8(ascii: "\\")) else {
            pieces = [.literal(Self.scalars(template, pattern))]
            return
        }
        do {
            var tokens = try PatternTokens(Self.scalars(template, pattern))
            while let token = try tokens.take() { try read(token, &tokens, pattern) }
            endLiteral()
        } catch {
            throw InputError("'\(template)' can't be put in place of a match: \(error.message)")
        }
    }

    private static func scalars(_ text: String, _ pattern: PythonPattern) -> String.UnicodeScalarView {
        guard pattern.matter == .bytes else { return text.unicodeScalars }
        return String.UnicodeScalarView(text.utf8.map { Unicode.Scalar($0) })
    }

    private mutating func endLiteral() {
        guard !literal.isEmpty else { return }
        pieces.append(.literal(literal))
        literal = .init()
    }

    private mutating func read(
        _ token: PatternTokens.Token, _ tokens: inout PatternTokens, _ pattern: PythonPattern
    ) throws(InputError) {
        guard token.isEscaped else { return literal.append(token.scalar) }
        switch token.scalar {
        case "g": try namedGroup(&tokens, pattern)
        case "0":
            let digits = try tokens.take(2, where: \.isOctalDigit)
            literal.append(Unicode.Scalar(UInt8(truncatingIfNeeded: Int("0" + digits, radix: 8) ?? 0)))
        case "1"..."9": try number(token, &tokens, pattern)
        default: try escape(token, tokens)
        }
    }

    private mutating func add(
        _ group: Int, _ tokens: PatternTokens, back: Int, _ pattern: PythonPattern
    ) throws(InputError) {
        guard group <= pattern.groupCount else {
            throw tokens.error("invalid group reference \(group)", back: back)
        }
        endLiteral()
        pieces.append(.group(group))
    }

    private mutating func namedGroup(_ tokens: inout PatternTokens, _ pattern: PythonPattern) throws(InputError) {
        guard try tokens.take("<") else { throw tokens.error("missing <") }
        let name = try tokens.name(until: ">")
        let back = name.unicodeScalars.count + 1
        if name.isIdentifier {
            guard let group = pattern.names[name] else { throw InputError("unknown group name '\(name)'") }
            return try add(group, tokens, back: back, pattern)
        }
        guard name.unicodeScalars.allSatisfy(\.isASCIIDigit) else {
            throw tokens.error("bad character in group name '\(name)'", back: back)
        }
        // A number that is too large for the machine is too large for the pattern.
        try add(Int(name) ?? .max, tokens, back: back, pattern)
    }

    private mutating func number(
        _ token: PatternTokens.Token, _ tokens: inout PatternTokens, _ pattern: PythonPattern
    ) throws(InputError) {
        var digits = String(token.scalar) + (try tokens.take(1, where: \.isASCIIDigit))
        if digits.unicodeScalars.count == 2, digits.unicodeScalars.allSatisfy(\.isOctalDigit) {
            digits += try tokens.take(1, where: \.isOctalDigit)
        }
        guard digits.unicodeScalars.count == 3 else {
            return try add(Int(digits) ?? 0, tokens, back: digits.unicodeScalars.count, pattern)
        }
        guard let value = UInt8(digits, radix: 8) else {
            throw tokens.error("octal escape value \\\(digits) outside of range 0-0o377", back: 4)
        }
        literal.append(Unicode.Scalar(value))
    }

    private mutating func escape(_ token: PatternTokens.Token, _ tokens: PatternTokens) throws(InputError) {
        let known: [Unicode.Scalar: Unicode.Scalar] = [
            "a": "\u{7}", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{B}", "\\": "\\",
        ]
        if let scalar = known[token.scalar] { return literal.append(scalar) }
        guard !token.scalar.isASCIILetter else { throw tokens.error("bad escape \(token.text)", back: 2) }
        literal.append("\\")
        literal.append(token.scalar)
    }

    // MARK: Filling in

    /// What a match of text is replaced with: groups that took no part are empty.
    public func text(for match: PythonPattern.Match) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .literal(let scalars): text.unicodeScalars.append(contentsOf: scalars)
            case .group(let group): text += match[group] ?? ""
            }
        }
        return text
    }

    /// What a match of bytes is replaced with: groups that took no part are empty.
    public func bytes(for match: PythonPattern.Match) -> [UInt8] {
        var bytes: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .literal(let scalars): bytes += scalars.map { UInt8(truncatingIfNeeded: $0.value) }
            case .group(let group): bytes += match.bytes(group) ?? []
            }
        }
        return bytes
    }
}
