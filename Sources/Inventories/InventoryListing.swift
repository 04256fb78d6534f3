public import Fleet
public import OrderedCollections

extension Inventory {
    /// Variables that only the running program sets; an inventory that does is not shown to.
    private static let internalNames: Set<String> = [
        "ansible_async_path", "ansible_collection_name", "ansible_config_file", "ansible_dependent_role_names",
        "ansible_diff_mode", "ansible_facts", "ansible_forks", "ansible_inventory_sources", "ansible_limit",
        "ansible_play_batch", "ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_role_names",
        "ansible_playbook_python", "ansible_role_name", "ansible_role_names", "ansible_run_tags", "ansible_skip_tags",
        "ansible_verbosity", "ansible_version", "inventory_dir", "inventory_file", "inventory_hostname",
        "inventory_hostname_short", "groups", "group_names", "hostvars", "playbook_dir", "play_hosts", "role_name",
        "role_names", "role_path", "role_uuid",
    ]

    /// What `ansible-inventory --host` shows of a host: its variables, not evaluated.
    public func listedVariables(of host: HostName) -> Variables {
        variables(of: host).filter { !Self.internalNames.contains($0.key) }
    }

    /// What `ansible-inventory --list` prints, as JSON: groups with their hosts and children, the hosts' variables under
    /// `_meta`.
    /// - Parameter chosen: The only hosts to show; `nil` shows all.
    public func listing(only chosen: Set<HostName>? = nil) -> String {
        let shown = hosts.filter { chosen?.contains($0) ?? true }
        let groups = groupRecords.indices.sorted { groupRecords[$0].name < groupRecords[$1].name }
        var writer = JSONWriter()
        writer.open("{")
        writer.item()
        writer.write(key: "_meta")
        writer.open("{")
        writer.item()
        writer.write(key: "hostvars")
        writeVariables(of: shown, &writer)
        writer.close("}")
        for group in groups where isListed(group, chosen) {
            writer.item()
            writer.write(key: groupRecords[group].name)
            write(group, chosen, &writer)
        }
        writer.close("}")
        return writer.text
    }

    private func isListed(_ group: Int, _ chosen: Set<HostName>?) -> Bool {
        !groupRecords[group].children.isEmpty || !listedHosts(group, chosen).isEmpty
    }

    private func listedHosts(_ group: Int, _ chosen: Set<HostName>?) -> [String] {
        if group == InventoryAssembly.all { return [] }
        let names = groupRecords[group].hosts.lazy.map { hostRecords[$0].name }
        return names.filter { chosen?.contains($0) ?? true }.map(\.description)
    }

    private func write(_ group: Int, _ chosen: Set<HostName>?, _ writer: inout JSONWriter) {
        let children = groupRecords[group].children.map { groupRecords[$0].name }
        writer.open("{")
        for (part, names) in [("children", children), ("hosts", listedHosts(group, chosen))] where !names.isEmpty {
            writer.item()
            writer.write(key: part)
            writer.write(.list(names.map { .string($0) }))
        }
        writer.close("}")
    }

    /// Variables that hosts have from their groups are written once for all hosts that are in the same groups.
    private func writeVariables(of shown: [HostName], _ writer: inout JSONWriter) {
        var written: [[Int]: [WrittenVariable]] = [:]
        writer.open("{")
        for host in shown.sorted() {
            guard let index = hostIndex[host] else { continue }
            let record = hostRecords[index]
            let shared = written[record.groups] ?? Self.write(groupVariables(record.groups))
            written[record.groups] = shared
            let variables = WrittenVariable.merge(shared, Self.write(record.variables))
            if variables.isEmpty { continue }
            writer.item()
            writer.write(key: host.description)
            writer.open("{")
            for variable in variables {
                writer.item()
                writer.raw(variable.json)
            }
            writer.close("}")
        }
        writer.close("}")
    }

    private static func write(_ variables: Variables) -> [WrittenVariable] {
        variables.filter { !internalNames.contains($0.key) }.map { name, value in
            var writer = JSONWriter(depth: 4)
            writer.write(key: name)
            writer.write(value)
            return WrittenVariable(name: name, json: writer.bytes)
        }.sorted { $0.name < $1.name }
    }

    /// What `ansible-inventory --graph` shows: the tree of groups below `top`, a line for each group and host.
    /// - Throws: ``InputError`` when there is no such group.
    public func graph(from top: String = "all") throws(InputError) -> String {
        guard let index = groupIndex[top] else {
            throw InputError(
                "there is no group '\(top)'", hints: NearestNames.hints(for: top, among: groupRecords.lazy.map(\.name)))
        }
        var lines: [String] = []
        draw(index, depth: 0, into: &lines)
        return lines.joined(separator: "\n")
    }

    private func draw(_ group: Int, depth: Int, into lines: inout [String]) {
        func indented(_ name: String, _ depth: Int) -> String {
            depth == 0 ? name : String(repeating: "  |", count: depth) + "--" + name
        }
        lines.append(indented("@\(groupRecords[group].name):", depth))
        for child in groupRecords[group].children { draw(child, depth: depth + 1, into: &lines) }
        guard group != InventoryAssembly.all else { return }
        lines += groupRecords[group].hosts.map { indented(hostRecords[$0].name.description, depth + 1) }
    }
}

extension Variables {
    /// The variables as one mapping.
    public var asValue: Value {
        var fields: OrderedDictionary<Value, Value> = [:]
        fields.reserveCapacity(count)
        for (name, value) in self { fields[.string(name)] = value }
        return .map(fields)
    }
}

/// One variable as a line of a listing.
private struct WrittenVariable {
    let name: String
    let json: [UInt8]

    /// Both, in order of their names; of two with one name the second.
    static func merge(_ shared: [WrittenVariable], _ own: [WrittenVariable]) -> [WrittenVariable] {
        if own.isEmpty { return shared }
        var merged: [WrittenVariable] = []
        merged.reserveCapacity(shared.count + own.count)
        var rest = shared[...]
        for variable in own {
            while let next = rest.first, next.name < variable.name {
                merged.append(next)
                rest.removeFirst()
            }
            if rest.first?.name == variable.name { rest.removeFirst() }
            merged.append(variable)
        }
        return merged + rest
    }
}
