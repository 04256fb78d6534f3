import Fleet

/// The tags.
extension Parser {
    /// A tag whose opening mark has been read.
    mutating func statement() throws(SyntaxError) -> Statement {
        let line = self.line
        guard case .name(let tag) = current.kind else {
            throw failure("expected a tag's name, found \(current.description)")
        }
        advance()
        switch tag {
        case "if": return try condition(line)
        case "for": return try loop(line)
        case "set": return try assignment(line)
        case "with": return try with(line)
        case "macro": return try macro(line)
        case "call": return try call(line)
        case "filter": return try filterBlock(line)
        case "block": return try block(line)
        case "extends": return try ended(.extends(try expression(), line: line))
        case "include": return try include(line)
        case "import": return try importAll(line)
        case "from": return try importNames(line)
        case "print": return try printStatement(line)
        case "autoescape":
            _ = try expression()
            return .scope(try wholeBody(of: tag, at: line, until: "endautoescape"))
        default: throw unknown(tag, line)
        }
    }

    private static let tags = [
        "if", "for", "set", "with", "macro", "call", "filter", "block", "extends", "include", "import", "from", "print",
        "raw", "else", "elif", "endif", "endfor", "endset", "endmacro", "endcall", "endfilter", "endblock", "endwith",
    ]

    private func unknown(_ tag: String, _ line: Int) -> SyntaxError {
        if tag.utf8.starts(with: "end".utf8) || tag == "else" || tag == "elif", Self.tags.contains(tag) {
            let inner = open.last.map { "'\($0.name)' of line \($0.line) is open" } ?? "nothing is open"
            return SyntaxError(message: "unexpected '\(tag)': \(inner)", line: line)
        }
        return SyntaxError(
            message: "unknown tag '\(tag)'", line: line, hints: NearestNames.hints(for: tag, among: Self.tags))
    }

    private mutating func ended(_ statement: Statement) throws(SyntaxError) -> Statement {
        try expectBlockEnd()
        return statement
    }

    private mutating func printStatement(_ line: Int) throws(SyntaxError) -> Statement {
        var pieces: [Statement.Output] = []
        while current.kind != .blockEnd {
            if !pieces.isEmpty { try expect(.comma) }
            pieces.append(.expression(try expression(), line: line))
        }
        return try ended(.output(pieces))
    }

    private mutating func condition(_ line: Int) throws(SyntaxError) -> Statement {
        var branches: [(condition: Expression, body: [Statement])] = []
        var otherwise: [Statement] = []
        while true {
            let test = try tupleOrExpression(allowsConditional: false)
            try expectBlockEnd()
            branches.append((test, try body(of: "if", at: line, until: ["elif", "else", "endif"])))
            if skip(name: "elif") { continue }
            if skip(name: "else") {
                try expectBlockEnd()
                otherwise = try body(of: "if", at: line, until: ["endif"])
            }
            advance()
            try expectBlockEnd()
            return .condition(branches, otherwise: otherwise)
        }
    }

    private mutating func loop(_ line: Int) throws(SyntaxError) -> Statement {
        let target = try target(until: "in")
        try expect(name: "in")
        let items = try tupleOrExpression(allowsConditional: false, until: ["recursive", "if"])
        let condition = skip(name: "if") ? try expression() : nil
        let isRecursive = skip(name: "recursive")
        try expectBlockEnd()
        let inner = try body(of: "for", at: line, until: ["endfor", "else"])
        var otherwise: [Statement] = []
        if skip(name: "else") {
            try expectBlockEnd()
            otherwise = try body(of: "for", at: line, until: ["endfor"])
        }
        advance()
        try expectBlockEnd()
        return .loop(
            Statement.Loop(
                target: target, items: items, condition: condition, isRecursive: isRecursive, body: inner,
                otherwise: otherwise, line: line))
    }

    private mutating func assignment(_ line: Int) throws(SyntaxError) -> Statement {
        let target = try target(until: nil)
        if skip(.assign) {
            let value = try tupleOrExpression()
            return try ended(.assign(target, value, line: line))
        }
        let filters = try filters(after: nil)
        let body = try wholeBody(of: "set", at: line, until: "endset")
        return .assignBlock(target, filters: filters, body, line: line)
    }

    private mutating func with(_ line: Int) throws(SyntaxError) -> Statement {
        var assignments: [(AssignmentTarget, Expression)] = []
        while current.kind != .blockEnd {
            if !assignments.isEmpty { try expect(.comma) }
            let target = AssignmentTarget.name(try assignableName())
            try expect(.assign)
            assignments.append((target, try expression()))
        }
        return .with(assignments, try wholeBody(of: "with", at: line, until: "endwith"), line: line)
    }

    private mutating func filterBlock(_ line: Int) throws(SyntaxError) -> Statement {
        guard let filters = try filters(after: nil, startsInline: true) else {
            throw failure("expected a filter's name")
        }
        return .filterBlock(filters, try wholeBody(of: "filter", at: line, until: "endfilter"), line: line)
    }

    // MARK: Targets

    mutating func assignableName() throws(SyntaxError) -> String {
        let name = try expectName()
        guard !Self.constants.contains(name) else { throw failure("can't assign to '\(name)'") }
        return name
    }

    /// One name or several, separated by commas, with parentheses or without.
    mutating func target(until end: String?) throws(SyntaxError) -> AssignmentTarget {
        var targets: [AssignmentTarget] = []
        var isTuple = false
        while true {
            if case .name(let name) = current.kind, name == end, isTuple { break }
            if current.kind == .blockEnd || isSymbol(.assign) { break }
            targets.append(try singleTarget())
            guard skip(.comma) else { break }
            isTuple = true
        }
        guard let first = targets.first else { throw failure("expected a name, found \(current.description)") }
        return isTuple ? .tuple(targets) : first
    }

    private mutating func singleTarget() throws(SyntaxError) -> AssignmentTarget {
        if skip(.leftParenthesis) {
            depth += 1
            defer { depth -= 1 }
            guard depth < 100 else { throw failure("names are nested too deeply") }
            var targets: [AssignmentTarget] = []
            while !skip(.rightParenthesis) {
                targets.append(try singleTarget())
                if !isSymbol(.rightParenthesis) { try expect(.comma) }
            }
            return .tuple(targets)
        }
        let name = try assignableName()
        return skip(.dot) ? .attribute(name, try expectName()) : .name(name)
    }
}
