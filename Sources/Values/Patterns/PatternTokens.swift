import Fleet

/// The characters of a pattern or of a replacement, a backslash together with what it stands before.
struct PatternTokens {
    /// A character, or a backslash and a character.
    struct Token: Equatable {
        var isEscaped: Bool
        var scalar: Unicode.Scalar

        var text: String { (isEscaped ? "\\" : "") + String(scalar) }
        var length: Int { isEscaped ? 2 : 1 }
    }

    private let scalars: [Unicode.Scalar]
    private var index = 0
    /// What comes next; `nil` at the end.
    private(set) var next: Token?

    /// - Throws: ``InputError`` when the text ends in a single backslash, here as at every step forward.
    init(_ scalars: some Sequence<Unicode.Scalar>) throws(InputError) {
        self.scalars = Array(scalars)
        try advance()
    }

    /// The place of what comes next, in characters.
    var position: Int { index - (next?.length ?? 0) }

    mutating func advance() throws(InputError) {
        guard index < scalars.count else { return next = nil }
        let scalar = scalars[index]
        guard scalar == "\\" else {
            index += 1
            return next = Token(isEscaped: false, scalar: scalar)
        }
        guard index + 1 < scalars.count else {
            throw InputError("bad escape (end of pattern) at position \(scalars.count - 1)")
        }
        index += 2
        next = Token(isEscaped: true, scalar: scalars[index - 1])
    }

    mutating func take() throws(InputError) -> Token? {
        let token = next
        try advance()
        return token
    }

    /// Whether `scalar` comes next, as it stands; it is taken then.
    mutating func take(_ scalar: Unicode.Scalar) throws(InputError) -> Bool {
        guard isNext(scalar) else { return false }
        try advance()
        return true
    }

    func isNext(_ scalar: Unicode.Scalar) -> Bool { next == Token(isEscaped: false, scalar: scalar) }

    /// Goes back to a place where ``position`` was.
    mutating func seek(_ position: Int) throws(InputError) {
        index = position
        try advance()
    }

    /// Up to `most` characters that fit.
    mutating func take(_ most: Int, where fits: (Unicode.Scalar) -> Bool) throws(InputError) -> String {
        var text = ""
        while text.unicodeScalars.count < most, let token = next, !token.isEscaped, fits(token.scalar) {
            text.unicodeScalars.append(token.scalar)
            try advance()
        }
        return text
    }

    /// Everything up to `end`, which is taken too.
    mutating func name(until end: Unicode.Scalar, _ what: String = "group name") throws(InputError) -> String {
        var name = ""
        while let token = try take() {
            if token == Token(isEscaped: false, scalar: end) {
                guard !name.isEmpty else { throw error("missing \(what)", back: 1) }
                return name
            }
            name += token.text
        }
        guard !name.isEmpty else { throw error("missing \(what)") }
        throw error("missing \(end), unterminated name", back: name.unicodeScalars.count)
    }

    /// An error `back` characters before what comes next, in Python's words.
    func error(_ message: String, back: Int = 0) -> InputError { error(message, at: position - back) }

    func error(_ message: String, at position: Int) -> InputError { InputError("\(message) at position \(position)") }
}

extension Unicode.Scalar {
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
    var isOctalDigit: Bool { ("0"..."7").contains(self) }
    var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
    var isHexDigit: Bool { isASCIIDigit || ("a"..."f").contains(self) || ("A"..."F").contains(self) }
}

extension String {
    /// What Python calls an identifier.
    var isIdentifier: Bool {
        guard let first = unicodeScalars.first, first == "_" || first.properties.isXIDStart else { return false }
        return unicodeScalars.dropFirst().allSatisfy(\.properties.isXIDContinue)
    }
}
