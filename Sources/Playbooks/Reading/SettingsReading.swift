import Fleet
import Inventories
import OrderedCollections
import TaskModules
import Values

/// Keywords that are handed down, and values whose templates are checked on the way.
extension PlaybookReader {
    /// Puts one shared keyword into `settings`.
    /// - Returns: Whether the keyword is one of them.
    @discardableResult
    mutating func inherit(
        _ key: String, _ node: SourceNode, into settings: inout TaskSettings
    ) throws(InputError) -> Bool {
        switch key {
        case "name": break
        case "collections": _ = try node.list(of: "collections")
        case "tags": settings.tags += try node.names(of: "tags")
        case "when": settings.conditions += try conditions(node, of: "when")
        case "vars": if !node.isNull { settings.vars.append(try variables(node, of: "vars")) }
        case "environment":
            settings.environment += try node.oneOrMore.map { node throws(InputError) in try value(node) }
        case "module_defaults": settings.moduleDefaults.append(try moduleDefaults(node))
        case "notify": settings.notify += try notifications(node)
        default:
            guard let keyword = TaskKeyword(rawValue: key) else { return false }
            settings.values[keyword] = try keywordValue(keyword, node)
        }
        return true
    }

    private func keywordValue(_ keyword: TaskKeyword, _ node: SourceNode) throws(InputError) -> Value {
        let value = try value(node)
        switch (keyword, value) {
        case (_, .template): return value
        case (.becomeMethod, _) where value != .null && Endpoint.BecomeMethod(ansible: value.text ?? "") == nil:
            throw InputError(
                "become_method '\(value.text ?? "")' is not supported", at: node.location,
                hints: ["it is one of \(Endpoint.BecomeMethod.list)"])
        case (.connection, _) where !Self.connections.contains(value.text ?? ""):
            throw InputError(
                "connection '\(value.text ?? "")' is not supported", at: node.location, hints: ["ssh and local are"])
        case (.become, _), (.ignoreErrors, _), (.ignoreUnreachable, _), (.checkMode, _), (.diff, _), (.noLog, _),
            (.runOnce, _), (.anyErrorsFatal, _), (.delegateFacts, _):
            if value == .null { return value }
            return .bool(try node.flag(of: keyword.rawValue))
        case (.throttle, .int), (.timeout, .int), (.port, .int): return value
        case (.throttle, _), (.timeout, _), (.port, _):
            throw InputError("\(keyword.rawValue) must be a number, not \(node.summary)", at: node.location)
        default: return value
        }
    }

    private static let connections: Set<String> = [
        "ssh", "smart", "local", "ansible.builtin.ssh", "ansible.builtin.local", "paramiko", "paramiko_ssh",
    ]

    // MARK: Values

    /// A node's value, with all templates in it checked.
    func value(_ node: SourceNode) throws(InputError) -> Value {
        switch node.content {
        case .scalar(.template(let template)): try templates.check(template: template)
        case .scalar: break
        case .sequence(let items): for item in items { _ = try value(item) }
        case .mapping(let entries): for entry in entries { _ = try value(entry.value) }
        }
        return node.value
    }

    /// A mapping of variables.
    func variables(_ node: SourceNode, of what: String) throws(InputError) -> Variables {
        if node.isNull { return [:] }
        if let items = node.items {
            throw InputError(
                "\(what) must be a mapping, not a list", at: items.first?.location ?? node.location,
                hints: ["leave out the dashes"])
        }
        var variables: Variables = [:]
        for (key, node) in try node.fields(of: what) {
            guard Self.isVariableName(key) else {
                throw InputError("'\(key)' is not a name for a variable", at: node.location)
            }
            variables[key] = try value(node)
            templates.note(sealed: node.sealedTemplates, of: key)
        }
        return variables
    }

    /// Letters, digits and underscores, not beginning with a digit.
    static func isVariableName(_ name: String) -> Bool {
        guard let first = name.first, first.isLetter || first == "_" else { return false }
        return name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    /// Conditions: one, or a list of which all must hold.
    func conditions(_ node: SourceNode, of what: String) throws(InputError) -> [Condition] {
        var conditions: [Condition] = []
        for node in node.oneOrMore { conditions.append(try condition(node, of: what)) }
        return conditions
    }

    private func condition(_ node: SourceNode, of what: String) throws(InputError) -> Condition {
        switch node.content {
        case .scalar(.bool(let flag)): return .literal(flag)
        case .scalar(.string(let text)):
            if text.stripped.isEmpty {
                throw InputError("\(what) is empty", at: node.location, hints: ["leave it out, or write true"])
            }
            let expression = TemplateText(text, at: node.location)
            try templates.check(expression: expression)
            return .expression(expression)
        case .scalar(.template(let template)):
            try templates.check(expression: template)
            return .expression(template)
        default:
            throw InputError(
                "\(what) must be a condition, not \(node.summary)", at: node.location,
                hints: ["write an expression such as: name is defined"])
        }
    }

    // MARK: Others

    private func moduleDefaults(_ node: SourceNode) throws(InputError) -> Value {
        for (key, defaults) in try node.fields(of: "module_defaults") {
            if key.hasPrefix("group/") {
                throw InputError("module_defaults for groups of modules are not supported", at: defaults.location)
            }
            guard let module = ModuleCatalog.module(named: key) else { throw unknownModule(key, at: defaults.location) }
            let known = module.specification
            for (name, node) in try defaults.fields(of: "module_defaults") where known.parameter(name) == nil {
                throw InputError(
                    "module '\(known.name)' has no parameter '\(name)'", at: node.location,
                    hints: NearestNames.hints(for: name, among: known.parameters.map(\.name)))
            }
        }
        return try value(node)
    }

    private mutating func notifications(_ node: SourceNode) throws(InputError) -> [Value] {
        var names: [Value] = []
        for node in node.oneOrMore {
            let name = try value(node)
            if case .string(let text) = name { found.notifications.append((text, node.location)) }
            names.append(name)
        }
        return names
    }

    /// Text that must be known before the run: literal, or a template over the command line's and the play's variables.
    func staticText(_ node: SourceNode, of what: String, in place: ReadingPlace) throws(InputError) -> String {
        switch node.content {
        case .scalar(.string(let text)): return text
        case .scalar(.template(let template)):
            try templates.check(template: template)
            let variables = staticVariables(in: place)
            do {
                if let text = try templates.value(of: template, variables: variables).text { return text }
            } catch {
                throw InputError(
                    "\(what) must be known before the run: \(error.message)", at: node.location,
                    hints: ["use include_tasks or include_role where the name depends on the host"])
            }
            throw InputError("\(what) does not come to text", at: node.location)
        default: throw InputError("\(what) must be text, not \(node.summary)", at: node.location)
        }
    }

    private func staticVariables(in place: ReadingPlace) -> Variables {
        var variables: Variables = ["playbook_dir": .string(FileSearch.absolute(place.playbookFolder))]
        if let role = place.role {
            variables["role_path"] = .string(FileSearch.absolute(role.source.path))
            variables["role_name"] = .string(role.source.name)
            variables.merge(role.source.defaults) { _, new in new }
            variables.merge(role.source.vars) { _, new in new }
            variables.merge(role.source.entryVars) { _, new in new }
            variables.merge(role.source.parameters) { _, new in new }
        }
        for layer in place.settings.vars { variables.merge(layer) { _, new in new } }
        variables.merge(extra) { _, new in new }
        return variables
    }
}
