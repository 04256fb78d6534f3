import Synchronization
import Values

/// A template that has been read.
final class Template: Sendable {
    let statements: [Statement]
    /// Newlines at the end of the source, which the result gets back.
    let newlines: Int
    let newline: String
    /// How it was read; templates it includes are read the same way.
    let delimiters: Delimiters
    /// Blocks by name, for templates that extend one another.
    let blocks: [String: Statement.Block]
    /// The template it extends.
    let parent: (name: Expression, line: Int)?

    init(_ statements: [Statement], newlines: Int, newline: String, delimiters: Delimiters) {
        self.statements = statements
        self.delimiters = delimiters
        self.newlines = newlines
        self.newline = newline
        var collector = BlockCollector()
        collector.visit(statements)
        blocks = collector.blocks
        parent =
            statements.lazy.compactMap { if case .extends(let name, let line) = $0 { (name, line) } else { nil } }
            .first
    }

    /// What a template that extends another still does itself: assign, import, define macros.
    var statementsOutsideBlocks: [Statement] {
        statements.filter { if case .block = $0 { false } else { true } }
    }

    func restoringNewlines(in text: String) -> String {
        let present = text.utf8.reversed().prefix { $0 == UInt8(ascii: "\n") }.count
        return present < newlines ? text + String(repeating: newline, count: newlines - present) : text
    }
}

private struct BlockCollector {
    var blocks: [String: Statement.Block] = [:]

    mutating func visit(_ statements: [Statement]) {
        for statement in statements {
            switch statement {
            case .block(let block):
                blocks[block.name] = block
                visit(block.body)
            case .condition(let branches, let otherwise):
                for branch in branches { visit(branch.body) }
                visit(otherwise)
            case .loop(let loop): visit(loop.body + loop.otherwise)
            case .with(_, let body, _), .scope(let body), .filterBlock(_, let body, _): visit(body)
            default: break
            }
        }
    }
}

/// Templates that have been read, shared by all threads: a template is rendered for thousands of hosts.
final class TemplateCache: Sendable {
    private struct Key: Hashable {
        var text: String
        var delimiters: Delimiters
        var keepsBackslashes: Bool
    }

    /// Regular expressions that templates hold.
    let patterns = PatternCache()
    private let templates = Mutex<[Key: Result<Template, SyntaxError>]>([:])
    private let expressions = Mutex<[Key: Result<Expression, SyntaxError>]>([:])
    private static let capacity = 20_000

    func template(
        _ text: String, _ delimiters: Delimiters, keepsBackslashes: Bool
    ) throws(SyntaxError) -> Template {
        let key = Key(text: text, delimiters: delimiters, keepsBackslashes: keepsBackslashes)
        if let known = templates.withLock({ $0[key] }) { return try known.get() }
        let result = Result { () throws(SyntaxError) in
            try Self.read(text, delimiters, keepsBackslashes: keepsBackslashes)
        }
        templates.withLock { templates in
            if templates.count >= Self.capacity { templates.removeAll() }
            templates[key] = result
        }
        return try result.get()
    }

    func expression(_ text: String) throws(SyntaxError) -> Expression {
        let key = Key(text: text, delimiters: .standard, keepsBackslashes: false)
        if let known = expressions.withLock({ $0[key] }) { return try known.get() }
        let result = Result { () throws(SyntaxError) in
            try Parser.expression(try Lexer.expression(text, keepsBackslashes: false))
        }
        expressions.withLock { expressions in
            if expressions.count >= Self.capacity { expressions.removeAll() }
            expressions[key] = result
        }
        return try result.get()
    }

    private static func read(
        _ text: String, _ base: Delimiters, keepsBackslashes: Bool
    ) throws(SyntaxError) -> Template {
        let (delimiters, body, hasHeader) = try Delimiters.header(of: text, over: base)
        do {
            let tokens = try Lexer.template(body, delimiters: delimiters, keepsBackslashes: keepsBackslashes)
            let newlines = text.utf8.reversed().prefix { $0 == UInt8(ascii: "\n") }.count
            return Template(
                try Parser.template(tokens), newlines: newlines, newline: base.newline, delimiters: delimiters)
        } catch {
            throw SyntaxError(message: error.message, line: error.line + (hasHeader ? 1 : 0), hints: error.hints)
        }
    }
}
