/// A piece of a template that is carried out.
indirect enum Statement: Sendable {
    /// Text and expressions in a row.
    case output([Output])
    case condition([(condition: Expression, body: [Statement])], otherwise: [Statement])
    case loop(Loop)
    case assign(AssignmentTarget, Expression, line: Int)
    case assignBlock(AssignmentTarget, filters: Expression?, [Statement], line: Int)
    case with([(AssignmentTarget, Expression)], [Statement], line: Int)
    case macro(Macro)
    case call(Expression, caller: Macro, line: Int)
    case filterBlock(Expression, [Statement], line: Int)
    case block(Block)
    case extends(Expression, line: Int)
    case include(Include)
    case importAll(Expression, as: String, line: Int)
    case importNames(Expression, [(name: String, alias: String)], line: Int)
    /// A group that only matters for names.
    case scope([Statement])

    enum Output: Sendable {
        case text(String)
        case expression(Expression, line: Int)
    }

    struct Loop: Sendable {
        var target: AssignmentTarget
        var items: Expression
        var condition: Expression?
        var isRecursive: Bool
        var body: [Statement]
        var otherwise: [Statement]
        var line: Int
    }

    struct Macro: Sendable {
        var name: String
        var parameters: [(name: String, fallback: Expression?)]
        var body: [Statement]
        /// Names the body uses that change how it may be called.
        var takesMore: Bool
        var takesMoreNamed: Bool
        var line: Int
    }

    struct Block: Sendable {
        var name: String
        var body: [Statement]
        var isScoped: Bool
        var isRequired: Bool
        var line: Int
    }

    struct Include: Sendable {
        var template: Expression
        var ignoresMissing: Bool
        var withContext: Bool
        var line: Int
    }
}

/// What is assigned to.
indirect enum AssignmentTarget: Sendable {
    case name(String)
    /// `ns.attribute`
    case attribute(String, String)
    case tuple([AssignmentTarget])
}
