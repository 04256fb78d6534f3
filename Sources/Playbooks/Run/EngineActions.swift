import Fleet
import Foundation
import OrderedCollections
import TaskModules
import Values

/// What actions come to that change the engine's knowledge rather than a host.
struct EngineActions {
    let view: RunView
    let scope: TaskScope
    let task: PlayTask
    let host: Int
    /// What earlier items of the same loop ask of the engine.
    var earlier: [Effect] = []

    /// The result, with what the engine has to do.
    func result() throws -> ItemResult {
        switch task.action {
        case .includeTasks(let include):
            let file = try view.evaluation.text(include.file, in: scope)
            let fields: Variables = ["include": .string(file), "include_args": Variables().asMap]
            return effect(.includeTasks(file: file), TaskResult(fields: fields))
        case .includeRole(let include):
            var files: [String: Value] = [:]
            for (folder, name) in include.files { files[folder] = .string(try view.evaluation.text(name, in: scope)) }
            return effect(.includeRole(name: try view.evaluation.text(include.name, in: scope), files: files))
        case .includeVars(let arguments): return try includeVars(arguments)
        case .groupBy(let arguments): return try groupBy(arguments)
        case .addHost(let arguments): return try addHost(arguments)
        case .gatherFacts, .meta, .module: return ItemResult(result: TaskResult())
        }
    }

    private func effect(_ effect: Effect, _ result: TaskResult = TaskResult()) -> ItemResult {
        var item = ItemResult(result: result)
        item.effect = effect
        return item
    }

    private func evaluated(_ arguments: ArgumentTemplates) throws -> Variables {
        var values: Variables = [:]
        for (name, value) in arguments.named {
            if let value = try view.evaluation.argument(value, in: scope) { values[name] = value }
        }
        return values
    }

    // MARK: include_vars

    private func includeVars(_ arguments: ArgumentTemplates) throws -> ItemResult {
        let values = try evaluated(arguments)
        var variables: Variables = [:]
        let files = try files(values)
        for file in files {
            // Read as written: their templates are evaluated when they are used.
            variables.merge(try view.evaluation.files.variables(of: file)) { _, later in later }
        }
        if let name = values["name"]?.plainText {
            variables = [
                name: .map(OrderedDictionary(uniqueKeysWithValues: variables.map { (.string($0.key), $0.value) }))
            ]
        }
        let paths = files.map { Value.string(FileSearch.absolute($0)) }
        let fields: Variables = ["ansible_facts": variables.asMap, "ansible_included_var_files": .list(paths)]
        return effect(.includeVars(variables), TaskResult(fields: fields))
    }

    private func files(_ values: Variables) throws -> [String] {
        let folders = task.settings.searchFolders
        if let folder = values["dir"]?.plainText {
            let path = try FileSearch.require(folder, kind: "vars", in: folders, at: task.location)
            let pattern = try values["files_matching"]?.plainText.map { try PythonPattern($0) }
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
                .filter { name in ["yml", "yaml", "json"].contains { name.hasSuffix("." + $0) } }
                .filter { try pattern == nil || pattern?.firstMatch(in: $0) != nil }
                .map { FileSearch.join(path, $0) }
        }
        guard let name = values["file"]?.plainText else { throw InputError("include_vars needs 'file' or 'dir'") }
        return [try FileSearch.require(name, kind: "vars", in: folders, at: task.location)]
    }

    // MARK: Groups and hosts

    private func groupBy(_ arguments: ArgumentTemplates) throws -> ItemResult {
        let values = try evaluated(arguments)
        guard let key = values["key"]?.plainText else { throw InputError("group_by needs 'key'") }
        let parents = names(values["parents"] ?? .string("all")).map(Self.groupName)
        let group = Self.groupName(key)
        let fields: Variables = ["add_group": .string(group), "parent_groups": .list(parents.map(Value.string))]
        let effect = Effect.groupBy([group], parents: parents)
        let isNew =
            !earlier.contains { $0.puts(view.state.hosts[host].name.description, into: group) }
            && !view.members(of: group).contains(view.state.hosts[host].name)
        let hasNewParent = parents.contains { $0 != "all" && !view.madeParents.contains([$0, group]) }
        return self.effect(effect, TaskResult(changed: isNew || hasNewParent, fields: fields))
    }

    private static func groupName(_ text: String) -> String { text.replacing(" ", with: "-") }

    private func addHost(_ arguments: ArgumentTemplates) throws -> ItemResult {
        var values = try evaluated(arguments)
        guard let name = (values["name"] ?? values["host"] ?? values["hostname"])?.plainText else {
            throw InputError("add_host needs 'name'")
        }
        let groups = ["groups", "groupname", "group"].flatMap { values[$0].map(names) ?? [] }
        for key in ["name", "host", "hostname", "groups", "groupname", "group"] { values[key] = nil }
        let added: Variables = [
            "host_name": .string(name), "groups": .list(groups.map(Value.string)), "host_vars": values.asMap,
        ]
        return effect(
            .addHost(name: name, groups: groups, variables: values),
            TaskResult(changed: changes(name, groups, values), fields: ["add_host": added.asMap]))
    }

    /// Whether adding a host changes what is known of hosts and groups.
    private func changes(_ name: String, _ groups: [String], _ variables: Variables) -> Bool {
        var known = view.state.index(of: name).map { view.state.hosts[$0].inventory }
        for case .addHost(let other, _, let more) in earlier where other == name {
            known = (known ?? [:]).merging(more) { _, new in new }
        }
        guard let known else { return true }
        if variables.contains(where: { known[$0.key] != $0.value }) { return true }
        return groups.contains { group in
            !earlier.contains { $0.puts(name, into: group) }
                && !view.members(of: group).contains { $0.description == name }
        }
    }

    private func names(_ value: Value) -> [String] {
        if case .list(let items) = value { return items.compactMap(\.plainText) }
        return (value.plainText ?? "").split(separator: ",").map { $0.stripped }
    }
}

extension Effect {
    /// Whether it puts a host into a group.
    fileprivate func puts(_ host: String, into group: String) -> Bool {
        switch self {
        case .groupBy(let groups, _): groups.contains(group)
        case .addHost(let name, let groups, _): name == host && groups.contains(group)
        case .includeTasks, .includeRole, .includeVars: false
        }
    }
}

extension RunView {
    /// The hosts of a group as it stands.
    func members(of group: String) -> [HostName] {
        guard case .map(let groups) = state.groups, case .list(let members)? = groups[.string(group)] else { return [] }
        return members.compactMap { member in
            member.text.flatMap(state.index(of:)).map { state.hosts[$0].name }
        }
    }
}
