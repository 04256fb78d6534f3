import Fleet
import OrderedCollections

/// A rollout over tiers: one build and one journal, with a policy and a floor for each tier.
extension RolloutState {
    /// The tier that is changed next.
    struct Turn {
        /// Those of its hosts that wait for a batch.
        var waiting: OrderedDictionary<HostName, HostProgress>
        /// How carefully it is changed.
        var policy: RolloutPolicy
        /// How many of its hosts take part.
        var hosts: Int
        /// How many of its batches were opened, canaries not counted.
        var batches: Int
        /// Whether one of its hosts has the build for good.
        var hasSettled: Bool
        /// Whether a tier before it has no host left that took the build.
        var isCutOff: Bool
    }

    /// The first tier with hosts that wait; a host in several tiers has its turn with the first of them.
    func turn(among waiting: OrderedDictionary<HostName, HostProgress>) -> Turn? {
        guard !waiting.isEmpty else { return nil }
        guard let tiers = plan.tiers else {
            return Turn(
                waiting: waiting, policy: plan.policy, hosts: hosts.count, batches: batches.count { !$0.isCanary },
                hasSettled: !settled.isEmpty, isCutOff: false)
        }
        let index = waiting.keys.map(turn(of:)).min() ?? 0
        let isCutOff = emptyTiers.contains { $0 < index }
        return Turn(
            waiting: waiting.filter { turn(of: $0.key) == index },
            policy: tiers.indices.contains(index) ? tiers[index].policy : plan.policy,
            hosts: hosts.keys.count { turn(of: $0) == index },
            batches: batches.count { !$0.isCanary && $0.hosts.first.map(turn(of:)) == index },
            hasSettled: settled.contains { turn(of: $0) == index }, isCutOff: isCutOff)
    }

    /// The place of the tier that the host has its turn with; after all of them for a host of none.
    private func turn(of host: HostName) -> Int { tiersOf[host]?.first ?? plan.tiers?.count ?? 0 }

    /// Tiers whose hosts that take part all failed.
    private var emptyTiers: [Int] {
        let places = Set(hosts.keys.map(turn(of:)))
        let filled = Set(settled.map(turn(of:)))
        let open = Set(hosts.filter { $0.value.fault == nil && $0.value.phase < .settled }.keys.map(turn(of:)))
        return places.subtracting(filled).subtracting(open).sorted()
    }

    /// Whether some tier has no host that took the build, when none is left that could.
    var hasEmptyTier: Bool { plan.tiers == nil ? settled.isEmpty : settled.isEmpty || !emptyTiers.isEmpty }

    // MARK: floors

    /// The places of the host's tiers in ``allowances``.
    func tiers(of host: HostName) -> [Int] { plan.tiers == nil ? [0] : tiersOf[host] ?? [] }

    /// How many hosts of each tier may be taken out of service; of all hosts where there are no tiers.
    var allowances: [Int] {
        guard let tiers = plan.tiers else { return [serving - floor] }
        let serving = servingIn
        return tiers.indices.map { serving[$0] - tiers[$0].floor }
    }

    /// How many hosts of each tier serve, as far as is known.
    private var servingIn: [Int] {
        var counts = (plan.tiers ?? []).map { elsewhereIn[$0.name] ?? 0 }
        for (host, progress) in hosts where progress.isServing {
            for tier in tiersOf[host] ?? [] { counts[tier] += 1 }
        }
        return counts
    }

    /// How carefully a host is changed; what holds for all of them without one.
    func policy(of host: HostName?) -> RolloutPolicy {
        guard let host, let tier = tiersOf[host]?.first, let tiers = plan.tiers else { return plan.policy }
        return tiers[tier].policy
    }

    /// The tier that stands in the way of going on: one that has none to spare and something left to be done.
    var shortTier: Int? {
        guard let tiers = plan.tiers, !tiers.isEmpty else { return nil }
        let allowances = allowances
        let unsettled = hosts.filter { $0.value.phase < .settled && $0.value.isServing }.keys
        let short = unsettled.lazy.compactMap { [tiersOf] host in tiersOf[host]?.first { allowances[$0] <= 0 } }.first
        return short ?? tiers.indices.first { allowances[$0] < 0 } ?? 0
    }

    func shortage(in tier: Int) -> Shortage {
        let plan = (plan.tiers ?? [])[tier]
        let out = outOfService.filter { tiersOf[$0]?.contains(tier) == true }
        return Shortage(
            serving: servingIn[tier], total: plan.hosts.count, floor: plan.floor,
            out: out.map { Shortage.Absentee(host: $0, message: hosts[$0]?.fault?.message) }, tier: plan.name)
    }

    /// How many hosts of each tier that take no part serve, by what balancers answered.
    func elsewhere(_ views: [BalancerView]) -> [String: Int]? {
        guard let tiers = plan.tiers else { return nil }
        let counts = tiers.map { tier in
            (tier.name, tier.hosts.count { hosts[$0] == nil && views.of(tier: tier.name).isServing($0) })
        }
        return Dictionary(counts) { first, _ in first }
    }
}

extension [BalancerView] {
    /// A balancer of a pool of whose balancers none can be asked.
    var silentPool: BalancerView? {
        for views in Dictionary(grouping: self, by: \.tier).sorted(by: { $0.key ?? "" < $1.key ?? "" }).map(\.value)
        where views.allSatisfy({ $0.fault != nil }) {
            return views.first { !$0.isLeftOut } ?? views.first
        }
        return nil
    }
}
