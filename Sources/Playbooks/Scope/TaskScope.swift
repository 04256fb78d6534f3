import Fleet
import Inventories
import OrderedCollections
import TaskModules
import Templating
import Values

/// Resolves names for one task on one host, in Ansible's order of precedence. Values are evaluated when they are used.
struct TaskScope: TemplateScope, Sendable {
    let state: VariableState
    let play: PlayScope
    /// Index of the host in ``VariableState/hosts``.
    let host: Int
    /// What the task inherits; `nil` outside of tasks.
    let settings: TaskSettings?
    /// `item` and its kin, and a result that `until` and `changed_when` look at.
    var locals: Variables = [:]
    /// Facts that earlier items of the same loop have set.
    var pending: Variables = [:]
    /// Evaluates what other hosts' variables hold.
    let evaluator: Evaluation
    /// A name that an earlier item of the same loop would have set, and the step that would (`plan` only).
    var unknown: (name: String, step: Int)?
    /// Hears what is asked, while something is worked out that other hosts may share.
    private(set) var recorder: ScopeRecorder?

    func binding(for name: String) throws -> Binding? {
        let binding = try resolved(name)
        recorder?.note(.variable(name), ScopeReads.Reply(binding))
        return binding
    }

    private func resolved(_ name: String) throws -> Binding? {
        if let unknown, unknown.name == name { throw UnknownUntil(step: unknown.step) }
        if let value = locals[name] { return .value(value) }
        if let binding = try magic(name) { return binding }
        if let value = state.extra[name] { return .value(value) }
        if let settings, let value = parameters(name, settings) { return .value(value) }
        // The host's variables are looked at in place: a copy of them all costs more than what is looked up.
        if let step = state.hosts[host].unknown[name] { throw UnknownUntil(step: step) }
        if let value = pending[name] ?? state.hosts[host].set[name] ?? state.hosts[host].included[name] {
            return .value(value)
        }
        if let settings, let value = own(name, settings) { return .value(value) }
        if let value = state.hosts[host].publicRoleVars[name] ?? play.roleVars[name]
            ?? state.hosts[host].playFiles[name] ?? play.vars[name]
        {
            return .value(value)
        }
        if let value = try FactLookup(state: state, host: host).value(name) { return .value(value) }
        let value =
            state.hosts[host].inventory[name] ?? settings?.role?.defaults[name]
            ?? state.hosts[host].publicRoleDefaults[name] ?? play.roleDefaults[name]
        return value.map(Binding.value)
    }

    /// Parameters of includes and roles, which win over `set_fact`.
    private func parameters(_ name: String, _ settings: TaskSettings) -> Value? {
        for layer in settings.includeParameters.reversed() {
            if let value = layer[name] { return value }
        }
        return settings.role?.parameters[name]
    }

    /// `vars` of the task and its blocks, then those of its role.
    private func own(_ name: String, _ settings: TaskSettings) -> Value? {
        for layer in settings.vars.reversed() {
            if let value = layer[name] { return value }
        }
        return settings.role?.vars[name]
    }

    private func magic(_ name: String) throws -> Binding? {
        if let settings, let value = own(magic: name, settings) { return .value(value) }
        switch name {
        case "hostvars":
            recorder?.noteOutside()
            return .mapping(HostVarsMapping(state: state, evaluator: evaluator))
        case "groups": return .value(state.groups)
        case "ansible_facts": return .mapping(FactsMapping(state: state, host: host, recorder: recorder))
        case "vars": return .mapping(VarsMapping(scope: self))
        default: break
        }
        let value = state.hosts[host].magic[name] ?? play.magic[name] ?? state.global[name]
        return value.map(Binding.value)
    }

    /// Special variables that say where the task stands.
    private func own(magic name: String, _ settings: TaskSettings) -> Value? {
        switch name {
        case "environment": return .list(settings.environment)
        case "ansible_search_path": return .list(settings.searchFolders.map { .string(FileSearch.absolute($0)) })
        default: return settings.role?.magic(name)
        }
    }

    var names: [String] {
        recorder?.noteOutside()
        var names = Array(locals.keys) + Array(state.extra.keys) + state.hosts[host].names
        for layer in (settings?.vars ?? []) + (settings?.includeParameters ?? []) { names += layer.keys }
        if let role = settings?.role { names += Array(role.vars.keys) + role.defaults.keys + role.parameters.keys }
        names += Array(play.vars.keys) + play.roleVars.keys + play.roleDefaults.keys
        names += Array(state.hosts[host].playFiles.keys) + play.magic.keys + state.global.keys
        return names + ["hostvars", "groups", "ansible_facts", "environment", "ansible_search_path"]
    }
}

/// What is worked out for one host may do for others.
extension TaskScope {
    /// The same scope, whose questions `recorder` hears.
    func recorded(by recorder: ScopeRecorder) -> TaskScope {
        var scope = self
        scope.recorder = recorder
        return scope
    }

    func noteOutside() { recorder?.noteOutside() }

    /// What this host answers to a question.
    func reply(to question: ScopeReads.Question) throws -> ScopeReads.Reply {
        switch question {
        case .variable(let name): ScopeReads.Reply(try resolved(name))
        case .fact(let name):
            ScopeReads.Reply(try FactLookup(state: state, host: host).fact(name).map(Binding.value))
        }
    }
}

/// Facts under their names with `ansible_`, asked for when a template needs them.
struct FactLookup {
    let state: VariableState
    let host: Int

    /// The fact that `name` with its `ansible_` stands for.
    /// - Throws: ``FactNeeded`` when it may be gathered and has not been.
    func value(_ name: String) throws -> Value? {
        if let value = state.hosts[host].moduleFacts[name] { return value }
        guard name.hasPrefix("ansible_"), !Self.settings.contains(name) else { return nil }
        return try gathered(String(name.dropFirst("ansible_".count)))
    }

    /// Names that say how a host is reached, never what it is: asking for them must not ask the host.
    private static let settings = ConnectionVariables.names.union([
        "ansible_become", "ansible_become_user", "ansible_become_method", "ansible_become_flags", "ansible_shell_type",
    ])

    /// The fact named without `ansible_`, whoever found it out.
    func fact(_ name: String) throws -> Value? { try gathered(name) ?? state.hosts[host].moduleFacts[name] }

    /// - Throws: ``FactNeeded`` unless all facts that may be gathered have been.
    func needAll() throws {
        let variables = state.hosts[host]
        let missing = Set(FactSubset.allCases).subtracting(variables.knownFacts)
        if variables.factPrivilege != nil, !missing.isEmpty { throw FactNeeded(host: host, subsets: missing) }
    }

    private func gathered(_ name: String) throws -> Value? {
        if let value = state.hosts[host].facts[name] { return value }
        guard state.hosts[host].factPrivilege != nil, let subset = FactSubset.subset(of: name),
            !state.hosts[host].knownFacts.contains(subset)
        else { return nil }
        throw FactNeeded(host: host, subsets: [subset])
    }
}
