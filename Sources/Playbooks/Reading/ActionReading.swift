import Fleet
import Inventories
import OrderedCollections
import TaskModules
import Values

/// Which module a task calls, before its arguments are read.
struct ActionSource {
    /// The module as written.
    var name: String
    /// Its arguments as written; `nil` when there are none.
    var arguments: SourceNode?
    /// `args:` beside it.
    var more: SourceNode?
    /// Keys of the task that were used up.
    var keys: Set<String>
    /// Whether it is a `local_action`.
    var isLocal = false
    /// Where the module's name stands.
    var location: SourceLocation

    /// The name without Ansible's own collection.
    var shortName: String {
        for prefix in ["ansible.builtin.", "ansible.legacy."] where name.hasPrefix(prefix) {
            return String(name.dropFirst(prefix.count))
        }
        return name
    }
}

/// Finds and reads a task's action.
extension PlaybookReader {
    /// The one key of a task that is no keyword, or what `action` says.
    func findAction(
        _ task: SourceNode, _ fields: [(key: String, node: SourceNode)], known: Set<String>
    ) throws(InputError) -> ActionSource {
        let more = fields.first { $0.key == "args" }?.node
        let candidates = fields.filter { !known.contains($0.key) && !$0.key.hasPrefix("with_") }
        if let field = fields.first(where: { $0.key == "action" || $0.key == "local_action" }) {
            if let other = candidates.first {
                throw unknownKeyword(other.key, in: "a task with '\(field.key)'", known: known, at: other.node.location)
            }
            var action = try named(field.node, more)
            action.keys = ["action", "local_action", "args"]
            action.isLocal = field.key == "local_action"
            return action
        }
        let modules = candidates.filter { isAction($0.key) }
        guard let field = modules.first ?? candidates.first else {
            throw InputError(
                "this task calls no module", at: task.location, hints: ["write one, such as: debug: msg=hello"])
        }
        if let other = candidates.first(where: { $0.key != field.key }) {
            if isAction(other.key) {
                throw InputError(
                    "a task calls one module, and this one calls '\(field.key)' and '\(other.key)'",
                    at: other.node.location, hints: ["begin a second task with a dash"])
            }
            throw unknownKeyword(other.key, in: "a task", known: known, at: other.node.location)
        }
        if modules.isEmpty, let reason = KeywordTable.refused[field.key] {
            throw InputError("'\(field.key)' is not supported", at: field.node.location, hints: [reason])
        }
        return ActionSource(
            name: field.key, arguments: field.node, more: more, keys: [field.key, "args"], location: field.node.location
        )
    }

    private func isAction(_ name: String) -> Bool {
        let action = ActionSource(name: name, keys: [], location: SourceLocation(file: ""))
        return ModuleCatalog.module(named: name) != nil || Reuse(rawValue: action.shortName) != nil
            || EngineAction(rawValue: action.shortName) != nil
    }

    /// `action: copy src=a dest=b`, or a mapping with `module`.
    private func named(_ node: SourceNode, _ more: SourceNode?) throws(InputError) -> ActionSource {
        if let text = node.text {
            let parts = text.stripped.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
            guard let name = parts.first else { throw InputError("the action is empty", at: node.location) }
            let rest =
                parts.count > 1 ? SourceNode(.scalar(.trusted(parts[1], at: node.location)), at: node.location) : nil
            return ActionSource(name: name, arguments: rest, more: more, keys: [], location: node.location)
        }
        guard let entries = node.entries, let name = node["module"]?.text else {
            throw InputError("an action must be text, or a mapping with 'module'", at: node.location)
        }
        let rest = SourceNode(.mapping(entries.filter { $0.key.text != "module" }), at: node.location)
        return ActionSource(name: name, arguments: rest, more: more, keys: [], location: node.location)
    }

    func unknownModule(_ name: String, at location: SourceLocation) -> InputError {
        let engine = EngineAction.allCases.map(\.rawValue) + Reuse.allCases.map(\.rawValue)
        var hints = AbsentModules.hints(for: name)
        if hints.isEmpty { hints = ModuleCatalog.hints(for: name) }
        if hints.isEmpty { hints = NearestNames.hints(for: name, among: engine) }
        if hints.isEmpty { hints = NearestNames.hints(for: name, among: KeywordTable.task).map { $0 + " (a keyword)" } }
        if hints.isEmpty { hints = AbsentModules.collectionHints(for: name) }
        return InputError("there is no module '\(name)'", at: location, hints: hints)
    }

    // MARK: Arguments

    /// What a task does, with its arguments checked.
    func action(_ source: ActionSource, settings: TaskSettings) throws(InputError) -> TaskAction {
        if let engine = EngineAction(rawValue: source.shortName) { return try engineAction(engine, source, settings) }
        guard let module = ModuleCatalog.module(named: source.name) else {
            throw unknownModule(source.name, at: source.location)
        }
        let specification = module.specification
        let freeFormKeys =
            specification.takesFreeForm ? Set(specification.parameters.flatMap { [$0.name] + $0.aliases }) : nil
        let arguments = try self.arguments(source, freeFormKeys: freeFormKeys)
        try check(arguments, of: specification, source, settings)
        return .module(ModuleCall(module: module, specification: specification, arguments: arguments))
    }

    /// Arguments as a mapping, as `key=value` text or as free form, with `args` below them.
    func arguments(_ source: ActionSource, freeFormKeys: Set<String>?) throws(InputError) -> ArgumentTemplates {
        var arguments = ArgumentTemplates()
        if let node = source.arguments, !node.isNull {
            if node.entries != nil {
                for (key, node) in try node.fields(of: "arguments") { arguments.named[key] = try value(node) }
            } else if let text = node.text {
                arguments = try written(text, node, freeFormKeys)
            } else if node.items == nil, freeFormKeys != nil {
                arguments.freeForm = try value(node)
            } else {
                throw InputError(
                    "the arguments of '\(source.name)' must be a mapping, not \(node.summary)", at: node.location)
            }
        }
        if let more = source.more, !more.isNull {
            if more.entries == nil, case .scalar(.template) = more.content {
                arguments.whole = try value(more)
            } else {
                for (key, node) in try more.fields(of: "args") where arguments.named[key] == nil {
                    arguments.named[key] = try value(node)
                }
            }
        }
        return arguments
    }

    private func written(
        _ text: String, _ node: SourceNode, _ freeFormKeys: Set<String>?
    ) throws(InputError) -> ArgumentTemplates {
        // `!unsafe` text stays text: only what YAML called a template may become one.
        if case .scalar(.string) = node.content, Value.isTemplate(text) {
            var arguments = ArgumentTemplates()
            arguments.freeForm = .string(text)
            return arguments
        }
        let template = text.stripped
        if freeFormKeys == nil, template.hasPrefix("{{"), template.hasSuffix("}}"),
            !template.dropFirst(2).contains("{{")
        {
            var arguments = ArgumentTemplates()
            arguments.whole = try value(node)
            return arguments
        }
        let arguments = try KeyValueText.arguments(text, freeFormKeys: freeFormKeys, at: node.location)
        for case .template(let template) in arguments.named.values { try templates.check(template: template) }
        if case .template(let template) = arguments.freeForm { try templates.check(template: template) }
        return arguments
    }
}
