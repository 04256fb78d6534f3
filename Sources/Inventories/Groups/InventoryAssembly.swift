import Fleet
import OrderedCollections
import Values

/// An inventory while its sources are read, one after another.
struct InventoryAssembly {
    struct Host {
        let name: HostName
        let location: SourceLocation
        /// The source that named it first, as an absolute path or as written; what `inventory_file` says.
        let source: String
        var variables: Variables = [:]
        /// The same for all hosts whose own variables stand on one line and nowhere else; `nil` once one was set apart.
        var line: Int? = InventoryAssembly.noLine
        /// Groups that list it themselves, in the order they did.
        var groups: [Int] = []
    }

    /// A variable as a source sets it on a host.
    struct Setting {
        let name: String
        let value: Value
        let location: SourceLocation
    }

    struct Group {
        let name: String
        var location: SourceLocation?
        var hosts: OrderedSet<Int> = []
        var children: OrderedSet<Int> = []
        var parents: [Int] = []
        var variables: Variables = [:]
        var priority = 1
    }

    static let all = 0
    static let ungrouped = 1

    /// Half a gigabyte's worth of hosts, ten times as many as anybody has.
    static let mostHosts = 500_000
    /// Of hosts without any variable of their own.
    static let noLine = 0

    private(set) var hosts: [Host] = []
    private var lines = 0
    private(set) var groups: [Group] = []
    private(set) var hostIndex: [String: Int] = [:]
    private(set) var groupIndex: [String: Int] = [:]
    /// What is read now; what `inventory_file` will say of hosts found in it.
    var source = ""
    var warnings: [String] = []
    /// Opens what is encrypted.
    let vault: Vault
    /// Takes the mistakes that reading goes on after; without one the first ends it.
    let mistakes: MistakeLog?
    /// How many files and programs were read.
    var sourcesRead = 0
    /// Whether the source read now is encrypted as a whole: the values of its variables are secrets then.
    var isRevealed = false

    init(vault: Vault = .locked, mistakes: MistakeLog? = nil) {
        (self.vault, self.mistakes) = (vault, mistakes)
        for name in ["all", "ungrouped"] {
            groupIndex[name] = groups.count
            groups.append(Group(name: name))
        }
        groups[Self.all].children = [Self.ungrouped]
        groups[Self.ungrouped].parents = [Self.all]
    }

    /// The group of that name, made when there is none yet.
    mutating func group(_ name: String, at location: SourceLocation) -> Int {
        if let index = groupIndex[name] {
            if groups[index].location == nil { groups[index].location = location }
            return index
        }
        groupIndex[name] = groups.count
        groups.append(Group(name: name, location: location))
        return groups.count - 1
    }

    /// Lists a host in a group. A port counts only where the host is first named, as in Ansible.
    /// - Throws: ``InputError`` when the text can't be a host's name.
    @discardableResult
    mutating func addHost(
        _ text: String, port: Int? = nil, to group: Int?, at location: SourceLocation
    ) throws(InputError) -> Int {
        let index: Int
        if let known = hostIndex[text] {
            index = known
        } else {
            var host = Host(name: try Self.name(text, at: location), location: location, source: source)
            if let port {
                host.variables["ansible_port"] = .int(port)
                host.line = nil
            }
            index = hosts.count
            guard index < Self.mostHosts else {
                throw InputError("the inventory has more than \(Self.mostHosts) hosts", at: location)
            }
            hosts.append(host)
            hostIndex[text] = index
        }
        if let group, groups[group].hosts.append(index).inserted { hosts[index].groups.append(group) }
        return index
    }

    /// Lists the hosts of one line in a group, all with its variables.
    /// - Returns: Where the first one stands that the group listed already.
    @discardableResult
    mutating func addHosts(
        _ names: [String], port: Int?, variables: [Setting], to group: Int, at location: SourceLocation
    ) throws(InputError) -> [Int] {
        var shared: Variables = [:]
        if let port { shared["ansible_port"] = .int(port) }
        for variable in variables {
            review(variable)
            shared[variable.name] = kept(variable.value, named: variable.name)
        }
        lines += 1
        if names.count > 1 { reserve(names.count, in: group) }
        var repeated: [Int] = []
        for name in names {
            let (known, listed) = (hosts.count, groups[group].hosts.count)
            let index = try addHost(name, to: group, at: location)
            if groups[group].hosts.count == listed { repeated.append(index) }
            if index == known {
                hosts[index].variables = shared
                hosts[index].line = shared.isEmpty ? Self.noLine : lines
            } else {
                for variable in variables { set(variable.name, variable.value, onHost: index) }
            }
        }
        return repeated
    }

    private mutating func reserve(_ more: Int, in group: Int) {
        // Twice as much when there is too little, so that many short lines don't copy everything each time.
        guard hosts.capacity < hosts.count + more else { return }
        let room = max(2 * hosts.count, hosts.count + more)
        hosts.reserveCapacity(room)
        hostIndex.reserveCapacity(room)
    }

    private static func name(_ text: String, at location: SourceLocation) throws(InputError) -> HostName {
        do { return try HostName(text) } catch { throw error.located(at: location) }
    }

    /// Whether `group` lists the host itself.
    func lists(_ host: String, in group: Int) -> Bool {
        hostIndex[host].map { groups[group].hosts.contains($0) } ?? false
    }

    func knowsHost(_ name: String) -> Bool { hostIndex[name] != nil }

    /// Puts a group into another.
    /// - Throws: ``InputError`` when that would make a circle.
    mutating func addChild(_ child: Int, to parent: Int, at location: SourceLocation) throws(InputError) {
        guard !groups[parent].children.contains(child) else { return }
        if child == Self.all {
            throw InputError(
                "the group 'all' can't be a child of '\(groups[parent].name)', which is inside of it", at: location,
                hints: ["every group is in 'all' without being told"])
        }
        // A group without children has nothing in it that could hold the other.
        let isLeaf = groups[child].children.isEmpty
        guard child != parent, isLeaf || !ancestors(of: parent).contains(child) else {
            let (inner, outer) = (groups[child].name, groups[parent].name)
            let message =
                inner == outer
                ? "the group '\(inner)' can't be its own child"
                : "the group '\(inner)' can't be a child of '\(outer)', which is inside of it"
            throw InputError(message, at: location, hints: ["take one of the two out of the other's children"])
        }
        groups[parent].children.append(child)
        groups[child].parents.append(parent)
    }

    private func ancestors(of group: Int) -> Set<Int> {
        var found: Set<Int> = []
        var pending = groups[group].parents
        while let next = pending.popLast() {
            if found.insert(next).inserted { pending += groups[next].parents }
        }
        return found
    }

    mutating func set(_ name: String, _ value: Value, onHost host: Int) {
        hosts[host].variables[name] = kept(value, named: name)
        hosts[host].line = nil
    }

    /// A variable's value, which is kept out of what is written where it is a secret.
    private func kept(_ value: Value, named name: String) -> Value {
        isRevealed ? vault.revealed(value) : vault.watched(value, named: name)
    }

    /// Sets a group's variable; `ansible_group_priority` sets its priority instead.
    mutating func set(_ name: String, _ value: Value, onGroup group: Int, at location: SourceLocation)
        throws(InputError)
    {
        review(Setting(name: name, value: value, location: location))
        guard name == "ansible_group_priority" else {
            groups[group].variables[name] = kept(value, named: name)
            return
        }
        switch value {
        case .int(let priority): groups[group].priority = priority
        case .string(let text) where Int(text) != nil: groups[group].priority = Int(text) ?? 1
        default: throw InputError("ansible_group_priority must be a whole number", at: location)
        }
    }

    mutating func warn(_ message: String, at location: SourceLocation) { warnings.append("\(location): \(message)") }

    /// Warns of a variable's name that is nearly one that says how a host is reached.
    mutating func review(_ variable: Setting) {
        let fault = ConnectionVariables.misspelling(variable.name, variable.value)
        if let fault { warn(fault, at: variable.location) }
    }
}

extension InventoryAssembly {
    /// Applies what holds for every inventory: groups without a parent are in `all`, hosts without a group in `ungrouped`.
    mutating func reconcile() {
        for index in groups.indices.dropFirst() where groups[index].parents.isEmpty {
            groups[Self.all].children.append(index)
            groups[index].parents = [Self.all]
        }
        let builtIn = [Self.all, Self.ungrouped]
        // In Ansible, hosts of an 'ungrouped' that is in other groups are no longer ungrouped.
        let isGroupedItself = groups[Self.ungrouped].parents.count > 1
        let grouped = hosts.indices.map { index in
            hosts[index].groups.contains { !builtIn.contains($0) || isGroupedItself && $0 == Self.ungrouped }
        }
        groups[Self.ungrouped].hosts.removeAll { grouped[$0] }
        for index in hosts.indices {
            if grouped[index] {
                hosts[index].groups.removeAll { $0 == Self.ungrouped }
            } else if groups[Self.ungrouped].hosts.append(index).inserted {
                hosts[index].groups.append(Self.ungrouped)
            }
        }
        for group in groups {
            guard let host = hostIndex[group.name].map({ hosts[$0] }) else { continue }
            let elsewhere = group.location.map { ", at \($0)" } ?? ""
            warn(
                "'\(host.name)' is a host here and a group\(elsewhere); as a pattern it means the group",
                at: host.location)
        }
    }

    /// How far below `all` each group is, by the longest way.
    func depths() -> [Int] {
        var depths = Array(repeating: 0, count: groups.count)
        var parentsLeft = groups.map(\.parents.count)
        var ready = groups.indices.filter { parentsLeft[$0] == 0 }
        while let group = ready.popLast() {
            for child in groups[group].children {
                depths[child] = max(depths[child], depths[group] + 1)
                parentsLeft[child] -= 1
                if parentsLeft[child] == 0 { ready.append(child) }
            }
        }
        return depths
    }
}
