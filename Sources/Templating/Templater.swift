public import Fleet
import OrderedCollections
public import Values

/// Evaluates templates as Ansible does, with values that keep their types.
///
/// A templater keeps what it has read; make one and use it for every host, from any thread.
public struct Templater: Sendable {
    let environment: TemplateEnvironment
    let cache = TemplateCache()

    /// A templater whose templates reach outside through `environment`.
    public init(environment: TemplateEnvironment = TemplateEnvironment()) { self.environment = environment }

    /// Evaluates every template inside `value`, lists and maps too.
    ///
    /// - Returns: The value with its own types, and without templates; keys and items that come to `omit` are left out.
    ///   `nil` when the whole value is `omit`.
    /// - Throws: ``TemplateError``; whatever the scope throws passes through unchanged.
    public func evaluate(_ value: Value, in scope: some TemplateScope) throws -> Value? {
        guard value.holdsTemplates else { return value }
        return try run(in: scope) { session in
            let object = try session.object(from: value)
            if case .omit = object { return nil }
            return try object.finished()
        }
    }

    /// Evaluates a condition, such as a task's `when`: a bare expression, or a boolean.
    ///
    /// - Throws: ``TemplateError``, of kind `type` when the condition is no boolean, as Ansible 2.19 asks; whatever the
    ///   scope throws passes through unchanged.
    public func condition(_ condition: Value, in scope: some TemplateScope) throws -> Bool {
        switch condition {
        case .bool(let value): return value
        case .string(let text): return try self.condition(text, at: nil, in: scope)
        case .template(let template): return try self.condition(template.text, at: template.location, in: scope)
        default: throw TemplateError(.type, "conditions must be strings")
        }
    }

    /// Evaluates a condition's text, standing at `location`.
    ///
    /// - Throws: as ``condition(_:in:)``.
    public func condition(_ text: String, at location: SourceLocation?, in scope: some TemplateScope) throws -> Bool {
        let text = text.stripped
        guard !text.isEmpty else { throw TemplateError(.type, "empty conditions are not allowed", at: location) }
        let result = try run(in: scope) { session -> Value in
            if text.beginsAndEndsWithTags {
                return try session.render(TemplateText(text, at: location)).finished()
            }
            return try expression(text, rendersStrings: true, at: location, session)
        }
        guard case .bool(let value) = result else {
            let hint = "compare it, or use '| bool', '| length > 0' or 'is truthy'"
            throw TemplateError(
                .type, "condition '\(text)' must come to a boolean, not to a value of type '\(result.typeName)'",
                at: location, hints: [hint])
        }
        return value
    }

    /// Evaluates a bare expression, such as `debug`'s `var`, standing at `location`.
    ///
    /// - Throws: as ``evaluate(_:in:)``; `.type` when the expression comes to `omit`.
    public func expression(
        _ text: String, at location: SourceLocation? = nil, in scope: some TemplateScope
    ) throws -> Value {
        try run(in: scope) { session in
            try expression(text, rendersStrings: false, at: location, session)
        }
    }

    /// Renders the text of a template file, as the `template` module does with its defaults: `trim_blocks` on,
    /// `lstrip_blocks` off, newlines at the end kept, a `#jinja2:` line at the top honoured.
    ///
    /// - Throws: as ``evaluate(_:in:)``, with the line in the file `name`.
    public func file(_ text: String, name: String, in scope: some TemplateScope) throws -> String {
        try run(in: scope) { session in try session.file(text, name: name, options: FileOptions()) }
    }

    /// As ``file(_:name:in:)``, with the module's parameters.
    public func file(
        _ text: String, name: String, options: FileOptions, in scope: some TemplateScope
    ) throws -> String {
        try run(in: scope) { session in try session.file(text, name: name, options: options) }
    }

    // MARK: Running

    private func run<Result>(in scope: some TemplateScope, _ body: (Session) throws -> Result) throws -> Result {
        let session = Session(scope: scope, environment: environment, cache: cache)
        defer { session.finish() }
        do {
            return try StackGuard.watching { try body(session) }
        } catch let tripped as Tripped {
            throw tripped.marker.explained(variables: scope.names)
        }
    }

    private func expression(
        _ text: String, rendersStrings: Bool, at location: SourceLocation?, _ session: Session
    ) throws -> Value {
        let origin = Origin(location: location)
        let evaluator = Evaluator(session, origin: origin)
        evaluator.rendersStrings = rendersStrings
        do {
            let tree = try cache.expression(text)
            let object = try evaluator.value(tree)
            if case .omit = object { throw TemplateError.type("expression '\(text)' comes to omit") }
            return try object.finished()
        } catch let error as SyntaxError {
            var found = origin.error(.syntax, error)
            if Value.isTemplate(text) { found.hints.append("leave out the template markers: this is an expression") }
            throw found
        } catch let error as TemplateError {
            throw error.located(at: origin.location(line: evaluator.line))
        }
    }
}

/// Parameters of the `template` module that change how a file is read.
public struct FileOptions: Sendable {
    /// Whether the newline after a block goes.
    public var trimBlocks = true
    /// Whether blanks before a block that begins a line go.
    public var lstripBlocks = false
    /// What newlines become.
    public var newline = "\n"
    /// Marks around expressions.
    public var variableMarks = ("{{", "}}")
    /// Marks around statements.
    public var blockMarks = ("{%", "%}")
    /// Marks around comments.
    public var commentMarks = ("{#", "#}")

    /// The module's defaults.
    public init() {}

    var delimiters: Delimiters {
        Delimiters(
            blockStart: blockMarks.0, blockEnd: blockMarks.1, variableStart: variableMarks.0,
            variableEnd: variableMarks.1, commentStart: commentMarks.0, commentEnd: commentMarks.1,
            trimBlocks: trimBlocks, lstripBlocks: lstripBlocks, keepTrailingNewline: false, newline: newline)
    }
}

extension Session {
    /// Renders a template file to text.
    func file(_ text: String, name: String, options: FileOptions) throws -> String {
        let origin = Origin(location: SourceLocation(file: name))
        guard options.delimiters.mark(in: text) else { return text }
        do {
            let template = try cache.template(text, options.delimiters, keepsBackslashes: false)
            let result = try render(template, origin: origin)
            switch result {
            case .none, .omit: return ""
            case .unchosen: throw TemplateError(.undefined, "template comes to a conditional without 'else'")
            default:
                _ = try result.finished()
                return try result.printed()
            }
        } catch let error as SyntaxError {
            throw origin.error(.syntax, error)
        }
    }
}

extension String {
    var beginsAndEndsWithTags: Bool {
        ["{{", "{%", "{#"].contains { utf8.starts(with: $0.utf8) }
            && ["}}", "%}", "#}"].contains { utf8.suffix(2).elementsEqual($0.utf8) }
    }
}
