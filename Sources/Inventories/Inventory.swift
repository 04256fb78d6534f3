public import Fleet
import Foundation
public import OrderedCollections

/// Hosts, groups and variables of one or more Ansible inventories. Immutable; variables are merged when asked for.
public struct Inventory: Sendable {
    /// A group of hosts.
    public struct Group: Sendable {
        /// Its name.
        public let name: String
        /// The hosts it lists itself, in the order it does.
        public let hosts: [HostName]
        /// Names of its child groups.
        public let children: [String]
        /// Names of its parent groups.
        public let parents: [String]
        /// The variables that inventory sources set on it, without those of `group_vars`.
        public let variables: Variables
        /// Decides between groups of one depth: the higher wins.
        public let priority: Int
        /// Where it stands first; `nil` for `all` and `ungrouped` unless a file names them.
        public let location: SourceLocation?
    }

    struct HostRecord: Sendable {
        let name: HostName
        let location: SourceLocation
        let source: String
        /// The source's own variables, then those of `host_vars`.
        let variables: Variables
        /// The same for hosts whose own variables are the same because they stand on one line.
        let line: Int?
        let groups: [Int]
    }

    struct GroupRecord: Sendable {
        let name: String
        let location: SourceLocation?
        let hosts: [Int]
        let children: [Int]
        let parents: [Int]
        let priority: Int
        let depth: Int
        let variables: Variables
        /// From `group_vars` beside each source, in the sources' order, and beside the playbook last.
        let fileVariables: [Variables]
    }

    /// In the order in which sources name them.
    private(set) var hostRecords: [HostRecord]
    private(set) var groupRecords: [GroupRecord]
    private(set) var hostIndex: [String: Int]
    private(set) var groupIndex: [String: Int]
    let localhostVariables: Variables
    let merged: MergedVariables

    /// What is odd, though no error: each with its place.
    public private(set) var warnings: [String]

    /// Every host of the inventory, in the order in which Ansible lists `all`.
    public private(set) var hosts: [HostName]

    /// Every group, `all` and `ungrouped` first, then in the order in which sources name them.
    public var groups: [Group] { groupRecords.map(group(of:)) }

    /// Reads inventory sources, and `group_vars` and `host_vars` beside them.
    ///
    /// - Parameters:
    ///   - sources: Files, folders, executables that answer `--list`, or lists of hosts with a comma in them; later ones
    ///     add to and win over earlier ones.
    ///   - playbookFolder: A folder whose `group_vars` and `host_vars` count as well, over those beside the sources.
    ///   - vault: Opens files that are encrypted as a whole now, and `!vault` values when they are used.
    /// - Throws: ``InputError`` with file and line for whatever can't be read or understood.
    public static func load(
        sources: [String], playbookFolder: String? = nil, vault: Vault = .locked
    ) throws(InputError) -> Inventory {
        var assembly = InventoryAssembly(vault: vault)
        for source in sources { try InventorySource(path: source).read(into: &assembly) }
        assembly.reconcile()
        let files = VariableFiles(sources: sources, playbookFolder: playbookFolder, vault: vault)
        return try Inventory(assembly, files: files)
    }

    init(_ assembly: InventoryAssembly, files: VariableFiles) throws(InputError) {
        var files = files
        let depths = assembly.depths()
        var groups: [GroupRecord] = []
        for (index, group) in assembly.groups.enumerated() {
            groups.append(
                GroupRecord(
                    name: group.name, location: group.location, hosts: Array(group.hosts),
                    children: Array(group.children),
                    parents: group.parents, priority: group.priority, depth: depths[index],
                    variables: group.variables, fileVariables: try files.layers(ofGroup: group.name)))
        }
        var hosts: [HostRecord] = []
        hosts.reserveCapacity(assembly.hosts.count)
        for host in assembly.hosts {
            var (variables, line) = (host.variables, host.line)
            for layer in try files.layers(ofHost: host.name.description) {
                variables.replace(with: layer)
                line = nil
            }
            hosts.append(
                HostRecord(
                    name: host.name, location: host.location, source: host.source, variables: variables, line: line,
                    groups: host.groups))
        }
        var localhost: Variables = ["ansible_connection": .string("local")]
        for layer in try files.layers(ofHost: "localhost") { localhost.replace(with: layer) }
        localhostVariables = localhost
        hostRecords = hosts
        groupRecords = groups
        hostIndex = assembly.hostIndex
        groupIndex = assembly.groupIndex
        merged = MergedVariables()
        warnings = assembly.warnings + files.warnings
        self.hosts = Self.members(of: InventoryAssembly.all, groups).map { hosts[$0].name }
        warnings += sharedAddresses()
    }

    /// Hosts of a group and of all groups below it, in Ansible's order: level by level, each once.
    static func members(of group: Int, _ groups: [GroupRecord]) -> [Int] {
        var order = [group]
        var seenGroups: Set<Int> = [group]
        var next = 0
        while next < order.count {
            for child in groups[order[next]].children where seenGroups.insert(child).inserted { order.append(child) }
            next += 1
        }
        if order.count == 1 { return groups[group].hosts }
        var seen: Set<Int> = []
        seen.reserveCapacity(order.reduce(0) { $0 + groups[$1].hosts.count })
        var members: [Int] = []
        members.reserveCapacity(seen.capacity)
        for group in order {
            for host in groups[group].hosts where seen.insert(host).inserted { members.append(host) }
        }
        return members
    }

    func index(of host: HostName) -> Int? { hostIndex[host.description] }
}

extension Inventory {
    /// The group of that name.
    public func group(_ name: String) -> Group? { groupIndex[name].map { group(of: groupRecords[$0]) } }

    private func group(of record: GroupRecord) -> Group {
        Group(
            name: record.name, hosts: record.hosts.map { hostRecords[$0].name },
            children: record.children.map { groupRecords[$0].name },
            parents: record.parents.map { groupRecords[$0].name }, variables: record.variables,
            priority: record.priority, location: record.location)
    }

    /// Whether the inventory names `host`.
    public func contains(_ host: HostName) -> Bool { index(of: host) != nil }

    /// Where the inventory names `host` first.
    public func location(of host: HostName) -> SourceLocation? { index(of: host).map { hostRecords[$0].location } }

    /// The hosts of a group and of the groups below it, in Ansible's order; none when there is no such group.
    public func members(of group: String) -> [HostName] {
        guard let index = groupIndex[group] else { return [] }
        return index == InventoryAssembly.all
            ? hosts : Self.members(of: index, groupRecords).map { hostRecords[$0].name }
    }

    /// The groups that hold a host, directly or through others, sorted by name and without `all`: `group_names`.
    public func groupNames(of host: HostName) -> [String] {
        guard let index = index(of: host) else { return [] }
        return lineage(of: hostRecords[index].groups).map { groupRecords[$0].name }.sorted()
    }
}

extension Inventory {
    /// The same with groups that a playbook made, and hosts it added to them, for patterns: they have no variables.
    public func adding(groups: OrderedDictionary<String, [HostName]>) -> Inventory {
        var inventory = self
        for (name, members) in groups {
            let indexes = members.map { inventory.take($0) }
            inventory.put(indexes, into: name)
        }
        return inventory
    }

    private mutating func take(_ host: HostName) -> Int {
        if let known = index(of: host) { return known }
        hostIndex[host.description] = hostRecords.count
        hostRecords.append(
            HostRecord(
                name: host, location: SourceLocation(file: ""), source: "", variables: [:], line: nil, groups: []))
        put([hostRecords.count - 1], into: "all")
        hosts.append(host)
        return hostRecords.count - 1
    }

    private mutating func put(_ members: [Int], into name: String) {
        let known = groupIndex[name].map { groupRecords[$0] }
        var hosts = known?.hosts ?? []
        for member in members where !hosts.contains(member) { hosts.append(member) }
        let record = GroupRecord(
            name: name, location: known?.location, hosts: hosts, children: known?.children ?? [],
            parents: known?.parents ?? [InventoryAssembly.all], priority: known?.priority ?? 1,
            depth: known?.depth ?? 1,
            variables: known?.variables ?? [:], fileVariables: known?.fileVariables ?? [])
        if let index = groupIndex[name] {
            groupRecords[index] = record
        } else {
            groupIndex[name] = groupRecords.count
            groupRecords.append(record)
        }
    }
}
