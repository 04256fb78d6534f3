/// Operands, and what may follow them.
extension Parser {
    mutating func primary() throws(SyntaxError) -> Expression {
        let token = current
        switch token.kind {
        case .name(let name):
            advance()
            return Self.constant(name) ?? .name(name, line: token.line)
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                text += more
                advance()
            }
            return .literal(.string(text))
        case .integer(let number):
            advance()
            return .literal(.int(number))
        case .float(let number):
            advance()
            return .literal(.double(number))
        case .symbol(.leftParenthesis): return try parenthesized()
        case .symbol(.leftBracket): return try list()
        case .symbol(.leftBrace): return try mapping()
        default: throw failure("expected an expression, found \(token.description)")
        }
    }

    private static func constant(_ name: String) -> Expression? {
        switch name {
        case "true", "True": .literal(.bool(true))
        case "false", "False": .literal(.bool(false))
        case "none", "None": .literal(.none)
        default: nil
        }
    }

    private mutating func parenthesized() throws(SyntaxError) -> Expression {
        advance()
        if skip(.rightParenthesis) { return .tuple([]) }
        let value = try tupleOrExpression()
        try expect(.rightParenthesis)
        return value
    }

    private mutating func list() throws(SyntaxError) -> Expression {
        advance()
        var items: [Expression] = []
        let base = links
        while !skip(.rightBracket) {
            if !items.isEmpty { try expect(.comma) }
            if skip(.rightBracket) { break }
            items.append(try beside(base) { parser throws(SyntaxError) in try parser.expression() })
        }
        return .list(items)
    }

    private mutating func mapping() throws(SyntaxError) -> Expression {
        advance()
        var items: [(key: Expression, value: Expression)] = []
        let base = links
        while !skip(.rightBrace) {
            if !items.isEmpty { try expect(.comma) }
            if skip(.rightBrace) { break }
            let key = try beside(base) { parser throws(SyntaxError) in try parser.expression() }
            try expect(.colon)
            items.append((key, try beside(base) { parser throws(SyntaxError) in try parser.expression() }))
        }
        return .mapping(items)
    }

    /// An expression, or several separated by commas.
    mutating func tupleOrExpression(
        allowsConditional: Bool = true, until ends: Set<String> = []
    ) throws(SyntaxError) -> Expression {
        var items: [Expression] = []
        var isTuple = false
        let base = links
        while !endsTuple(ends) {
            items.append(
                try beside(base) { parser throws(SyntaxError) in
                    try allowsConditional ? parser.expression() : parser.disjunction()
                })
            guard skip(.comma) else { break }
            isTuple = true
        }
        guard let first = items.first else { throw failure("expected an expression, found \(current.description)") }
        return isTuple ? .tuple(items) : first
    }

    private func endsTuple(_ ends: Set<String>) -> Bool {
        switch current.kind {
        case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
        case .name(let name): ends.contains(name)
        default: false
        }
    }

    /// Attribute and item accesses, and calls.
    mutating func postfix(_ value: Expression) throws(SyntaxError) -> Expression {
        var value = value
        var count = 0
        while true {
            if skip(.dot) {
                try link(&count)
                value = try attribute(of: value)
            } else if skip(.leftBracket) {
                try link(&count)
                value = try item(of: value)
            } else if isSymbol(.leftParenthesis) {
                try link(&count)
                let line = self.line
                value = .call(value, try arguments(), line: line)
            } else {
                return value
            }
        }
    }

    private mutating func attribute(of value: Expression) throws(SyntaxError) -> Expression {
        switch current.kind {
        case .name(let name):
            advance()
            return .attribute(of: value, name: name)
        case .integer(let number):
            advance()
            return .item(of: value, key: .literal(.int(number)))
        default: throw failure("expected a name or a number after '.', found \(current.description)")
        }
    }

    private mutating func item(of value: Expression) throws(SyntaxError) -> Expression {
        var keys: [Expression] = []
        var result: Expression?
        while !skip(.rightBracket) {
            if !keys.isEmpty || result != nil { try expect(.comma) }
            if let slice = try sliceOrKey(of: value, &keys) { result = slice }
        }
        if let result { return result }
        guard let first = keys.first else { throw failure("expected an expression inside '[ ]'") }
        return .item(of: value, key: keys.count == 1 ? first : .tuple(keys))
    }

    /// Reads a slice, or a key that is added to `keys`.
    private mutating func sliceOrKey(of value: Expression, _ keys: inout [Expression]) throws(SyntaxError)
        -> Expression?
    {
        var parts: [Expression?] = []
        if !isSymbol(.colon) {
            let first = try expression()
            guard isSymbol(.colon) else {
                keys.append(first)
                return nil
            }
            parts.append(first)
        } else {
            parts.append(nil)
        }
        while parts.count < 3, skip(.colon) {
            let isEmpty = isSymbol(.colon) || isSymbol(.rightBracket) || isSymbol(.comma)
            parts.append(isEmpty ? nil : try expression())
        }
        return .slice(of: value, start: parts[0], stop: parts[1], step: parts.count > 2 ? parts[2] : nil)
    }
}
