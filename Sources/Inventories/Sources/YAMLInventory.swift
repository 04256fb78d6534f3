import Fleet
import Values

/// Inventories in YAML: groups with `hosts`, `children` and `vars`.
struct YAMLInventory {
    let file: String

    /// Reads `text` into `assembly`.
    func read(_ text: String, into assembly: inout InventoryAssembly) throws(InputError) {
        guard let root = try YAMLReader.parse(text, file: file, vault: assembly.vault) else {
            assembly.warn("the inventory is empty", at: SourceLocation(file: file))
            return
        }
        guard let groups = root.entries else {
            throw InputError(
                "a YAML inventory is a mapping of groups, not \(root.summary)", at: root.location,
                hints: ["begin with 'all:', and put 'hosts:' and 'children:' under it"])
        }
        if let plugin = root["plugin"] {
            throw InputError(
                "this is a configuration of the inventory plugin '\(plugin.text ?? "")', which Drover has not",
                at: plugin.location,
                hints: ["write its answer to a file: ansible-inventory -i \(file) --list --yaml --export"])
        }
        for group in groups {
            do { _ = try readGroup(group, into: &assembly) } catch { try assembly.mistakes.pass(error) }
        }
    }

    private func readGroup(_ entry: SourceNode.Entry, into assembly: inout InventoryAssembly) throws(InputError) -> Int
    {
        let name = try groupName(entry.key)
        let group = assembly.group(name, at: entry.key.location)
        if entry.value.isNull { return group }
        guard let sections = entry.value.entries else {
            throw InputError(
                "the group '\(name)' must be a mapping with 'hosts', 'children' and 'vars', not \(entry.value.summary)",
                at: entry.value.location)
        }
        for section in sections {
            do { try read(section, of: group, named: name, into: &assembly) } catch {
                try assembly.mistakes.pass(error)
            }
        }
        return group
    }

    private func groupName(_ key: SourceNode) throws(InputError) -> String {
        guard let name = key.text, !name.isEmpty else {
            throw InputError(
                "a group's name must be text, not \(key.summary)", at: key.location, hints: ["put it in quotes"])
        }
        return name
    }

    private func read(
        _ section: SourceNode.Entry, of group: Int, named name: String, into assembly: inout InventoryAssembly
    ) throws(InputError) {
        switch section.key.text {
        case "vars":
            for entry in try entries(section, of: name) {
                let variable = try variableName(entry.key)
                try assembly.set(variable, entry.value.value, onGroup: group, at: entry.key.location)
            }
        case "children":
            for entry in try entries(section, of: name) {
                do {
                    let child = try readGroup(entry, into: &assembly)
                    try assembly.addChild(child, to: group, at: entry.key.location)
                } catch { try assembly.mistakes.pass(error) }
            }
        case "hosts":
            for entry in try entries(section, of: name) {
                do { try readHosts(entry, of: group, into: &assembly) } catch { try assembly.mistakes.pass(error) }
            }
        default: throw unknown(section, of: name)
        }
    }

    /// The entries of a section; a lone text stands for a mapping with nothing under it, as in Ansible.
    private func entries(_ section: SourceNode.Entry, of group: String) throws(InputError) -> [SourceNode.Entry] {
        if section.value.isNull { return [] }
        if let entries = section.value.entries { return entries }
        if section.value.text != nil {
            return [SourceNode.Entry(key: section.value, value: SourceNode(.scalar(.null), at: section.value.location))]
        }
        let example = section.value.items?.first?.text.map { ["write '\($0):' instead of '- \($0)'"] } ?? []
        throw InputError(
            "'\(section.key.text ?? "")' of the group '\(group)' must be a mapping, not \(section.value.summary)",
            at: section.value.location, hints: example)
    }

    private func unknown(_ section: SourceNode.Entry, of group: String) -> InputError {
        let word = section.key.text ?? section.key.summary
        var hints = NearestNames.hints(for: word, among: ["hosts", "children", "vars"])
        if hints.isEmpty {
            hints = [
                "a group holds 'hosts', 'children' and 'vars'; subgroups stand under 'children', hosts under 'hosts'"
            ]
        }
        return InputError("the group '\(group)' has the unknown key '\(word)'", at: section.key.location, hints: hints)
    }

    private func variableName(_ key: SourceNode) throws(InputError) -> String {
        guard let name = key.text, !name.isEmpty else {
            throw InputError("a variable's name must be text, not \(key.summary)", at: key.location)
        }
        return name
    }

    private func readHosts(
        _ entry: SourceNode.Entry, of group: Int, into assembly: inout InventoryAssembly
    ) throws(InputError) {
        let location = entry.key.location
        guard let pattern = entry.key.text else {
            throw InputError(
                "a host's name must be text, not \(entry.key.summary)", at: location, hints: ["put it in quotes"])
        }
        let (names, port) = try HostPatternLine.expand(pattern, at: location)
        let variables = try hostVariables(entry, pattern)
        try assembly.addHosts(names, port: port, variables: variables, to: group, at: location)
    }

    private func hostVariables(
        _ entry: SourceNode.Entry, _ pattern: String
    ) throws(InputError) -> [InventoryAssembly.Setting] {
        if entry.value.isNull { return [] }
        guard let entries = entry.value.entries else {
            throw InputError(
                "the variables of the host '\(pattern)' must be a mapping, not \(entry.value.summary)",
                at: entry.value.location, hints: ["write 'name: value' on a line of its own under the host"])
        }
        var variables: [InventoryAssembly.Setting] = []
        for variable in entries {
            variables.append(
                .init(
                    name: try variableName(variable.key), value: variable.value.value, location: variable.key.location))
        }
        return variables
    }
}
