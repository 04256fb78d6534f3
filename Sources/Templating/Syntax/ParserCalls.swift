/// Filters, tests, and what calls are given.
extension Parser {
    mutating func arguments() throws(SyntaxError) -> Arguments {
        try expect(.leftParenthesis)
        var result = Arguments()
        var isFirst = true
        let base = links
        while !skip(.rightParenthesis) {
            if !isFirst {
                try expect(.comma)
                if skip(.rightParenthesis) { break }
            }
            isFirst = false
            try beside(base) { parser throws(SyntaxError) in try parser.argument(&result) }
        }
        return result
    }

    private mutating func argument(_ result: inout Arguments) throws(SyntaxError) {
        if skip(.multiply) {
            result.list = try expression()
        } else if skip(.power) {
            result.mapping = try expression()
        } else if case .name(let name) = current.kind, tokens[place + 1].kind == .symbol(.assign) {
            advance()
            advance()
            result.named.append((name, try expression()))
        } else if result.named.isEmpty, result.mapping == nil {
            result.positional.append(try expression())
        } else {
            throw failure("a positional argument follows a named one")
        }
    }

    /// Filters, tests and calls after an operand.
    mutating func filtersAndTests(_ value: Expression) throws(SyntaxError) -> Expression {
        var value = value
        var count = 0
        while true {
            if isSymbol(.pipe) {
                value = try filters(after: value) ?? value
            } else if isName("is") {
                try link(&count)
                value = try test(value)
            } else if isSymbol(.leftParenthesis) {
                try link(&count)
                let line = self.line
                value = .call(value, try arguments(), line: line)
            } else {
                return value
            }
        }
    }

    /// A chain of filters; with `startsInline` the first has no `|` before it. `nil` when there is none.
    mutating func filters(after value: Expression?, startsInline: Bool = false) throws(SyntaxError) -> Expression? {
        var value = value
        var isInline = startsInline
        var count = 0
        while isInline || isSymbol(.pipe) {
            try link(&count)
            if !isInline { advance() }
            isInline = false
            let line = self.line
            let name = try dottedName()
            let arguments = isSymbol(.leftParenthesis) ? try arguments() : .none
            value = .filter(value, name: name, arguments, line: line)
        }
        return value
    }

    private mutating func dottedName() throws(SyntaxError) -> String {
        var name = try expectName()
        while skip(.dot) { name += "." + (try expectName()) }
        return name
    }

    private mutating func test(_ value: Expression) throws(SyntaxError) -> Expression {
        let line = self.line
        advance()
        let isNegated = skip(name: "not")
        let name = try dottedName()
        var arguments = Arguments.none
        if isSymbol(.leftParenthesis) {
            arguments = try self.arguments()
        } else if beginsTestArgument {
            if isName("is") { throw failure("tests can't be chained with 'is'") }
            arguments.positional = [try postfix(try primary())]
        }
        let test = Expression.test(value, name: name, arguments, line: line)
        return isNegated ? .not(test) : test
    }

    private var beginsTestArgument: Bool {
        switch current.kind {
        case .string, .integer, .float: true
        case .symbol(let symbol): symbol == .leftBracket || symbol == .leftBrace
        case .name(let name): !["else", "or", "and", "if", "in", "not", "recursive"].contains(name)
        default: false
        }
    }
}
