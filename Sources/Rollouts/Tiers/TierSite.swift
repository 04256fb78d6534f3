public import Fleet
import Inventories

/// One tier of a stage: its hosts, what runs on them, and who balances them.
public struct TierSite: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its hosts, in the inventory's order, as members of its pool; where no balancer has it, of one in name only.
    public internal(set) var pool: Pool
    /// Its balancers, in the inventory's order; none where it has no pool.
    public let balancers: [HostName]
    /// The units that run on its hosts.
    public let units: [String]
    /// How a host is found well; `nil` leaves it to the pool's check, else to its units alone.
    public let health: TierHealth?
    /// How carefully a build goes to it.
    public let policy: RolloutPolicy
    /// Where it stands in the service's file.
    let location: SourceLocation

    /// Whether balancers send its hosts traffic.
    public var isBalanced: Bool { !balancers.isEmpty }

    /// Its hosts, in the inventory's order.
    public var hosts: [HostName] { pool.members.map(\.host) }

    /// Its name where balancers are named.
    var viewName: HostName? { try? HostName(name) }  // Every name of a tier can name a host.

    /// Whether the host is in it.
    func has(_ host: HostName) -> Bool { pool.members.contains { $0.host == host } }
}

extension TierSite {
    /// The hosts that a stage's inventory has for a service.
    struct Groups {
        /// A tier, its hosts and its balancers.
        struct Tier {
            var tier: ServiceFile.Tier
            var hosts: [HostName]
            var balancers: [HostName]
        }

        /// Every host, once; those of the first tier first.
        var members: [HostName] = []
        /// Every balancer, once.
        var balancers: [HostName] = []
        /// None where the file has one pool.
        var tiers: [Tier] = []

        /// - Throws: ``InputError`` for a group without hosts, and for tiers that have the same unit on one host.
        init(_ file: ServiceFile, _ stage: ServiceFile.Stage, over inventory: Inventory) throws(InputError) {
            guard !file.tiers.isEmpty else {
                members = try StageSite.members(of: file.pool.members, in: inventory, stage)
                balancers = try StageSite.members(of: file.pool.balancers, in: inventory, stage)
                return
            }
            for tier in file.tiers {
                let hosts = try Self.hosts(of: tier, in: inventory, stage)
                let balancing = try tier.pool.map { pool throws(InputError) in
                    try StageSite.members(of: pool.balancers, in: inventory, stage)
                }
                tiers.append(Tier(tier: tier, hosts: hosts, balancers: balancing ?? []))
            }
            for tier in tiers {
                members += tier.hosts.filter { [members] in !members.contains($0) }
                balancers += tier.balancers.filter { [balancers] in !balancers.contains($0) }
            }
            try refuseSharedUnits(stage)
        }

        /// Everything that is wrong with the tiers' hosts and balancers, where the file has tiers.
        static func mistakes(
            _ file: ServiceFile, _ stage: ServiceFile.Stage, over inventory: Inventory
        ) -> [InputError] {
            let log = MistakeLog()
            for tier in file.tiers {
                _ = log.attempt { () throws(InputError) in try hosts(of: tier, in: inventory, stage) }
                guard let pool = tier.pool else { continue }
                _ = log.attempt { () throws(InputError) in
                    try StageSite.members(of: pool.balancers, in: inventory, stage)
                }
            }
            return log.all
        }

        /// The hosts of a group or, where there is none of that name, of a pattern.
        static func hosts(
            of tier: ServiceFile.Tier, in inventory: Inventory, _ stage: ServiceFile.Stage
        ) throws(InputError) -> [HostName] {
            let members = inventory.members(of: tier.hosts)
            if !members.isEmpty { return members }
            // What is wrong with a pattern is that it names nobody: that is told with the tier's place.
            if let found = try? inventory.hosts(matching: tier.hosts), !found.isEmpty { return found }
            throw InputError(
                "tier \(tier.name) has no hosts in stage \(stage.name): its inventory has none in '\(tier.hosts)'",
                at: tier.location,
                hints: NearestNames.hints(for: tier.hosts, among: inventory.groups.map(\.name))
                    + ["hosts: a group of the inventory, or a pattern"])
        }

        /// A unit that two tiers have on one host would be restarted for both, and looked for under two names.
        private func refuseSharedUnits(_ stage: ServiceFile.Stage) throws(InputError) {
            for (index, later) in tiers.enumerated() {
                for earlier in tiers[..<index] {
                    guard let host = later.hosts.first(where: earlier.hosts.contains),
                        let unit = later.tier.units.first(where: earlier.tier.units.contains)
                    else { continue }
                    throw InputError(
                        "tiers \(earlier.tier.name) and \(later.tier.name) both have \(unit) on \(host), in stage "
                            + stage.name, at: later.tier.location,
                        hints: ["name it in one of them, or give each tier hosts of its own"])
                }
            }
        }
    }

    /// - Parameter addresses: Where each host is.
    init(_ group: Groups.Tier, _ stage: ServiceFile.Stage, _ addresses: [HostName: String]) {
        let tier = group.tier
        name = tier.name
        (units, health, balancers, location) = (tier.units, tier.health, group.balancers, tier.location)
        policy = stage.tiers[tier.name] ?? stage.rollout
        let places = group.hosts.compactMap { host in addresses[host].map { (host, $0) } }
        pool = tier.pool.map { Pool($0, members: places) } ?? Pool(unbalanced: tier, members: places)
    }
}

extension Pool {
    /// The pool that `settings` describe.
    init(_ settings: ServiceFile.PoolSettings, members: [(host: HostName, address: String)]) {
        self.init(
            name: settings.name,
            members: members.map { PoolMember(host: $0.host, address: $0.address, port: settings.port) },
            check: settings.check, configFile: settings.configFile, socket: settings.socket)
        (traffic, driver, address) = (settings.traffic, settings.driver, settings.address)
        adoption = settings.adoption
    }

    /// The hosts of a tier that no balancer sends anything.
    fileprivate init(unbalanced tier: ServiceFile.Tier, members: [(host: HostName, address: String)]) {
        var (check, port) = (Pool.Check(), 0)
        if case .page(let asked, let asking) = tier.health { (check, port) = (asked, asking) }
        self.init(
            name: tier.name, members: members.map { PoolMember(host: $0.host, address: $0.address, port: port) },
            check: check, configFile: "")
    }
}

extension [TierSite] {
    /// All their hosts, each once, as one pool.
    func together(_ settings: ServiceFile.PoolSettings) -> Pool {
        var members: [PoolMember] = []
        for tier in self { members += tier.pool.members.filter { new in !members.contains { $0.host == new.host } } }
        var pool = Pool(
            name: filter(\.isBalanced).map(\.pool.name).joined(separator: ", "), members: members,
            check: settings.check, configFile: settings.configFile, socket: settings.socket)
        pool.traffic.slowStart = compactMap(\.pool.traffic.slowStart).max()
        return pool
    }
}
