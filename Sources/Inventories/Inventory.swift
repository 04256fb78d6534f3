public import Fleet
import Foundation
public import OrderedCollections
public import Values

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
        /// The source's own variables.
        let variables: Variables
        /// From `host_vars`, by the folder's layer; only layers that say something.
        let fileVariables: [Int: Variables]
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
        /// From `group_vars`, by the folder's layer.
        let fileVariables: [Variables]
    }

    /// In the order in which sources name them.
    private(set) var hostRecords: [HostRecord]
    private(set) var groupRecords: [GroupRecord]
    private(set) var hostIndex: [String: Int]
    private(set) var groupIndex: [String: Int]
    private let localhostFileVariables: [Int: Variables]
    /// Folders with `group_vars` and `host_vars`.
    let folders: VariableFolders
    /// The layers that count, in order.
    private(set) var layers: [Int]
    private(set) var merged: MergedVariables

    /// Where variables stand that say how hosts are reached, among those beside sources and playbooks.
    let connectionPlaces: [VariablePlace: SourceLocation]

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
    ///   - playbookFolders: Folders whose `group_vars` and `host_vars` count as well, over those beside the sources, the last
    ///     most; ``beside(_:)`` has only some of them count.
    ///   - vault: Opens files that are encrypted as a whole now, and `!vault` values when they are used.
    ///   - mistakes: Takes mistakes that reading goes on after; the inventory is then what is left without them.
    /// - Throws: ``InputError`` with file and line for whatever can't be read or understood.
    public static func load(
        sources: [String], playbookFolders: [String] = [], vault: Vault = .locked, mistakes: MistakeLog? = nil
    ) throws(InputError) -> Inventory {
        var assembly = InventoryAssembly(vault: vault, mistakes: mistakes)
        for source in sources {
            do { try InventorySource(path: source).read(into: &assembly) } catch { try mistakes.pass(error) }
        }
        assembly.reconcile()
        let files = VariableFiles(
            sources: sources, playbookFolders: playbookFolders, vault: vault, mistakes: mistakes)
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
            let fileVariables = try files.layers(ofHost: host.name.description)
            hosts.append(
                HostRecord(
                    name: host.name, location: host.location, source: host.source, variables: host.variables,
                    fileVariables: fileVariables, line: fileVariables.isEmpty ? host.line : nil, groups: host.groups))
        }
        localhostFileVariables = try files.layers(ofHost: "localhost")
        folders = files.folders
        layers = folders.layers(beside: folders.beside)
        hostRecords = hosts
        groupRecords = groups
        hostIndex = assembly.hostIndex
        groupIndex = assembly.groupIndex
        merged = MergedVariables()
        warnings = assembly.warnings + files.warnings
        connectionPlaces = files.connectionPlaces
        self.hosts = Self.members(of: InventoryAssembly.all, groups).map { hosts[$0].name }
        warnings += sharedAddresses()
    }

    /// The same where of the playbooks' folders these alone count, as for plays that stand in them; the last most.
    ///
    /// - Parameter folders: Some of those that the inventory was read with; others say nothing.
    public func beside(_ folders: [String]) -> Inventory {
        let layers = self.folders.layers(beside: folders)
        if layers == self.layers { return self }
        var inventory = self
        inventory.layers = layers
        inventory.merged = MergedVariables()
        return inventory
    }

    /// What a host's own line and `host_vars` say.
    func ownVariables(of record: HostRecord) -> Variables {
        merged(record.variables, record.fileVariables)
    }

    /// What is said of this machine, where no source names it.
    var localhostVariables: Variables { merged(["ansible_connection": .string("local")], localhostFileVariables) }

    private func merged(_ own: Variables, _ fileVariables: [Int: Variables]) -> Variables {
        if fileVariables.isEmpty { return own }
        return layers.reduce(into: own) { variables, layer in
            if let said = fileVariables[layer] { variables.replace(with: said) }
        }
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
                name: host, location: SourceLocation(file: ""), source: "", variables: [:], fileVariables: [:],
                line: nil,
                groups: []))
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
            variables: known?.variables ?? [:], fileVariables: known?.fileVariables ?? folders.paths.map { _ in [:] })
        if let index = groupIndex[name] {
            groupRecords[index] = record
        } else {
            groupIndex[name] = groupRecords.count
            groupRecords.append(record)
        }
    }
}
