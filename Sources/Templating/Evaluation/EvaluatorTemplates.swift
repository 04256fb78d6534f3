import Fleet

/// Macros, blocks, and other templates.
extension Evaluator {
    func runTemplateTag(_ statement: Statement) throws {
        switch statement {
        case .macro(let macro): frame.names[macro.name] = .callable(callable(macro))
        case .call(let call, let caller, let line):
            self.line = line
            guard case .call(let callee, let arguments, _) = call else { return }
            var values = try evaluated(arguments)
            values.named.append(("caller", .callable(callable(caller))))
            output.append(try self.call(try value(callee), values))
        case .block(let block): try run(block)
        case .include(let include): try run(include)
        case .importAll(let name, let alias, let line):
            self.line = line
            frame.names[alias] = .module(try module(name))
        case .importNames(let template, let names, let line):
            self.line = line
            let module = try module(template)
            for (name, alias) in names {
                frame.names[alias] =
                    module.attributes[name]
                    ?? .undefined("the template '\(module.name)' does not export '\(name)'", name: name)
            }
        default: break
        }
    }

    /// Carries out a template, and the one it extends.
    func run(_ template: Template) throws {
        delimiters = template.delimiters
        for (name, block) in template.blocks { blocks[name, default: []].append(block) }
        guard let parent = template.parent else { return try run(template.statements) }
        line = parent.line
        // Text outside of blocks is not put out.
        _ = try captured { try run(template.statementsOutsideBlocks) }
        let (source, compiled) = try loaded(try value(parent.name))
        let evaluator = Evaluator(session, origin: Origin(location: SourceLocation(file: source.file)), frame: frame)
        evaluator.blocks = blocks
        try session.nested { try evaluator.placed { try evaluator.run(compiled) } }
        output += evaluator.output
    }

    /// Runs `body`, whose errors stand in this evaluator's file.
    private func placed<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let tripped as Tripped {
            throw tripped.marker.located(at: origin.location(line: line)).tripped
        } catch let error as TemplateError {
            throw error.located(at: origin.location(line: line))
        }
    }

    // MARK: Macros

    private func callable(_ macro: Statement.Macro) -> Callable {
        let home = frame
        session.note(cyclic: home)
        let attributes: [String: Object] = [
            "name": .string(macro.name), "arguments": .tuple(macro.parameters.map { .string($0.name) }),
            "catch_varargs": .bool(macro.takesMore), "catch_kwargs": .bool(macro.takesMoreNamed),
        ]
        return Callable(macro.name, acceptsMarkers: true, attributes: attributes) { [self] arguments in
            try session.nested {
                let outer = frame
                frame = Frame(parent: home)
                defer { frame = outer }
                return try placed {
                    try bind(arguments, to: macro)
                    return try Self.joined(try captured { try run(macro.body) })
                }
            }
        }
    }

    private func bind(_ arguments: CallArguments, to macro: Statement.Macro) throws {
        var named: [String: Object] = [:]
        for (name, value) in arguments.named { named[name] = value }
        frame.names["caller"] = named.removeValue(forKey: "caller") ?? .undefined("no caller defined", name: "caller")
        for (index, parameter) in macro.parameters.enumerated() {
            if index < arguments.positional.count {
                frame.names[parameter.name] = arguments.positional[index]
                named[parameter.name] = nil
            } else if let value = named.removeValue(forKey: parameter.name) {
                frame.names[parameter.name] = value
            } else if let fallback = parameter.fallback {
                frame.names[parameter.name] = try value(fallback)
            } else {
                frame.names[parameter.name] =
                    .undefined("parameter '\(parameter.name)' was not provided", name: parameter.name)
            }
        }
        let more = arguments.positional.dropFirst(macro.parameters.count)
        guard more.isEmpty || macro.takesMore else {
            throw TemplateError.type(
                "macro '\(macro.name)' takes not more than \(macro.parameters.count) argument(s)")
        }
        frame.names["varargs"] = .tuple(Array(more))
        guard named.isEmpty || macro.takesMoreNamed else {
            throw TemplateError.type(
                "macro '\(macro.name)' takes no keyword argument '\(named.keys.sorted()[0])'")
        }
        let rest = DictObject()
        for (name, value) in arguments.named where named[name] != nil { rest.set(.string(name), value) }
        frame.names["kwargs"] = .dict(rest)
    }

    // MARK: Blocks

    /// `self`, whose attributes are the blocks.
    func blockModule() -> ModuleObject {
        let module = ModuleObject(name: "self")
        for (name, chain) in blocks {
            module.attributes[name] = .callable(
                Callable(name) { [self] _ in try Self.joined(try captured { try run(chain, at: 0) }) })
        }
        return module
    }

    private func run(_ block: Statement.Block) throws {
        try run(blocks[block.name] ?? [block], at: 0)
    }

    private func run(_ chain: [Statement.Block], at index: Int) throws {
        guard !chain[index].isRequired else {
            throw TemplateError.type("required block '\(chain[index].name)' not found")
        }
        try scoped {
            frame.names["super"] = .callable(
                Callable("super") { [self] _ in
                    guard index + 1 < chain.count else {
                        return .undefined("there is no parent block called '\(chain[index].name)'", name: "super")
                    }
                    return try Self.joined(try captured { try run(chain, at: index + 1) })
                })
            try run(chain[index].body)
        }
    }

    // MARK: Other templates

    private func run(_ include: Statement.Include) throws {
        line = include.line
        let name = try value(include.template)
        guard let (source, template) = try found(name) else {
            guard include.ignoresMissing else { throw Self.notFound(try name.text()) }
            return
        }
        let inner = Frame(parent: include.withContext ? frame : nil)
        let evaluator = Evaluator(session, origin: Origin(location: SourceLocation(file: source.file)), frame: inner)
        try session.nested { try evaluator.placed { try evaluator.run(template) } }
        output += evaluator.output
    }

    private func module(_ expression: Expression) throws -> ModuleObject {
        let name = try value(expression)
        let (source, template) = try loaded(name)
        let module = ModuleObject(name: try name.text())
        let evaluator = Evaluator(session, origin: Origin(location: SourceLocation(file: source.file)))
        try session.nested { try evaluator.placed { try evaluator.run(template) } }
        module.body = evaluator.output
        module.attributes = evaluator.frame.names.filter { $0.key.utf8.first != UInt8(ascii: "_") }
        // The macros of the module run in its evaluator, which they hold.
        return module
    }

    private func loaded(_ name: Object) throws -> (TemplateEnvironment.Source, Template) {
        guard let found = try found(name) else { throw Self.notFound(try name.text()) }
        return found
    }

    private static func notFound(_ name: String) -> TemplateError { .type("template '\(name)' not found") }

    /// The template of that name, or the first that exists of a list of names.
    private func found(_ name: Object) throws -> (TemplateEnvironment.Source, Template)? {
        let names = try name.needed().isSequence ? name.elements() : [name]
        for name in names {
            guard let source = try session.environment.load(try name.text()) else { continue }
            do {
                return (source, try session.cache.template(source.text, delimiters, keepsBackslashes: false))
            } catch {
                throw Origin(location: SourceLocation(file: source.file)).error(.syntax, error)
            }
        }
        return nil
    }
}
