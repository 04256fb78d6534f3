public import Fleet
import OrderedCollections
public import Values

/// What a template uses.
public struct TemplateUse: Sendable, Hashable {
    /// A name and where it stands.
    public struct Name: Sendable, Hashable {
        /// The name.
        public var name: String
        /// Where it is used, when the template's own place is known.
        public var location: SourceLocation?
    }

    /// Variables it asks for, without those it sets itself and the functions every template has.
    public var variables: [Name]
    /// Lookups it names outright.
    public var lookups: [Name]
    /// Templates it includes, imports or extends by a name written in it.
    public var templates: [Name]
}

extension Templater {
    /// Reads every template inside `value`, lists and maps too, without evaluating any.
    ///
    /// - Throws: ``InputError`` for wrong syntax and for unknown filters, tests and lookups, with file and line.
    public func check(_ value: Value) throws(InputError) -> TemplateUse {
        var use = TemplateUse(variables: [], lookups: [], templates: [])
        try check(value, into: &use)
        return use
    }

    private func check(_ value: Value, into use: inout TemplateUse) throws(InputError) {
        switch value {
        case .template(let template): use.add(try check(text: template.text, at: template.location))
        case .list(let items): for item in items { try check(item, into: &use) }
        case .map(let fields):
            for (key, value) in fields {
                try check(key, into: &use)
                try check(value, into: &use)
            }
        default: break
        }
    }

    /// Reads the template `text`, standing at `location`, without evaluating it.
    ///
    /// - Throws: as ``check(_:)``.
    public func check(text: String, at location: SourceLocation? = nil) throws(InputError) -> TemplateUse {
        let origin = Origin(location: location)
        return try use(
            of: readable(origin) { () throws(SyntaxError) in
                try cache.template(text, .standard, keepsBackslashes: true)
            }, origin)
    }

    /// Reads a condition or another bare expression, standing at `location`, without evaluating it.
    ///
    /// - Throws: as ``check(_:)``.
    public func check(expression text: String, at location: SourceLocation? = nil) throws(InputError) -> TemplateUse {
        if text.stripped.beginsAndEndsWithTags { return try check(text: text, at: location) }
        let origin = Origin(location: location)
        var names = NameCollector()
        names.visit(try readable(origin) { () throws(SyntaxError) in try cache.expression(text) })
        return try use(names, origin)
    }

    /// Reads the text of a template file without rendering it.
    ///
    /// - Throws: as ``check(_:)``.
    public func check(
        file text: String, name: String, options: FileOptions = FileOptions()
    ) throws(InputError) -> TemplateUse {
        let origin = Origin(location: SourceLocation(file: name))
        return try use(
            of: readable(origin) { () throws(SyntaxError) in
                try cache.template(text, options.delimiters, keepsBackslashes: false)
            }, origin)
    }

    /// What `read` gives; what does not parse is an error of whoever wrote it.
    private func readable<Tree>(_ origin: Origin, _ read: () throws(SyntaxError) -> Tree) throws(InputError) -> Tree {
        do throws(SyntaxError) {
            return try read()
        } catch {
            throw InputError(.syntax, error.message, at: origin.location(line: error.line), hints: error.hints)
        }
    }

    private func use(of template: Template, _ origin: Origin) throws(InputError) -> TemplateUse {
        var names = NameCollector()
        names.visit(template.statements)
        return try use(names, origin)
    }

    private func use(_ names: NameCollector, _ origin: Origin) throws(InputError) -> TemplateUse {
        func located(_ uses: [NameCollector.Use]) -> [TemplateUse.Name] {
            uses.map { TemplateUse.Name(name: $0.name, location: origin.location(line: $0.line)) }
        }
        for use in names.filters where Filters.named(use.name) == nil {
            throw InputError(Filters.unknown(use.name), at: origin.location(line: use.line))
        }
        for use in names.tests where Tests.named(use.name) == nil {
            throw InputError(Tests.unknown(use.name), at: origin.location(line: use.line))
        }
        for use in names.lookups {
            let name = Lookups.plainName(use.name)
            guard Lookups.pure[name] == nil, environment.lookups[name] == nil else { continue }
            let known = Array(Lookups.pure.keys) + Array(environment.lookups.keys)
            throw InputError(
                .unknownName, "unknown lookup '\(name)'", at: origin.location(line: use.line),
                hints: NearestNames.hints(for: name, among: known))
        }
        let variables = names.used.filter { !Functions.names.contains($0.name) }
        return TemplateUse(
            variables: located(variables), lookups: located(names.lookups), templates: located(names.templates))
    }
}

extension TemplateUse {
    fileprivate mutating func add(_ other: TemplateUse) {
        variables += other.variables
        lookups += other.lookups
        templates += other.templates
    }
}

extension InputError {
    fileprivate init(_ error: TemplateError, at location: SourceLocation?) {
        self.init(.unknownName, error.message, at: location, hints: error.hints)
    }
}
