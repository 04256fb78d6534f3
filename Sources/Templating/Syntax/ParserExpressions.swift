/// Operators, by binding strength.
extension Parser {
    static let constants: Set<String> = ["true", "false", "none", "True", "False", "None", "not"]
    private static let deepest = 150

    /// An expression, conditional ones included.
    mutating func expression() throws(SyntaxError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else { throw failure("expression is nested too deeply") }
        if depth == 1 { links = 0 }
        var value = try disjunction()
        var count = 0
        while skip(name: "if") {
            try link(&count)
            let condition = try disjunction()
            let otherwise: Expression? = skip(name: "else") ? try expression() : nil
            value = .conditional(condition: condition, then: value, otherwise: otherwise)
        }
        return value
    }

    mutating func disjunction() throws(SyntaxError) -> Expression {
        if depth == 0 { links = 0 }
        let base = links
        var left = try conjunction()
        var count = 0
        while skip(name: "or") {
            try link(&count)
            left = .or(left, try beside(base) { parser throws(SyntaxError) in try parser.conjunction() })
        }
        return left
    }

    private mutating func conjunction() throws(SyntaxError) -> Expression {
        let base = links
        var left = try negation()
        var count = 0
        while skip(name: "and") {
            try link(&count)
            left = .and(left, try beside(base) { parser throws(SyntaxError) in try parser.negation() })
        }
        return left
    }

    private mutating func negation() throws(SyntaxError) -> Expression {
        guard skip(name: "not") else { return try comparison() }
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else { throw failure("expression is nested too deeply") }
        return .not(try negation())
    }

    private mutating func comparison() throws(SyntaxError) -> Expression {
        let base = links
        let left = try sum()
        var rest: [(ComparisonOperator, Expression)] = []
        while let comparison = comparisonOperator() {
            rest.append((comparison, try beside(base) { parser throws(SyntaxError) in try parser.sum() }))
        }
        return rest.isEmpty ? left : .comparison(left, rest)
    }

    private mutating func comparisonOperator() -> ComparisonOperator? {
        if case .symbol(let symbol) = current.kind {
            let found: ComparisonOperator? = ComparisonOperator(rawValue: symbol.rawValue)
            if found != nil { advance() }
            return found
        }
        if skip(name: "in") { return .isIn }
        if isName("not"), tokens[place + 1].kind == .name("in") {
            advance()
            advance()
            return .isNotIn
        }
        return nil
    }

    private mutating func sum() throws(SyntaxError) -> Expression {
        let base = links
        var left = try concatenation()
        var count = 0
        while let arithmetic = arithmeticOperator([.add, .subtract]) {
            try link(&count)
            left = .arithmetic(
                arithmetic, left, try beside(base) { parser throws(SyntaxError) in try parser.concatenation() })
        }
        return left
    }

    private mutating func concatenation() throws(SyntaxError) -> Expression {
        let base = links
        let first = try product()
        var parts = [first]
        while skip(.tilde) {
            parts.append(try beside(base) { parser throws(SyntaxError) in try parser.product() })
        }
        return parts.count == 1 ? first : .joined(parts)
    }

    private mutating func product() throws(SyntaxError) -> Expression {
        let base = links
        var left = try power()
        var count = 0
        while let arithmetic = arithmeticOperator([.multiply, .divide, .floorDivide, .modulo]) {
            try link(&count)
            left = .arithmetic(arithmetic, left, try beside(base) { parser throws(SyntaxError) in try parser.power() })
        }
        return left
    }

    /// Jinja2 reads `2 ** 3 ** 2` from left to right, and `-2 ** 2` as `(-2) ** 2`.
    private mutating func power() throws(SyntaxError) -> Expression {
        let base = links
        var left = try unary()
        var count = 0
        while skip(.power) {
            try link(&count)
            left = .arithmetic(.power, left, try beside(base) { parser throws(SyntaxError) in try parser.unary() })
        }
        return left
    }

    private mutating func arithmeticOperator(_ allowed: [ArithmeticOperator]) -> ArithmeticOperator? {
        guard case .symbol(let symbol) = current.kind, let found = ArithmeticOperator(rawValue: symbol.rawValue),
            allowed.contains(found)
        else { return nil }
        advance()
        return found
    }

    private mutating func unary(withFilters: Bool = true) throws(SyntaxError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else { throw failure("expression is nested too deeply") }
        var value: Expression
        if skip(.subtract) {
            value = .negative(try unary(withFilters: false))
        } else if skip(.add) {
            value = .positive(try unary(withFilters: false))
        } else {
            value = try primary()
        }
        value = try postfix(value)
        return withFilters ? try filtersAndTests(value) : value
    }
}
