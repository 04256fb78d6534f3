/// Builds a tree of a template's tokens; the grammar is Jinja2's.
struct Parser {
    let tokens: [Token]
    var place = 0
    /// Tags that are open, for messages.
    var open: [(name: String, line: Int)] = []
    /// Depth of nested expressions, bounded so that no input can exhaust the stack.
    var depth = 0
    /// How deep what was read so far nests by chains, bounded for the same reason.
    var links = 0
    private static let mostLinks = 1000

    init(_ tokens: [Token]) { self.tokens = tokens }

    /// A whole template.
    static func template(_ tokens: [Token]) throws(SyntaxError) -> [Statement] {
        var parser = Parser(tokens)
        let body = try parser.statements(until: [])
        return body
    }

    /// A bare expression, all of it.
    static func expression(_ tokens: [Token]) throws(SyntaxError) -> Expression {
        var parser = Parser(tokens)
        let expression = try parser.expression()
        guard case .end = parser.current.kind else {
            throw parser.failure("unexpected \(parser.current.description) after the expression")
        }
        return expression
    }

    var current: Token { tokens[place] }
    var line: Int { tokens[place].line }

    func failure(_ message: String, hints: [String] = []) -> SyntaxError {
        SyntaxError(message: message, line: line, hints: hints)
    }

    private static let longest = 500

    /// Counts a link of a chain such as `a + b + c`, which nests as deep as it is long.
    mutating func link(_ count: inout Int) throws(SyntaxError) {
        count += 1
        links += 1
        guard count <= Self.longest, links <= Self.mostLinks else {
            throw failure("expression has more than \(Self.longest) parts in a row")
        }
    }

    /// Reads something that stands beside what was read since there were `base` links: the deeper one counts.
    mutating func beside<Part>(
        _ base: Int, _ read: (inout Parser) throws(SyntaxError) -> Part
    ) throws(SyntaxError) -> Part {
        let reached = links
        links = base
        let part = try read(&self)
        links = max(reached, links)
        return part
    }

    mutating func advance() { if place + 1 < tokens.count { place += 1 } }

    func isName(_ name: String) -> Bool { current.kind == .name(name) }
    func isSymbol(_ symbol: Token.Symbol) -> Bool { current.kind == .symbol(symbol) }

    mutating func skip(_ symbol: Token.Symbol) -> Bool {
        guard isSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func skip(name: String) -> Bool {
        guard isName(name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: Token.Symbol) throws(SyntaxError) {
        guard skip(symbol) else { throw failure("expected '\(symbol.rawValue)', found \(current.description)") }
    }

    mutating func expect(name: String) throws(SyntaxError) {
        guard skip(name: name) else { throw failure("expected '\(name)', found \(current.description)") }
    }

    mutating func expectName() throws(SyntaxError) -> String {
        guard case .name(let name) = current.kind else {
            throw failure("expected a name, found \(current.description)")
        }
        advance()
        return name
    }

    mutating func expectBlockEnd() throws(SyntaxError) {
        guard current.kind == .blockEnd else { throw failure("expected '%}', found \(current.description)") }
        advance()
    }

    // MARK: Text and tags

    /// Statements up to a tag named in `ends`, which stays unread; to the end when there is none.
    mutating func statements(until ends: [String]) throws(SyntaxError) -> [Statement] {
        var result: [Statement] = []
        var output: [Statement.Output] = []
        func flush() { if !output.isEmpty { result.append(.output(output)) } }
        while true {
            switch current.kind {
            case .data(let text):
                output.appendText(text)
                advance()
            case .variableBegin: output.append(try variable())
            case .blockBegin:
                flush()
                output = []
                advance()
                if case .name(let name) = current.kind, ends.contains(name) { return result }
                result.append(try statement())
            default:
                flush()
                if let (name, line) = open.last {
                    throw SyntaxError(
                        message: "'\(name)' is not closed", line: line, hints: ["add {% \(ends.last ?? "end") %}"])
                }
                return result
            }
        }
    }

    private mutating func variable() throws(SyntaxError) -> Statement.Output {
        let line = self.line
        advance()
        let value = try tupleOrExpression()
        guard current.kind == .variableEnd else { throw failure("expected '}}', found \(current.description)") }
        advance()
        return .expression(value, line: line)
    }

    /// Reads up to one of `ends`, whose name is then the current token.
    mutating func body(of name: String, at line: Int, until ends: [String]) throws(SyntaxError) -> [Statement] {
        guard open.count < 100 else { throw failure("tags are nested too deeply") }
        open.append((name, line))
        let result = try statements(until: ends)
        open.removeLast()
        return result
    }

    /// Reads up to `end`, and past it.
    mutating func wholeBody(of name: String, at line: Int, until end: String) throws(SyntaxError) -> [Statement] {
        try expectBlockEnd()
        let result = try body(of: name, at: line, until: [end])
        advance()
        try expectBlockEnd()
        return result
    }
}

extension [Statement.Output] {
    /// Adds text, to the text before it if there is some.
    fileprivate mutating func appendText(_ text: String) {
        if case .text(let before)? = last {
            self[count - 1] = .text(before + text)
        } else {
            append(.text(text))
        }
    }
}
