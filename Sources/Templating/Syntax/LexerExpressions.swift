/// The inside of tags.
extension Lexer {
    /// Reads tokens up to the end of the tag; to the end of the source in mode `.text`, for a bare expression.
    mutating func readExpression(until mode: Mode) throws(SyntaxError) {
        let opened = line
        openBrackets = []
        while place < source.count {
            let byte = source[place]
            if Self.isSpace(byte) {
                countLines(place..<(place + 1))
                place += 1
            } else if openBrackets.isEmpty, endTag(mode) {
                return
            } else {
                try readToken(byte, mode)
            }
        }
        guard mode == .text else {
            let end = mode == .variable ? delimiters.variableEnd : delimiters.blockEnd
            throw SyntaxError(
                message: "tag is not closed with '\(end)'", line: opened,
                hints: ["write '\(end)' behind the expression; a brace that is meant as text goes into quotes"])
        }
        if let (bracket, line) = openBrackets.last { throw Self.unclosed(bracket, line) }
    }

    private static func unclosed(_ bracket: UInt8, _ line: Int) -> SyntaxError {
        SyntaxError(message: "'\(Character(Unicode.Scalar(bracket)))' is not closed", line: line)
    }

    /// Ends the tag when its closing mark stands here.
    private mutating func endTag(_ mode: Mode) -> Bool {
        let (mark, kind, trims): (String, Token.Kind, Bool)
        switch mode {
        case .text: return false
        case .variable: (mark, kind, trims) = (delimiters.variableEnd, .variableEnd, false)
        case .block: (mark, kind, trims) = (delimiters.blockEnd, .blockEnd, delimiters.trimBlocks)
        }
        let byte = source[place]
        let signed = byte == UInt8(ascii: "-") || (byte == UInt8(ascii: "+") && mode == .block)
        guard matches(mark, at: signed ? place + 1 : place) else { return false }
        append(kind)
        place += mark.utf8.count + (signed ? 1 : 0)
        finishTag(sign: signed ? byte : 0, trims: trims)
        return true
    }

    private mutating func readToken(_ byte: UInt8, _ mode: Mode) throws(SyntaxError) {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): try readString(quote: byte, mode)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
        case _ where Self.isNameStart(byte): readName()
        default: try readSymbol()
        }
    }

    private mutating func readName() {
        let start = place
        while place < source.count, Self.isNamePart(source[place]) { place += 1 }
        append(.name(String(decoding: source[start..<place], as: UTF8.self)))
    }

    private mutating func readString(quote: UInt8, _ mode: Mode) throws(SyntaxError) {
        let start = place + 1
        var end = start
        while end < source.count, source[end] != quote { end += source[end] == UInt8(ascii: "\\") ? 2 : 1 }
        guard end < source.count else { throw SyntaxError(message: "string is not closed", line: line) }
        let raw = String(decoding: source[start..<end], as: UTF8.self)
        let keepsEscapes = keepsBackslashes && mode != .block
        append(.string(keepsEscapes ? raw : try SyntaxError.decoded(raw, line: line)))
        countLines(start..<end)
        place = end + 1
    }

    private mutating func readSymbol() throws(SyntaxError) {
        for length in [2, 1] where place + length <= source.count {
            let text = String(decoding: source[place..<(place + length)], as: UTF8.self)
            guard let symbol = Token.Symbol(rawValue: text) else { continue }
            try balance(symbol, source[place])
            append(.symbol(symbol))
            place += length
            return
        }
        let scalar = String(decoding: source[place...].prefix(4), as: UTF8.self).unicodeScalars.first.map(String.init)
        throw SyntaxError(message: "unexpected character '\(scalar ?? "?")'", line: line)
    }

    private mutating func balance(_ symbol: Token.Symbol, _ byte: UInt8) throws(SyntaxError) {
        switch symbol {
        case .leftBrace, .leftBracket, .leftParenthesis: openBrackets.append((byte, line))
        case .rightBrace, .rightBracket, .rightParenthesis:
            guard let (open, _) = openBrackets.popLast() else {
                throw SyntaxError(message: "unexpected '\(symbol.rawValue)'", line: line)
            }
            // ASCII puts each closing bracket one (parenthesis) or two places behind its opening one.
            guard byte == open + (open == UInt8(ascii: "(") ? 1 : 2) else {
                throw SyntaxError(
                    message: "'\(symbol.rawValue)' does not close '\(Character(Unicode.Scalar(open)))'", line: line)
            }
        default: break
        }
    }

    static func isNameStart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    static func isNamePart(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
