import Fleet
import OrderedCollections

/// Looks over a whole inventory for what is allowed, but hardly meant.
struct InventoryReview {
    private(set) var warnings: [String] = []
    private var owners: [Address: HostName] = [:]

    private struct Address: Hashable {
        let host: String
        let port: Value?
    }

    /// - Parameter assembly: A reconciled inventory, without the variables of files beside it.
    init(_ assembly: InventoryAssembly) {
        for host in assembly.hosts {
            reviewAddress(of: host)
            reviewNames(host.variables, of: "the host '\(host.name)'", at: host.location)
        }
        for group in assembly.groups {
            guard let location = group.location else { continue }
            reviewNames(group.variables, of: "the group '\(group.name)'", at: location)
        }
    }

    private mutating func reviewAddress(of host: InventoryAssembly.Host) {
        guard case .string(let text)? = host.variables["ansible_host"] ?? host.variables["ansible_ssh_host"] else {
            return
        }
        if host.variables["ansible_connection"] == .string("local") { return }
        let address = Address(host: text, port: host.variables["ansible_port"] ?? host.variables["ansible_ssh_port"])
        guard let owner = owners[address] else {
            owners[address] = host.name
            return
        }
        warnings.append("\(host.location): the hosts '\(owner)' and '\(host.name)' have the same address, \(text)")
    }

    private mutating func reviewNames(_ variables: Variables, of what: String, at location: SourceLocation) {
        for name in variables.keys where name.hasPrefix("ansible_") && !ConnectionVariables.isKnown(name) {
            let near = NearestNames.of(name, among: ConnectionVariables.names)
            guard let meant = near.first else { continue }
            warnings.append("\(location): \(what) has the unknown variable '\(name)'; did you mean '\(meant)'?")
        }
    }
}
