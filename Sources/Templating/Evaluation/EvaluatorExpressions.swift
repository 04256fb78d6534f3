import Fleet
import Values

/// Expressions.
extension Evaluator {
    func value(_ expression: Expression) throws -> Object {
        try StackGuard.check()
        switch expression {
        case .literal(let literal): return try value(literal)
        case .name(let name, let line):
            self.line = line
            return try value(of: name)
        case .attribute(let object, let name): return try value(object).attribute(name)
        case .item(let object, let key): return try value(object).item(try value(key))
        case .slice(let object, let start, let stop, let step):
            return try value(object).slice(try start.map(value), try stop.map(value), try step.map(value))
        case .list(let items): return .list(try items.map(value))
        case .tuple(let items): return .tuple(try items.map(value))
        case .mapping(let items): return try mapping(items)
        case .filter(let subject, let name, let arguments, let line):
            let object = try subject.map(value) ?? frame.value(Self.blockContent) ?? .none
            self.line = line
            return try filter(name, object, try evaluated(arguments))
        case .test(let subject, let name, let arguments, let line):
            let object = try value(subject)
            self.line = line
            return try test(name, object, try evaluated(arguments))
        case .call(let callee, let arguments, let line): return try call(callee, arguments, line: line)
        default: return try operation(expression)
        }
    }

    private func value(_ literal: Literal) throws -> Object {
        if rendersStrings, case .string(let text) = literal, Value.isTemplate(text) {
            return try session.render(TemplateText(text, at: origin.location(line: line)))
        }
        return Object(literal)
    }

    private func mapping(_ items: [(key: Expression, value: Expression)]) throws -> Object {
        let result = DictObject()
        for (key, value) in items { result.set(try self.value(key).key(), try self.value(value)) }
        return .dict(result)
    }

    private func operation(_ expression: Expression) throws -> Object {
        switch expression {
        case .and(let left, let right):
            let left = try value(left)
            return try left.isTrue() ? value(right) : left
        case .or(let left, let right):
            let left = try value(left)
            return try left.isTrue() ? left : value(right)
        case .not(let operand): return .bool(try !value(operand).isTrue())
        case .negative(let operand): return try Arithmetic.negative(try value(operand))
        case .positive(let operand): return try Arithmetic.positive(try value(operand))
        case .arithmetic(let operation, let left, let right):
            return try Arithmetic.apply(operation, try value(left), try value(right))
        case .comparison(let first, let rest): return try comparison(first, rest)
        case .joined(let parts): return .string(try Extent.joined(try parts.map { try value($0).text() }))
        case .conditional(let condition, let then, let otherwise):
            if try value(condition).isTrue() { return try value(then) }
            return try otherwise.map(value) ?? .unchosen
        default: return .none
        }
    }

    private func comparison(_ first: Expression, _ rest: [(ComparisonOperator, Expression)]) throws -> Object {
        var left = try value(first)
        for (comparison, expression) in rest {
            let right = try value(expression)
            guard try Self.holds(left, comparison, right) else { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    static func holds(_ left: Object, _ comparison: ComparisonOperator, _ right: Object) throws -> Bool {
        switch comparison {
        case .equal: try left.equals(right)
        case .notEqual: try !left.equals(right)
        case .less: try left.isLess(than: right)
        case .greater: try right.isLess(than: left, ">")
        case .lessEqual: try left.isLess(than: right, "<=") || left.equals(right)
        case .greaterEqual: try right.isLess(than: left, ">=") || left.equals(right)
        case .isIn: try right.contains(left)
        case .isNotIn: try !right.contains(left)
        }
    }

    // MARK: Calls

    func evaluated(_ arguments: Arguments) throws -> CallArguments {
        var result = CallArguments()
        result.positional = try arguments.positional.map(value)
        for (name, expression) in arguments.named { result.named.append((name, try value(expression))) }
        if let list = arguments.list { result.positional += try value(list).iterated() }
        guard let mapping = arguments.mapping else { return result }
        switch try value(mapping).needed() {
        case .dict(let dict):
            for (key, value) in try dict.pairs() {
                guard case .string(let name) = key else { throw TemplateError.type("keywords must be strings") }
                result.named.append((name, value))
            }
        case let other: throw TemplateError.type("argument after ** must be a mapping, not \(other.typeName)")
        }
        return result
    }

    private func call(_ callee: Expression, _ arguments: Arguments, line: Int) throws -> Object {
        if case .name(let name, _) = callee, Functions.isLookup(name), frame.value(name) == nil {
            return try lookup(function: name, arguments, line: line)
        }
        let function = try value(callee)
        let values = try evaluated(arguments)
        self.line = line
        return try call(function, values)
    }

    func call(_ function: Object, _ arguments: CallArguments) throws -> Object {
        try caught {
            switch function {
            case .marker: return function
            case .callable(let callable):
                if !callable.acceptsMarkers, let marker = arguments.firstMarker { return .marker(marker) }
                return try callable.body(arguments)
            case .loop(let loop):
                guard let recurse = loop.recurse, let items = arguments.positional.first else {
                    throw TemplateError.type("loop is not recursive")
                }
                return try recurse(items)
            default: throw TemplateError.type("'\(function.typeName)' object is not callable")
            }
        }
    }

    /// Turns a failure into a marker, which counts only if somebody needs the value.
    func caught(_ body: () throws -> Object) throws -> Object {
        do {
            return try body()
        } catch let tripped as Tripped {
            return .marker(tripped.marker)
        } catch let error as TemplateError {
            return .marker(Marker(error.located(at: origin.location(line: line))))
        }
    }

    /// Names the filter or test in its failures.
    private func applied(_ name: String, _ body: () throws -> Object) throws -> Object {
        do {
            return try body()
        } catch var error as TemplateError where error.code == .type || error.code == .filter {
            error.code = .filter
            error.message = "\(name) failed: \(error.message)"
            throw error
        }
    }

    func filter(_ name: String, _ subject: Object, _ arguments: CallArguments) throws -> Object {
        guard let filter = Filters.named(name) else { throw Filters.unknown(name) }
        return try caught { try applied("filter '\(name)'") { try filter.apply(to: subject, arguments, self) } }
    }

    func test(_ name: String, _ subject: Object, _ arguments: CallArguments) throws -> Object {
        guard let test = Tests.named(name) else { throw Tests.unknown(name) }
        return try caught { try applied("test '\(name)'") { try test.apply(to: subject, arguments, self) } }
    }
}
