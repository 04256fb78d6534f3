public import Fleet

extension StageSite {
    /// The tiers of a host.
    func tiers(of host: HostName) -> [TierSite] { tiers.filter { $0.has(host) } }

    /// The names of a host's tiers; none where the file has one pool.
    public func tierNames(of host: HostName) -> [String] { tiers(of: host).map(\.name) }

    /// Refuses minimums that no number of hosts could keep.
    /// - Throws: ``InputError`` at the minimum.
    public func checkMinimum() throws(InputError) {
        guard !tiers.isEmpty else { return try stage.checkMinimum(hosts: pool.members.count) }
        for tier in tiers {
            guard let minimum = tier.policy.minimumInService, minimum > tier.hosts.count else { continue }
            let count = tier.hosts.count
            throw InputError(
                "minimum is \(minimum), but tier \(tier.name) has \(count.of("host")) in stage \(stage.name): \(minimum) of "
                    + "\(count) cannot stay in service", at: tier.location,
                hints: [
                    count > 1 ? "minimum: \(count - 1) lets one host after the other be changed" : "minimum: 0",
                    "a stage may say otherwise: tiers: {\(tier.name): {rollout: {minimum: N}}}",
                ])
        }
    }

    /// The stage with its pools as the balancers run them.
    func asRun(by views: [BalancerView]) -> StageSite {
        var site = self
        guard !tiers.isEmpty else {
            site.pool = pool.asRun(by: views)
            return site
        }
        for index in tiers.indices where tiers[index].isBalanced {
            site.tiers[index].pool = tiers[index].pool.asRun(by: views.of(tier: tiers[index].name))
        }
        site.pool = site.tiers.together(file.pool)
        return site
    }

    /// Whether the pools are the same as those of `other`.
    func hasPools(of other: StageSite) -> Bool { pool == other.pool && tiers.map(\.pool) == other.tiers.map(\.pool) }

    /// How each tier is changed by a rollout; `nil` where the file has one pool.
    /// - Parameter policy: The stage's, with what was asked for besides, which goes before what tiers say.
    func plans(under policy: RolloutPolicy) -> [TierPlan]? {
        if tiers.isEmpty { return nil }
        return tiers.map { tier in
            var own = tier.policy
            if policy.canary != stage.rollout.canary { own.canary = policy.canary }
            if policy.batches != stage.rollout.batches { own.batches = policy.batches }
            if policy.minimumInService != stage.rollout.minimumInService {
                own.minimumInService = policy.minimumInService
            }
            (own.budget, own.confirm) = (policy.budget, policy.confirm)
            return TierPlan(tier, own)
        }
    }

    /// Where a host listens for requests; `nil` where nobody says that it does.
    func port(of host: HostName) -> Int? {
        guard !tiers.isEmpty else { return file.pool.port }
        let ports = tiers(of: host).flatMap { tier in tier.pool.members.filter { $0.host == host }.map(\.port) }
        return ports.first { $0 > 0 }
    }
}
