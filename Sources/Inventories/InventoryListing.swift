public import Fleet
public import OrderedCollections
public import Values

extension Inventory {
    /// Variables that only the running program sets; an inventory that does is not shown to.
    fileprivate static let internalNames: Set<String> = [
        "ansible_async_path", "ansible_collection_name", "ansible_config_file", "ansible_dependent_role_names",
        "ansible_diff_mode", "ansible_facts", "ansible_forks", "ansible_inventory_sources", "ansible_limit",
        "ansible_play_batch", "ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_role_names",
        "ansible_playbook_python", "ansible_role_name", "ansible_role_names", "ansible_run_tags", "ansible_skip_tags",
        "ansible_verbosity", "ansible_version", "inventory_dir", "inventory_file", "inventory_hostname",
        "inventory_hostname_short", "groups", "group_names", "hostvars", "playbook_dir", "play_hosts", "role_name",
        "role_names", "role_path", "role_uuid",
    ]

    /// What `ansible-inventory --host` shows of a host: its variables, not evaluated, as JSON.
    public func listing(of host: HostName) -> String {
        var writer = JSONWriter(.listing)
        writer.write(
            variables(of: host).filter { !Self.internalNames.contains($0.key) }.asValue, marking: .vaultAndUnsafe)
        return writer.text
    }

    /// What `ansible-inventory --list` prints, as JSON: groups with their hosts and children, the hosts' variables under
    /// `_meta`.
    /// - Parameters:
    ///   - chosen: The only hosts to show; `nil` shows all.
    ///   - isExported: Whether groups' variables stand with the groups and not with their hosts (`--export`).
    public func listing(only chosen: Set<HostName>? = nil, exported isExported: Bool = false) -> String {
        let shown = chosen.map { chosen in hosts.filter(chosen.contains) } ?? hosts
        let groups = groupRecords.indices.sorted { groupRecords[$0].name < groupRecords[$1].name }
        var writer = JSONWriter(.listing)
        writer.open(.map)
        writer.key("_meta")
        writer.open(.map)
        writer.key("hostvars")
        writeVariables(of: shown, exported: isExported, &writer)
        writer.close(.map)
        for group in groups {
            let fields = fields(of: group, chosen, exported: isExported)
            if fields.isEmpty { continue }
            writer.key(groupRecords[group].name)
            writer.write(.map(OrderedDictionary(uniqueKeysWithValues: fields)), marking: .vaultAndUnsafe)
        }
        writer.close(.map)
        return writer.text
    }

    private func fields(of group: Int, _ chosen: Set<HostName>?, exported isExported: Bool) -> [(Value, Value)] {
        let record = groupRecords[group]
        var fields: [(Value, Value)] = []
        if !record.children.isEmpty {
            fields.append((.string("children"), .list(record.children.map { .string(groupRecords[$0].name) })))
        }
        let hosts = group == InventoryAssembly.all ? [] : record.hosts.lazy.map { hostRecords[$0].name }
        let listed = hosts.filter { chosen?.contains($0) ?? true }
        if !listed.isEmpty { fields.append((.string("hosts"), .list(listed.map { .string($0.description) }))) }
        if isExported {
            let variables = exportedVariables(of: group)
            if !variables.isEmpty { fields.append((.string("vars"), variables.asValue)) }
        }
        return fields
    }

    /// Variables are written once for all hosts that have the same from their groups and from their lines.
    private func writeVariables(of shown: [HostName], exported isExported: Bool, _ writer: inout JSONWriter) {
        var texts = WrittenHosts(inventory: self, isExported: isExported)
        let written = shown.sorted().map { ($0.description, texts.text(of: $0)) }
        writer.open(.map)
        writer.reserve(written.reduce(0) { $0 + $1.1.count + $1.0.utf8.count + 32 })
        for (name, text) in written where !text.isEmpty {
            writer.key(name)
            writer.write(raw: text)
        }
        writer.close(.map)
    }

    /// What `ansible-inventory --graph` shows: the tree of groups below `top`, a line for each group and host.
    /// - Parameter showsVariables: Whether each group and host has its variables below it (`--vars`).
    /// - Throws: ``InputError`` when there is no such group.
    public func graph(from top: String = "all", variables showsVariables: Bool = false) throws(InputError) -> String {
        try graphLines(from: top, variables: showsVariables).joined(separator: "\n")
    }

    /// As ``graph(from:variables:)``, an entry each; a variable's value may hold line breaks.
    public func graphLines(
        from top: String = "all", variables showsVariables: Bool = false
    ) throws(InputError) -> [String] {
        guard let index = groupIndex[top] else {
            throw InputError(
                "there is no group '\(top)'", hints: NearestNames.hints(for: top, among: groupRecords.lazy.map(\.name)))
        }
        var tree = Tree(inventory: self, showsVariables: showsVariables)
        tree.draw(index, depth: 0)
        return tree.lines
    }

    /// A tree while it is drawn.
    private struct Tree {
        let inventory: Inventory
        let showsVariables: Bool
        var lines: [String] = []

        mutating func draw(_ group: Int, depth: Int) {
            let record = inventory.groupRecords[group]
            add("@\(record.name):", depth)
            for child in record.children { draw(child, depth: depth + 1) }
            if group != InventoryAssembly.all {
                for host in record.hosts {
                    let name = inventory.hostRecords[host].name
                    add(name.description, depth + 1)
                    if showsVariables { add(inventory.variables(of: name), depth + 2) }
                }
            }
            if showsVariables { add(inventory.exportedVariables(of: group), depth + 1) }
        }

        private mutating func add(_ variables: Variables, _ depth: Int) {
            let shown = variables.filter { !Inventory.internalNames.contains($0.key) }.sorted { $0.key < $1.key }
            for (name, value) in shown { add("{\(name) = \(value.pythonText)}", depth) }
        }

        private mutating func add(_ name: String, _ depth: Int) {
            lines.append(depth == 0 ? name : String(repeating: "  |", count: depth) + "--" + name)
        }
    }

    private func exportedVariables(of group: Int) -> Variables {
        let record = groupRecords[group]
        var variables = variables(ofGroup: record.name).filter { !Self.internalNames.contains($0.key) }
        if record.priority != 1 { variables["ansible_group_priority"] = .int(record.priority) }
        return variables
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

/// The variables of hosts as JSON, those of one line and of the same groups made once.
private struct WrittenHosts {
    private struct Kind: Hashable {
        let groups: [Int]
        let line: Int
    }

    let inventory: Inventory
    let isExported: Bool
    private var byGroups: [[Int]: [WrittenVariable]] = [:]
    private var byKind: [Kind: [UInt8]] = [:]

    init(inventory: Inventory, isExported: Bool) {
        self.inventory = inventory
        self.isExported = isExported
    }

    /// An object, or nothing for a host without variables.
    mutating func text(of host: HostName) -> [UInt8] {
        guard let index = inventory.index(of: host) else { return [] }
        let record = inventory.hostRecords[index]
        guard let line = record.line else { return made(of: record) }
        let kind = Kind(groups: isExported ? [] : record.groups, line: line)
        if let known = byKind[kind] { return known }
        let text = made(of: record)
        byKind[kind] = text
        return text
    }

    private mutating func made(of record: Inventory.HostRecord) -> [UInt8] {
        let variables = WrittenVariable.merge(
            shared(record.groups), WrittenVariable.of(inventory.ownVariables(of: record)))
        if variables.isEmpty { return [] }
        var writer = JSONWriter(.listing, depth: 3)
        writer.open(.map)
        for variable in variables {
            writer.key(variable.name)
            writer.write(raw: variable.json)
        }
        writer.close(.map)
        return writer.bytes
    }

    private mutating func shared(_ groups: [Int]) -> [WrittenVariable] {
        if isExported { return [] }
        if let known = byGroups[groups] { return known }
        let written = WrittenVariable.of(inventory.groupVariables(groups))
        byGroups[groups] = written
        return written
    }
}

/// One variable of a listing, and its value as JSON.
private struct WrittenVariable {
    let name: String
    let json: [UInt8]

    /// In order of their names, those that only the running program sets left out.
    static func of(_ variables: Variables) -> [WrittenVariable] {
        variables.filter { !Inventory.internalNames.contains($0.key) }.map { name, value in
            var writer = JSONWriter(.listing, depth: 4)
            writer.write(value, marking: .vaultAndUnsafe)
            return WrittenVariable(name: name, json: writer.bytes)
        }.sorted { $0.name < $1.name }
    }

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
