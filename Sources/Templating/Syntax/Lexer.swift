/// Cuts template source into tokens, as Jinja2's lexer does: white space control included.
struct Lexer {
    /// Where reading stands.
    enum Mode { case text, variable, block }

    var source: [UInt8]
    var place = 0
    var line = 1
    var tokens: [Token] = []
    let delimiters: Delimiters
    /// Whether backslashes in strings inside `{{ }}` stand for themselves, as in a task's arguments.
    let keepsBackslashes: Bool
    /// Brackets still open inside a tag, so that `}}` may end nested mappings.
    var openBrackets: [(UInt8, Int)] = []
    /// Whether the last tag ended its line, for `lstrip_blocks`.
    private var atLineStart = true

    init(_ text: some StringProtocol, delimiters: Delimiters, keepsBackslashes: Bool) {
        source = Self.normalized(text, delimiters)
        self.delimiters = delimiters
        self.keepsBackslashes = keepsBackslashes
    }

    /// The tokens of a whole template.
    static func template(
        _ text: some StringProtocol, delimiters: Delimiters, keepsBackslashes: Bool
    ) throws(SyntaxError) -> [Token] {
        var lexer = Lexer(text, delimiters: delimiters, keepsBackslashes: keepsBackslashes)
        while lexer.place < lexer.source.count { try lexer.readText() }
        lexer.append(.end)
        return lexer.tokens
    }

    /// The tokens of a bare expression.
    static func expression(_ text: some StringProtocol, keepsBackslashes: Bool) throws(SyntaxError) -> [Token] {
        var lexer = Lexer(text, delimiters: .standard, keepsBackslashes: keepsBackslashes)
        try lexer.readExpression(until: .text)
        lexer.append(.end)
        return lexer.tokens
    }

    mutating func append(_ kind: Token.Kind) { tokens.append(Token(kind: kind, line: line)) }

    private static func normalized(_ text: some StringProtocol, _ delimiters: Delimiters) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\n"), previous == UInt8(ascii: "\r") {
                bytes[bytes.count - 1] = byte
            } else {
                bytes.append(byte)
            }
            previous = byte
        }
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\r") { bytes[index] = UInt8(ascii: "\n") }
        if !delimiters.keepTrailingNewline, bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return bytes
    }

    // MARK: Text

    /// Reads text up to the next tag, and the tag.
    private mutating func readText() throws(SyntaxError) {
        let start = place
        while place < source.count {
            guard let tag = tagStart(at: place) else {
                place += 1
                continue
            }
            try read(tag, textFrom: start)
            return
        }
        emitData(start..<source.count)
    }

    private enum Tag { case variable, block, comment }

    /// The longest delimiter that begins here.
    private func tagStart(at index: Int) -> (Tag, Int)? {
        let candidates: [(Tag, String)] = [
            (.comment, delimiters.commentStart), (.block, delimiters.blockStart), (.variable, delimiters.variableStart),
        ]
        var best: (Tag, Int)?
        let byte = source[index]
        for (tag, mark) in candidates where mark.utf8.first == byte && matches(mark, at: index) {
            if mark.utf8.count > best?.1 ?? 0 { best = (tag, mark.utf8.count) }
        }
        return best
    }

    private mutating func read(_ tag: (Tag, Int), textFrom start: Int) throws(SyntaxError) {
        var textEnd = place
        place += tag.1
        let sign = place < source.count ? source[place] : 0
        if sign == UInt8(ascii: "-") {
            place += 1
            while textEnd > start, Self.isSpace(source[textEnd - 1]) { textEnd -= 1 }
        } else if sign == UInt8(ascii: "+"), tag.0 != .variable {
            place += 1
        } else if delimiters.lstripBlocks, tag.0 != .variable {
            textEnd = stripped(start..<textEnd)
        }
        let tagPlace = place
        emitData(start..<textEnd)
        countLines(textEnd..<tagPlace)
        switch tag.0 {
        case .comment: try skipComment()
        case .variable: try readTag(.variableBegin, .variable)
        case .block:
            if !(try readRaw()) { try readTag(.blockBegin, .block) }
        }
    }

    /// Where the text ends when blanks between the line's beginning and the tag go.
    private func stripped(_ text: Range<Int>) -> Int {
        var end = text.upperBound
        while end > text.lowerBound, Self.isSpace(source[end - 1]), source[end - 1] != UInt8(ascii: "\n") { end -= 1 }
        let beginsLine = end == text.lowerBound ? atLineStart : source[end - 1] == UInt8(ascii: "\n")
        return beginsLine ? end : text.upperBound
    }

    private mutating func emitData(_ range: Range<Int>) {
        if !range.isEmpty {
            var text = String(decoding: source[range], as: UTF8.self)
            if delimiters.newline != "\n" { text = text.replacingScalars(of: "\n", with: delimiters.newline) }
            append(.data(text))
        }
        countLines(range)
    }

    mutating func countLines(_ range: Range<Int>) {
        for index in range where source[index] == UInt8(ascii: "\n") { line += 1 }
    }

    func matches(_ mark: String, at index: Int) -> Bool {
        var at = index
        for byte in mark.utf8 {
            guard at < source.count, source[at] == byte else { return false }
            at += 1
        }
        return true
    }

    // MARK: Tags

    private mutating func readTag(_ begin: Token.Kind, _ mode: Mode) throws(SyntaxError) {
        append(begin)
        try readExpression(until: mode)
    }

    private mutating func skipComment() throws(SyntaxError) {
        let opened = line
        while place < source.count {
            if matches(delimiters.commentEnd, at: place) {
                let sign = source[place - 1]
                place += delimiters.commentEnd.utf8.count
                finishTag(sign: sign, trims: delimiters.trimBlocks)
                return
            }
            countLines(place..<(place + 1))
            place += 1
        }
        throw SyntaxError(message: "comment is not closed with '\(delimiters.commentEnd)'", line: opened)
    }

    /// White space after a tag that ended with `sign` before its closing mark.
    mutating func finishTag(sign: UInt8, trims: Bool) {
        let start = place
        if sign == UInt8(ascii: "-") {
            while place < source.count, Self.isSpace(source[place]) { place += 1 }
        } else if sign != UInt8(ascii: "+"), trims, place < source.count, source[place] == UInt8(ascii: "\n") {
            place += 1
        }
        countLines(start..<place)
        atLineStart = place > 0 && source[place - 1] == UInt8(ascii: "\n")
    }

    /// Reads `raw %} … {% endraw %}` when it stands here.
    private mutating func readRaw() throws(SyntaxError) -> Bool {
        guard let (start, sign) = endOfTag(named: "raw", at: place) else { return false }
        let opened = line
        countLines(place..<start)
        place = start
        finishTag(sign: sign, trims: false)
        let body = place
        while place < source.count {
            guard matches(delimiters.blockStart, at: place) else {
                place += 1
                continue
            }
            let first = place + delimiters.blockStart.utf8.count
            let opening = first < source.count ? source[first] : 0
            let signed = opening == UInt8(ascii: "-") || opening == UInt8(ascii: "+")
            guard let (after, closing) = endOfTag(named: "endraw", at: signed ? first + 1 : first) else {
                place += 1
                continue
            }
            var end = place
            if opening == UInt8(ascii: "-") {
                while end > body, Self.isSpace(source[end - 1]) { end -= 1 }
            } else if opening != UInt8(ascii: "+"), delimiters.lstripBlocks {
                end = stripped(body..<end)
            }
            emitData(body..<end)
            countLines(end..<after)
            place = after
            finishTag(sign: closing, trims: delimiters.trimBlocks)
            return true
        }
        throw SyntaxError(message: "'raw' is not closed with 'endraw'", line: opened)
    }

    /// The place after a tag that holds nothing but `name`, and the sign before its end.
    private func endOfTag(named name: String, at index: Int) -> (Int, UInt8)? {
        var at = index
        while at < source.count, Self.isSpace(source[at]) { at += 1 }
        guard matches(name, at: at) else { return nil }
        at += name.utf8.count
        while at < source.count, Self.isSpace(source[at]) { at += 1 }
        var sign: UInt8 = 0
        if at < source.count, source[at] == UInt8(ascii: "-") || source[at] == UInt8(ascii: "+") {
            sign = source[at]
            at += 1
        }
        guard matches(delimiters.blockEnd, at: at) else { return nil }
        return (at + delimiters.blockEnd.utf8.count, sign)
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
