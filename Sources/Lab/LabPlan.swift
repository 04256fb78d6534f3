public import Fleet

/// The hosts of one lab, checked: they share a /24 network, and no two share a name or an address.
public struct LabPlan: Sendable, Equatable {
    /// The hosts, in the inventory's order.
    public internal(set) var hosts: [LabHost]
    /// This machine's address on the lab's bridge, the hosts' way out.
    public let gateway: LabAddress
    /// Where the inventory names each host, as far as that is known.
    let places: [HostName: SourceLocation]

    /// Checks that `hosts` can be a lab.
    ///
    /// - Parameter places: Where the inventory names each.
    /// - Throws: ``InputError`` naming the hosts that are in each other's way.
    public init(hosts: [LabHost], places: [HostName: SourceLocation] = [:]) throws(InputError) {
        guard let first = hosts.first else {
            throw InputError("the inventory has no host to boot", hints: ["add hosts, or name other ones with --limit"])
        }
        try Self.checkNames(hosts, places)
        try Self.checkAddresses(hosts, places)
        let taken = Set(hosts.map(\.address.last))
        guard let last = [1, 254].first(where: { !taken.contains($0) }) else {
            throw InputError(
                "hosts have both \(first.address.prefix).1 and .254, and the lab's gateway needs one of them",
                hints: ["give one of these hosts another address"])
        }
        self.hosts = hosts
        self.places = places
        gateway = first.address.sibling(UInt8(last))
    }

    /// The lab's network, such as `10.20.0.0/24`.
    public var network: String { gateway.network }

    private static func checkNames(
        _ hosts: [LabHost], _ places: [HostName: SourceLocation]
    ) throws(InputError) {
        var seen: [String: LabHost] = [:]
        for host in hosts {
            // Names are DNS names inside the lab, where case makes no difference.
            if let other = seen.updateValue(host, forKey: host.name.description.lowercased()) {
                throw InputError(
                    "two hosts are called '\(host.name)': at \(other.address) and at \(host.address)",
                    at: places[host.name], hints: ["give each host a name of its own"])
            }
        }
    }

    private static func checkAddresses(
        _ hosts: [LabHost], _ places: [HostName: SourceLocation]
    ) throws(InputError) {
        var seen: [LabAddress: LabHost] = [:]
        for host in hosts {
            if let other = seen.updateValue(host, forKey: host.address) {
                throw InputError(
                    "hosts '\(other.name)' and '\(host.name)' both have address \(host.address)",
                    at: places[host.name], hints: ["give each host an address of its own"])
            }
            guard host.address.prefix == hosts[0].address.prefix else {
                throw InputError(
                    "host '\(host.name)' has address \(host.address), outside \(hosts[0].address.network) of '\(hosts[0].name)'",
                    at: places[host.name],
                    hints: ["a lab is one /24 network; boot the others as another lab with --limit and --name"])
            }
        }
    }
}
