import Fleet
import Values

/// One evaluation: the scope it asks, and what it already knows. Not shared between threads.
final class Session {
    let scope: any TemplateScope
    let environment: TemplateEnvironment
    let cache: TemplateCache
    private var known: [String: Slot] = [:]
    /// Frames that macros hold and that hold macros.
    private var cyclic: [Frame] = []
    /// Templates within templates, bounded so that no input can exhaust the stack.
    private var depth = 0
    private static let deepest = 100
    /// Rounds of loops, bounded so that loops within loops end.
    private var rounds = 0
    private static let mostRounds = 20_000_000

    init(scope: any TemplateScope, environment: TemplateEnvironment, cache: TemplateCache) {
        self.scope = scope
        self.environment = environment
        self.cache = cache
    }

    /// The environment for what may come out otherwise next time: the clock, chance, lookups, what stands at a path.
    var outside: TemplateEnvironment {
        scope.noteOutside()
        return environment
    }

    /// Notes a frame to be emptied at the end.
    func note(cyclic frame: Frame) { cyclic.append(frame) }

    /// Ends the evaluation: lets go of what holds itself.
    func finish() {
        for frame in cyclic { frame.names = [:] }
        cyclic = []
        known = [:]
    }

    /// What a variable is, or `nil` when there is none. Kept, so that changes to a container are seen.
    func variable(_ name: String) throws -> Object? {
        if let slot = known[name] { return try slot.object() }
        guard let binding = try scope.binding(for: name) else { return nil }
        let slot = slot(for: binding)
        known[name] = slot
        return try slot.object()
    }

    func slot(for binding: Binding) -> Slot {
        switch binding {
        case .value(let value): Slot(value, self)
        case .mapping(let mapping): .ready(.mapping(MappingObject(mapping, self)))
        }
    }

    /// The object for a value: templates are evaluated, containers wait for their items to be asked for.
    func object(from value: Value) throws -> Object {
        switch value {
        case .null: return .none
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .double(let value): return .double(value)
        case .string(let value): return .string(value)
        case .template(let template): return try object(from: template)
        case .list(let items): return .list(ListObject(lazy: items, self))
        case .map(let fields): return .dict(try DictObject(lazy: fields, self))
        }
    }

    /// What a template comes to. Ciphertext comes to the text it stands for, which is no template, as in Ansible 2.19.
    private func object(from template: TemplateText) throws -> Object {
        switch template.vault {
        case nil: return try render(template)
        case .ciphertext(let open): return .string(try open())
        case .template(let keep):
            let result = try render(template)
            if case .string(let text) = result { keep(text) }
            return result
        }
    }

    /// What a template of the inventory or a playbook comes to.
    func render(_ template: TemplateText) throws -> Object {
        let origin = Origin(location: template.location)
        let compiled: Template
        do {
            compiled = try cache.template(template.text, .standard, keepsBackslashes: true)
        } catch {
            return .marker(Marker(origin.error(.syntax, error)))
        }
        return try render(compiled, origin: origin)
    }

    func render(_ template: Template, origin: Origin) throws -> Object {
        try nested {
            let evaluator = Evaluator(self, origin: origin)
            let result = try evaluator.result(of: template)
            guard case .string(let text) = result else { return result }
            return .string(template.restoringNewlines(in: text))
        }
    }

    /// The regular expression that `source` is.
    func pattern(_ source: String, _ options: PythonPattern.Options = []) throws -> PythonPattern {
        try Self.matching { () throws(InputError) in try cache.patterns.pattern(source, options) }
    }

    /// What `body` finds by a regular expression.
    static func matching<Result>(_ body: () throws(InputError) -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw TemplateError(.filter, error.message, hints: error.hints)
        }
    }

    /// Counts one round of a loop.
    func countRound() throws {
        rounds += 1
        guard rounds <= Self.mostRounds else {
            throw TemplateError.type("loops go round more than \(Self.mostRounds) times")
        }
    }

    /// Runs `body` one level deeper.
    func nested<Result>(_ body: () throws -> Result) throws -> Result {
        guard depth < Self.deepest else { throw TemplateError.type("recursive loop detected in template") }
        depth += 1
        defer { depth -= 1 }
        return try body()
    }
}

/// Where a template stands.
struct Origin {
    /// The place of its first line.
    var location: SourceLocation?

    /// The place of a line within it.
    func location(line: Int) -> SourceLocation? {
        guard let location else { return nil }
        guard location.line > 0 else { return SourceLocation(file: location.file, line: line) }
        let column = line == 1 ? location.column : 0
        return SourceLocation(file: location.file, line: location.line + line - 1, column: column)
    }

    func error(_ code: TemplateError.Code, _ error: SyntaxError) -> TemplateError {
        TemplateError(code, error.message, at: location(line: error.line), hints: error.hints)
    }
}
