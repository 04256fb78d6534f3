import Fleet
import Foundation
import OrderedCollections

/// What actions come to that change the engine's knowledge rather than a host.
struct EngineActions {
    let view: RunView
    let scope: TaskScope
    let task: PlayTask
    let host: Int

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
            let pattern = try values["files_matching"]?.plainText.map { try NSRegularExpression(pattern: $0) }
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
                .filter { name in ["yml", "yaml", "json"].contains { name.hasSuffix("." + $0) } }
                .filter { name in
                    pattern?.firstMatch(in: name, range: NSRange(name.startIndex..., in: name)) != nil || pattern == nil
                }
                .map { FileSearch.join(path, $0) }
        }
        guard let name = values["file"]?.plainText else { throw TaskFailure("include_vars needs 'file' or 'dir'") }
        return [try FileSearch.require(name, kind: "vars", in: folders, at: task.location)]
    }

    // MARK: Groups and hosts

    private func groupBy(_ arguments: ArgumentTemplates) throws -> ItemResult {
        let values = try evaluated(arguments)
        guard let key = values["key"]?.plainText else { throw TaskFailure("group_by needs 'key'") }
        let parents = names(values["parents"] ?? .string("all")).map(Self.groupName)
        let group = Self.groupName(key)
        let fields: Variables = ["add_group": .string(group), "parent_groups": .list(parents.map(Value.string))]
        return effect(.groupBy([group], parents: parents), TaskResult(changed: true, fields: fields))
    }

    private static func groupName(_ text: String) -> String { text.replacing(" ", with: "-") }

    private func addHost(_ arguments: ArgumentTemplates) throws -> ItemResult {
        var values = try evaluated(arguments)
        guard let name = (values["name"] ?? values["host"] ?? values["hostname"])?.plainText else {
            throw TaskFailure("add_host needs 'name'")
        }
        let groups = ["groups", "groupname", "group"].flatMap { values[$0].map(names) ?? [] }
        for key in ["name", "host", "hostname", "groups", "groupname", "group"] { values[key] = nil }
        let added: Variables = [
            "host_name": .string(name), "groups": .list(groups.map(Value.string)), "host_vars": values.asMap,
        ]
        return effect(
            .addHost(name: name, groups: groups, variables: values),
            TaskResult(changed: true, fields: ["add_host": added.asMap]))
    }

    private func names(_ value: Value) -> [String] {
        if case .list(let items) = value { return items.compactMap(\.plainText) }
        return (value.plainText ?? "").split(separator: ",").map { trimmed(String($0)) }
    }
}
