import Fleet
import Insight
import Inventories
import Rollouts

/// The hosts of a stage's inventory by the tiers they are in: those of the service's file, its balancers, and every other
/// group that has hosts which are in none of these.
struct StageTiers: Sendable {
    /// One tier.
    struct Tier: Sendable {
        var name: String
        var role: TierRole
        var hosts: [HostName]
        /// The pool of it, where balancers send it traffic.
        var pool: Pool?
        /// Those balancers.
        var balancers: [HostName] = []
    }

    /// From the clients to the data.
    let tiers: [Tier]

    /// Every host, once.
    var hosts: [HostName] { tiers.flatMap(\.hosts) }

    /// The tiers of a stage.
    init(_ site: StageSite, _ inventory: Inventory) {
        var tiers: [Tier] = []
        var placed: Set<HostName> = []
        func add(
            _ name: String, as role: TierRole? = nil, _ hosts: [HostName], pool: Pool? = nil,
            behind balancers: [HostName] = []
        ) {
            let own = hosts.filter { !placed.contains($0) }
            guard !own.isEmpty else { return }
            placed.formUnion(own)
            tiers.append(
                Tier(name: name, role: role ?? TierRole(group: name), hosts: own, pool: pool, balancers: balancers))
        }
        if site.tiers.isEmpty {
            add(site.file.pool.balancers, as: .balancer, site.balancers)
            let members = site.pool.members.map(\.host)
            add(
                site.file.pool.members, as: Self.serving(site.file.pool.members), members, pool: site.pool,
                behind: site.balancers)
        } else {
            add(Self.group(of: site.balancers, inventory) ?? "balancers", as: .balancer, site.balancers)
            for tier in site.tiers {
                add(tier.name, tier.hosts, pool: tier.isBalanced ? tier.pool : nil, behind: tier.balancers)
            }
        }
        for group in Self.innermost(inventory) { add(group.name, group.hosts) }
        // Of one depth, the inventory's order stays.
        self.tiers = tiers.enumerated().sorted { one, other in
            (one.element.role.depth, one.offset) < (other.element.role.depth, other.offset)
        }.map { $0.element }
    }

    /// Whom balancers send requests to answers them, whatever its group is called.
    private static func serving(_ group: String) -> TierRole {
        let role = TierRole(group: group)
        return role == .other || role == .balancer ? .application : role
    }

    /// The name of the group that has exactly these hosts.
    private static func group(of hosts: [HostName], _ inventory: Inventory) -> String? {
        inventory.groups.first { !$0.hosts.isEmpty && Set(inventory.members(of: $0.name)) == Set(hosts) }?.name
    }

    /// Groups that have hosts of their own.
    private static func innermost(_ inventory: Inventory) -> [Inventory.Group] {
        inventory.groups.filter { !$0.hosts.isEmpty && $0.name != "all" && $0.name != "ungrouped" }
    }
}
