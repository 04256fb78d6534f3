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

    /// What `ansible-inventory --list` shows: groups with their hosts and children, variables of the hosts under `_meta`.
    /// - Parameter chosen: The only hosts to show; `nil` shows all.
    public func listing(only chosen: Set<HostName>? = nil) -> Value {
        var fields: OrderedDictionary<Value, Value> = [:]
        var variables: OrderedDictionary<Value, Value> = [:]
        for host in hosts where chosen?.contains(host) ?? true {
            let listed = listedVariables(of: host)
            if !listed.isEmpty { variables[.string(host.description)] = listed.asValue }
        }
        fields["_meta"] = .map(["hostvars": .map(variables)])
        for (index, record) in groupRecords.enumerated() {
            var group: OrderedDictionary<Value, Value> = [:]
            if !record.children.isEmpty {
                group["children"] = .list(record.children.map { .string(groupRecords[$0].name) })
            }
            let names = record.hosts.map { hostRecords[$0].name }.filter { chosen?.contains($0) ?? true }
            if index != InventoryAssembly.all, !names.isEmpty {
                group["hosts"] = .list(names.map { .string($0.description) })
            }
            if !group.isEmpty { fields[.string(record.name)] = .map(group) }
        }
        return .map(fields)
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

extension OrderedDictionary<Value, Value> {
    fileprivate subscript(name: String) -> Value? {
        get { self[.string(name)] }
        set { self[.string(name)] = newValue }
    }
}
