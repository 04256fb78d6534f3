import Fleet
import OrderedCollections
import TaskModules
import Values

/// What is known of one host's variables during a run.
struct HostVariables: Sendable {
    let name: HostName
    /// Variables of the inventory and those that `add_host` gave, not evaluated.
    var inventory: Variables
    /// Those of them that `add_host` gave.
    var added: Variables = [:]
    /// `inventory_hostname`, `group_names` and what else belongs to the host alone.
    var magic: Variables
    /// Facts, named without `ansible_`.
    var facts: Variables = [:]
    /// What modules other than `setup` found out, such as `packages`: facts whose names have no `ansible_`.
    var moduleFacts: Variables = [:]
    /// Which subsets of facts were asked.
    var knownFacts: Set<FactSubset> = []
    /// Whose rights facts are gathered with, once a play gathers them; before that there are none.
    var factPrivilege: Privilege?
    /// From `include_vars`.
    var included: Variables = [:]
    /// From `set_fact` and `register`.
    var set: Variables = [:]
    /// Names that a step which has not run would have set, with that step's number (`plan` only).
    var unknown: [String: Int] = [:]
    /// From the play's `vars_files`, whose names may depend on the host.
    var playFiles: Variables = [:]
    /// Variables of roles that were included with `public`.
    var publicRoleVars: Variables = [:]
    /// Defaults of such roles.
    var publicRoleDefaults: Variables = [:]

    /// Names, with `ansible_` before facts.
    var names: [String] {
        Array(inventory.keys) + Array(magic.keys) + Array(included.keys) + Array(set.keys)
            + Array(moduleFacts.keys) + facts.keys.map { "ansible_" + $0 }
    }
}

/// Everything that templates can see, as it stands at one moment. A value: whoever holds one sees no later change.
struct VariableState: Sendable {
    var hosts: [HostVariables] = []
    var indexes: [String: Int] = [:]
    /// The magic variable `groups`.
    var groups: Value = .map(OrderedDictionary())
    /// From the command line.
    var extra: Variables = [:]
    /// Magic variables that are the same for all.
    var global: Variables = [:]

    /// The host of that name.
    func index(of name: String) -> Int? { indexes[name] }

    mutating func add(_ host: HostVariables) -> Int {
        indexes[host.name.description] = hosts.count
        hosts.append(host)
        return hosts.count - 1
    }
}

/// A template asked for a fact that is not known yet; the engine asks the host and tries again.
struct FactNeeded: Error, Hashable {
    /// The host whose facts they are.
    var host: Int
    var subsets: Set<FactSubset>
}

/// A template asked for a value that a step which has not run would have produced.
struct UnknownUntil: Error, Hashable {
    /// The step's number.
    var step: Int
}
