import Fleet
import OrderedCollections
import Templating
import Values

/// `ansible_facts`: facts without `ansible_`, asked for when a template needs them.
struct FactsMapping: LazyMapping {
    let state: VariableState
    let host: Int
    /// Hears which facts are asked for.
    var recorder: ScopeRecorder?

    func binding(for key: String) throws -> Binding? {
        let binding = try FactLookup(state: state, host: host).fact(key).map(Binding.value)
        recorder?.note(.fact(key), ScopeReads.Reply(binding))
        return binding
    }

    /// Who asks for the names of all facts needs all facts.
    var keys: [String] {
        get throws {
            recorder?.noteOutside()
            try FactLookup(state: state, host: host).needAll()
            let variables = state.hosts[host]
            let own = variables.moduleFacts.keys.filter { variables.facts[$0] == nil }
            return Array(variables.facts.keys) + own
        }
    }
}

/// `hostvars`: every host's variables, each seen as that host sees them.
struct HostVarsMapping: LazyMapping {
    let state: VariableState
    let evaluator: Evaluation

    func binding(for key: String) throws -> Binding? {
        guard let host = state.index(of: key) else { return nil }
        return .mapping(OtherHostMapping(scope: HostScope(state: state, host: host, evaluator: evaluator)))
    }

    var keys: [String] { state.hosts.map(\.name.description) }
}

/// One host's variables as another host sees them: evaluated, without those of plays and roles.
struct OtherHostMapping: LazyMapping {
    let scope: HostScope

    func binding(for key: String) throws -> Binding? {
        switch try scope.binding(for: key) {
        case nil: nil
        case .value(let value): .value(value.holdsTemplate ? try scope.evaluator.value(value, in: scope) : value)
        case let mapping?: mapping
        }
    }

    var keys: [String] {
        get throws {
            try FactLookup(state: scope.state, host: scope.host).needAll()
            return scope.names
        }
    }

    func contains(_ key: String) throws -> Bool { try scope.binding(for: key) != nil }
}

/// A host's variables outside of plays: inventory, facts, what was set, and the command line's.
struct HostScope: TemplateScope, Sendable {
    let state: VariableState
    let host: Int
    let evaluator: Evaluation

    func binding(for name: String) throws -> Binding? {
        switch name {
        case "hostvars": return .mapping(HostVarsMapping(state: state, evaluator: evaluator))
        case "groups": return .value(state.groups)
        case "ansible_facts": return .mapping(FactsMapping(state: state, host: host))
        default: break
        }
        let variables = state.hosts[host]
        if let value = variables.magic[name] ?? state.global[name] ?? state.extra[name] { return .value(value) }
        if let step = variables.unknown[name] { throw UnknownUntil(step: step) }
        if let value = variables.set[name] ?? variables.included[name] { return .value(value) }
        if let value = try FactLookup(state: state, host: host).value(name) { return .value(value) }
        return variables.inventory[name].map(Binding.value)
    }

    var names: [String] { state.hosts[host].names + Array(state.extra.keys) + Array(state.global.keys) + ["groups"] }
}

/// `vars`: all variables of a task by name.
struct VarsMapping: LazyMapping {
    let scope: TaskScope

    func binding(for key: String) throws -> Binding? { key == "vars" ? nil : try scope.binding(for: key) }

    var keys: [String] {
        get throws {
            try FactLookup(state: scope.state, host: scope.host).needAll()
            return scope.names
        }
    }
}
