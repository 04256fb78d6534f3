/// What a template uses: names it does not set itself, filters, tests, lookups.
struct NameCollector {
    struct Use: Hashable {
        var name: String
        var line: Int
    }

    private(set) var used: [Use] = []
    private(set) var filters: [Use] = []
    private(set) var tests: [Use] = []
    private(set) var lookups: [Use] = []
    /// Templates named outright in `include`, `import` and `extends`.
    private(set) var templates: [Use] = []
    private var set: [Set<String>] = [[]]
    private var line = 1

    // MARK: Statements

    mutating func visit(_ statements: [Statement]) { for statement in statements { visit(statement) } }

    private mutating func scoped(_ body: (inout NameCollector) -> Void) {
        set.append([])
        body(&self)
        set.removeLast()
    }

    private mutating func declare(_ name: String) { set[set.count - 1].insert(name) }

    private mutating func declare(_ target: AssignmentTarget) {
        switch target {
        case .name(let name): declare(name)
        case .attribute(let name, _): use(name)
        case .tuple(let targets): for target in targets { declare(target) }
        }
    }

    private mutating func use(_ name: String) {
        guard !set.contains(where: { $0.contains(name) }) else { return }
        used.append(Use(name: name, line: line))
    }

    private mutating func visit(_ statement: Statement) {
        switch statement {
        case .output(let pieces):
            for case .expression(let expression, let line) in pieces {
                self.line = line
                visit(expression)
            }
        case .condition(let branches, let otherwise):
            for branch in branches {
                visit(branch.condition)
                visit(branch.body)
            }
            visit(otherwise)
        case .loop(let loop): visit(loop)
        case .assign(let target, let value, let line):
            self.line = line
            visit(value)
            declare(target)
        case .assignBlock(let target, let filters, let body, let line):
            self.line = line
            if let filters { visit(filters) }
            scoped { $0.visit(body) }
            declare(target)
        case .with(let assignments, let body, let line):
            self.line = line
            for (_, value) in assignments { visit(value) }
            scoped { names in
                for (target, _) in assignments { names.declare(target) }
                names.visit(body)
            }
        default: visitOther(statement)
        }
    }

    private mutating func visit(_ loop: Statement.Loop) {
        line = loop.line
        visit(loop.items)
        scoped { names in
            names.declare(loop.target)
            if let condition = loop.condition { names.visit(condition) }
            names.declare("loop")
            names.visit(loop.body)
        }
        scoped { $0.visit(loop.otherwise) }
    }

    private mutating func visitOther(_ statement: Statement) {
        switch statement {
        case .macro(let macro):
            declare(macro.name)
            visit(macro)
        case .call(let call, let caller, let line):
            self.line = line
            visit(call)
            visit(caller)
        case .filterBlock(let filters, let body, let line):
            self.line = line
            visit(filters)
            scoped { $0.visit(body) }
        case .block(let block):
            scoped { names in
                names.declare("super")
                names.visit(block.body)
            }
        case .extends(let template, let line): visit(template: template, line)
        case .include(let include): visit(template: include.template, include.line)
        case .importAll(let template, let alias, let line):
            visit(template: template, line)
            declare(alias)
        case .importNames(let template, let names, let line):
            visit(template: template, line)
            for (_, alias) in names { declare(alias) }
        case .scope(let body): scoped { $0.visit(body) }
        default: break
        }
    }

    private mutating func visit(template: Expression, _ line: Int) {
        self.line = line
        if case .literal(.string(let name)) = template { templates.append(Use(name: name, line: line)) }
        visit(template)
    }

    private mutating func visit(_ macro: Statement.Macro) {
        scoped { names in
            for (name, fallback) in macro.parameters {
                if let fallback { names.visit(fallback) }
                names.declare(name)
            }
            // Used here, these change how the macro may be called.
            names.visit(macro.body)
        }
    }

    // MARK: Expressions

    mutating func visit(_ expression: Expression) {
        switch expression {
        case .literal: break
        case .name(let name, let line):
            self.line = line
            use(name)
        case .list(let items), .tuple(let items), .joined(let items): for item in items { visit(item) }
        case .mapping(let items):
            for (key, value) in items {
                visit(key)
                visit(value)
            }
        case .negative(let operand), .positive(let operand), .not(let operand), .attribute(let operand, _):
            visit(operand)
        case .and(let left, let right), .or(let left, let right), .arithmetic(_, let left, let right),
            .item(let left, let right):
            visit(left)
            visit(right)
        case .comparison(let first, let rest):
            visit(first)
            for (_, operand) in rest { visit(operand) }
        case .conditional(let condition, let then, let otherwise):
            visit(condition)
            visit(then)
            if let otherwise { visit(otherwise) }
        case .slice(let object, let start, let stop, let step):
            visit(object)
            for case let bound? in [start, stop, step] { visit(bound) }
        default: visitCall(expression)
        }
    }

    private mutating func visitCall(_ expression: Expression) {
        switch expression {
        case .call(let callee, let arguments, let line):
            self.line = line
            if case .name(let name, _) = callee, Functions.isLookup(name) {
                if case .literal(.string(let name))? = arguments.positional.first {
                    lookups.append(Use(name: name, line: line))
                }
            }
            visit(callee)
            visit(arguments)
        case .filter(let subject, let name, let arguments, let line):
            if let subject { visit(subject) }
            self.line = line
            filters.append(Use(name: name, line: line))
            noteApplied(by: name, arguments)
            visit(arguments)
        case .test(let subject, let name, let arguments, let line):
            visit(subject)
            self.line = line
            tests.append(Use(name: name, line: line))
            visit(arguments)
        default: break
        }
    }

    private mutating func visit(_ arguments: Arguments) { for argument in arguments.all { visit(argument) } }

    /// Filters and tests that `map` and its kin are told to apply.
    private mutating func noteApplied(by filter: String, _ arguments: Arguments) {
        let line = self.line
        func name(_ index: Int) -> Use? {
            guard arguments.positional.indices.contains(index),
                case .literal(.string(let name)) = arguments.positional[index]
            else { return nil }
            return Use(name: name, line: line)
        }
        switch filter {
        case "map": if let use = name(0) { filters.append(use) }
        case "select", "reject": if let use = name(0) { tests.append(use) }
        case "selectattr", "rejectattr": if let use = name(1) { tests.append(use) }
        default: break
        }
    }
}
