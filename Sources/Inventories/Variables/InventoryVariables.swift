public import Fleet
import Foundation
public import OrderedCollections
public import Values

extension Inventory {
    /// A host's variables in Ansible's order of precedence, not evaluated, without the magic ones.
    ///
    /// A host the inventory doesn't name gets those of `all`; `localhost` also a local connection.
    public func variables(of host: HostName) -> Variables {
        guard let index = index(of: host) else {
            var variables = groupVariables([])
            if Self.isImplicit(host) { variables.replace(with: localhostVariables) }
            return variables
        }
        var variables = groupVariables(hostRecords[index].groups)
        variables.replace(with: ownVariables(of: hostRecords[index]))
        return variables
    }

    /// What a group gives its hosts: its own variables and those of its `group_vars`.
    public func variables(ofGroup name: String) -> Variables {
        guard let index = groupIndex[name] else { return [:] }
        var variables = groupRecords[index].variables
        for layer in layers { variables.replace(with: groupRecords[index].fileVariables[layer]) }
        return variables
    }

    /// What Ansible knows of a host without asking it: `inventory_hostname`, `inventory_hostname_short`, `group_names`,
    /// `inventory_file` and `inventory_dir`. The mapping `groups` is apart: ``groupsVariable``.
    public func magic(for host: HostName) -> Variables {
        var magic: Variables = [
            "inventory_hostname": .string(host.description),
            "inventory_hostname_short": .string(Self.shortName(host.description)),
            "group_names": .list(groupNames(of: host).map { .string($0) }),
        ]
        guard let source = index(of: host).map({ hostRecords[$0].source }) else { return magic }
        magic["inventory_file"] = .string(source)
        magic["inventory_dir"] = source.hasPrefix("/") ? .string((source as NSString).deletingLastPathComponent) : .null
        return magic
    }

    /// The magic variable `groups`: the names of each group's hosts. Large for large fleets; make it once.
    public var groupsVariable: Value {
        .map(
            OrderedDictionary(
                uniqueKeysWithValues: groupRecords.map { group in
                    (.string(group.name), .list(members(of: group.name).map { .string($0.description) }))
                }))
    }

    /// Names for this machine that need no entry in an inventory.
    static func isImplicit(_ host: HostName) -> Bool { implicitNames.contains(host.description) }

    static let implicitNames = ["127.0.0.1", "localhost", "::1"]

    private static func shortName(_ name: String) -> String {
        if HostAddress.isNumeric(name) { return name }
        return name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? name
    }

    /// A host's groups and all above them but `all`, in the order in which their variables are applied.
    func lineage(of groups: [Int]) -> [Int] {
        var found: Set<Int> = []
        var pending = groups
        while let group = pending.popLast() {
            if found.insert(group).inserted { pending += groupRecords[group].parents }
        }
        found.remove(InventoryAssembly.all)
        return found.sorted { left, right in
            let (left, right) = (groupRecords[left], groupRecords[right])
            return (left.depth, left.priority, left.name) < (right.depth, right.priority, right.name)
        }
    }

    func groupVariables(_ groups: [Int]) -> Variables {
        merged.variables(for: groups) { merge(groups) }
    }

    /// Inventory sources first, then `group_vars` beside each source, then beside the playbook; `all` before the others.
    private func merge(_ groups: [Int]) -> Variables {
        let all = groupRecords[InventoryAssembly.all]
        let lineage = lineage(of: groups).map { groupRecords[$0] }
        var variables = all.variables
        for group in lineage { variables.replace(with: group.variables) }
        for layer in layers { variables.replace(with: all.fileVariables[layer]) }
        for layer in layers {
            for group in lineage { variables.replace(with: group.fileVariables[layer]) }
        }
        return variables
    }
}
