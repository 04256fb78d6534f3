public import Fleet

extension FleetHealth {
    /// How one of several tiers does.
    public struct TierCount: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// How it does.
        public var state: State
        /// How many of its hosts are in service; on the balancer that has the fewest.
        public var inService: Int
        /// How many there are.
        public var members: Int
        /// How many must be in service.
        public var minimum: Int
        /// How many are in service on each balancer that answered; none where no balancer has it.
        public var inServiceOn: [HostName: Int]
    }

    /// How a stage of several tiers does: as its worst tier, with the hosts of all of them.
    /// - Parameters:
    ///   - build: What the stage should run; `nil` when nobody has said so yet.
    ///   - unverified: Hosts that did not answer and that balancers may not have missed yet: they count as out.
    init(_ tiers: [TierSite], build: ReleaseID?, sight: FleetObservation, unverified: Set<HostName> = []) {
        let parts = tiers.map { tier in
            (
                tier,
                FleetHealth(
                    tier.pool, build: build, policy: tier.policy, sight: sight.of(tier),
                    unverified: tier.isBalanced ? unverified : [])
            )
        }
        // None of them has a tier, which no stage is without.
        self =
            parts.first?.1
            ?? FleetHealth(
                Pool(name: "", members: [], configFile: ""), build: build, policy: RolloutPolicy(), sight: sight)
        self.tiers = parts.map { TierCount($0, $1) }
        state = parts.map(\.1.state).max() ?? state
        (members, minimum) = (self.tiers.reduce(0) { $0 + $1.members }, self.tiers.reduce(0) { $0 + $1.minimum })
        inService = [:]
        for tier in self.tiers { inService.merge(tier.inServiceOn, uniquingKeysWith: +) }
        silentBalancers = [:]
        (hosts, problems) = ([], [])
        for (tier, health) in parts {
            silentBalancers.merge(health.silentBalancers) { first, _ in first }
            problems += health.problems.filter { !problems.contains($0) }
            for host in health.hosts { take(host, of: tier.name) }
        }
        hosts = hosts.enumerated().sorted { ($1.element.state, $0.offset) < ($0.element.state, $1.offset) }.map(
            \.element)
    }

    /// A host of several tiers is as it is in the worst of them.
    private mutating func take(_ host: Host, of tier: String) {
        guard let index = hosts.firstIndex(where: { $0.host == host.host }) else {
            var host = host
            host.tiers = [tier]
            return hosts.append(host)
        }
        var known = hosts[index]
        known.tiers.append(tier)
        known.state = max(known.state, host.state)
        known.release = known.release ?? host.release
        known.units.merge(host.units) { first, _ in first }
        known.stopped = known.stopped ?? host.stopped
        known.balancers.merge(host.balancers) { first, second in first == .up ? second : first }
        known.remarks += host.remarks.filter { !known.remarks.contains($0) }
        hosts[index] = known
    }
}

extension FleetHealth.TierCount {
    fileprivate init(_ tier: TierSite, _ health: FleetHealth) {
        self.init(
            name: tier.name, state: health.state, inService: health.fewest, members: health.members,
            minimum: health.minimum, inServiceOn: tier.isBalanced ? health.inService : [:])
    }
}

extension TierSite {
    /// The tier's hosts as they say themselves; `nil` where balancers have them.
    func asHostsSay(
        _ inspect: @escaping @Sendable (HostName) async throws(RolloutError) -> HostCondition
    ) async -> BalancerView? {
        guard !isBalanced, let name = viewName else { return nil }
        let traffic = UnitTraffic(pool: pool, name: name, inspect: inspect)
        return await traffic.observe().first?.of(self.name, pool, isOfHosts: true)
    }
}

extension StageSite {
    /// What is known of a balancer that did not answer: one view a pool that it has.
    func views(of balancer: HostName, fault: String) -> [BalancerView] {
        let view = BalancerView(balancer: balancer, fault: fault)
        if tiers.isEmpty { return [view] }
        return tiers.filter { $0.balancers.contains(balancer) }.map { view.of($0.name, $0.pool) }
    }
}
