/// An expression of a template.
indirect enum Expression: Sendable {
    case literal(Literal)
    case name(String, line: Int)
    case list([Expression])
    case tuple([Expression])
    case mapping([(key: Expression, value: Expression)])
    case negative(Expression)
    case positive(Expression)
    case not(Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case arithmetic(ArithmeticOperator, Expression, Expression)
    case comparison(Expression, [(ComparisonOperator, Expression)])
    /// Joined with `~`.
    case joined([Expression])
    case conditional(condition: Expression, then: Expression, otherwise: Expression?)
    case attribute(of: Expression, name: String)
    case item(of: Expression, key: Expression)
    case slice(of: Expression, start: Expression?, stop: Expression?, step: Expression?)
    case call(Expression, Arguments, line: Int)
    /// The subject is missing in a `filter` block's first filter.
    case filter(Expression?, name: String, Arguments, line: Int)
    case test(Expression, name: String, Arguments, line: Int)
}

/// A constant.
enum Literal: Hashable, Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
}

/// What a call, filter or test is given.
struct Arguments: Sendable {
    var positional: [Expression] = []
    var named: [(name: String, value: Expression)] = []
    /// After `*`.
    var list: Expression?
    /// After `**`.
    var mapping: Expression?

    static let none = Arguments()

    /// Every expression in it.
    var all: [Expression] {
        positional + named.map(\.value) + (list.map { [$0] } ?? []) + (mapping.map { [$0] } ?? [])
    }
}

enum ArithmeticOperator: String, Sendable, CaseIterable {
    case add = "+", subtract = "-", multiply = "*", divide = "/", floorDivide = "//", modulo = "%", power = "**"
}

enum ComparisonOperator: String, Sendable {
    case equal = "==", notEqual = "!=", less = "<", lessEqual = "<=", greater = ">", greaterEqual = ">="
    case isIn = "in", isNotIn = "not in"
}
