/// Macros, blocks, and what brings in other templates.
extension Parser {
    mutating func macro(_ line: Int) throws(SyntaxError) -> Statement {
        let name = try assignableName()
        let parameters = try parameters()
        let body = try wholeBody(of: "macro", at: line, until: "endmacro")
        return .macro(finish(name, parameters, body, line))
    }

    mutating func call(_ line: Int) throws(SyntaxError) -> Statement {
        let parameters = isSymbol(.leftParenthesis) ? try parameters() : []
        let call = try expression()
        guard case .call = call else { throw failure("expected a call after 'call'") }
        let body = try wholeBody(of: "call", at: line, until: "endcall")
        return .call(call, caller: finish("caller", parameters, body, line), line: line)
    }

    private func finish(
        _ name: String, _ parameters: [(name: String, fallback: Expression?)], _ body: [Statement], _ line: Int
    ) -> Statement.Macro {
        var names = NameCollector()
        names.visit(body)
        let used = Set(names.used.map(\.name))
        return Statement.Macro(
            name: name, parameters: parameters, body: body, takesMore: used.contains("varargs"),
            takesMoreNamed: used.contains("kwargs"), line: line)
    }

    private mutating func parameters() throws(SyntaxError) -> [(name: String, fallback: Expression?)] {
        try expect(.leftParenthesis)
        var result: [(name: String, fallback: Expression?)] = []
        while !skip(.rightParenthesis) {
            if !result.isEmpty { try expect(.comma) }
            let name = try assignableName()
            if skip(.assign) {
                result.append((name, try expression()))
            } else if result.last?.fallback != nil {
                throw failure("parameter '\(name)' without a default follows one with a default")
            } else {
                result.append((name, nil))
            }
        }
        return result
    }

    mutating func block(_ line: Int) throws(SyntaxError) -> Statement {
        let name = try expectName()
        let isScoped = skip(name: "scoped")
        let isRequired = skip(name: "required")
        try expectBlockEnd()
        let body = try body(of: "block", at: line, until: ["endblock"])
        advance()
        _ = skip(name: name)
        try expectBlockEnd()
        return .block(
            Statement.Block(name: name, body: body, isScoped: isScoped, isRequired: isRequired, line: line))
    }

    mutating func include(_ line: Int) throws(SyntaxError) -> Statement {
        let template = try expression()
        var ignoresMissing = false
        if isName("ignore"), tokens[place + 1].kind == .name("missing") {
            advance()
            advance()
            ignoresMissing = true
        }
        let withContext = context(default: true)
        try expectBlockEnd()
        return .include(
            Statement.Include(
                template: template, ignoresMissing: ignoresMissing, withContext: withContext, line: line))
    }

    /// Reads `with context` or `without context`.
    private mutating func context(default fallback: Bool) -> Bool {
        guard isName("with") || isName("without"), tokens[place + 1].kind == .name("context") else { return fallback }
        let with = isName("with")
        advance()
        advance()
        return with
    }

    mutating func importAll(_ line: Int) throws(SyntaxError) -> Statement {
        let template = try expression()
        try expect(name: "as")
        let name = try assignableName()
        _ = context(default: false)
        try expectBlockEnd()
        return .importAll(template, as: name, line: line)
    }

    mutating func importNames(_ line: Int) throws(SyntaxError) -> Statement {
        let template = try expression()
        try expect(name: "import")
        var names: [(name: String, alias: String)] = []
        while current.kind != .blockEnd {
            if !names.isEmpty {
                if isName("with") || isName("without") { break }
                try expect(.comma)
                if current.kind == .blockEnd { break }
            }
            let name = try assignableName()
            guard name.utf8.first != UInt8(ascii: "_") else {
                throw failure("names that begin with an underscore can't be imported")
            }
            names.append((name, skip(name: "as") ? try assignableName() : name))
        }
        _ = context(default: false)
        try expectBlockEnd()
        return .importNames(template, names, line: line)
    }
}
