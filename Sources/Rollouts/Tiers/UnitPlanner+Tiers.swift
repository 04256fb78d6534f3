import Fleet

extension UnitPlanner {
    /// The same over tiers, one after the other in their order; a host of several tiers is taken with the first of them, and
    /// counts in all.
    /// - Parameters:
    ///   - tiers: None where the service has one pool.
    ///   - minimum: How many hosts of each tier must stay in service, where somebody said so.
    func plan(
        _ action: UnitAction, _ hosts: [HostName], sight: FleetObservation, tiers: [TierSite], minimum: Int?
    ) throws(StageError) -> UnitPlan {
        guard !tiers.isEmpty else { return try plan(action, hosts, sight: sight) }
        var plans: [UnitPlan] = []
        var floors: [String: Int] = [:]
        var policies: [HostName: RolloutPolicy] = [:]
        var begun: Set<HostName> = []
        var onlyStopped: StageError?
        for tier in tiers {
            let own = hosts.filter(tier.has)
            var policy = tier.policy
            policy.minimumInService = minimum ?? policy.minimumInService
            floors[tier.name] = policy.floor(of: tier.hosts.count)
            if own.isEmpty { continue }
            let planner = UnitPlanner(
                stage: stage, pool: tier.pool, policy: policy, allowsBelow: allowsBelow, build: build)
            do throws(StageError) {
                var plan = try planner.plan(action, own, sight: sight.of(tier))
                plan.batches = plan.batches.map { $0.filter { !begun.contains($0) } }.filter { !$0.isEmpty }
                plans.append(plan)
            } catch {
                // A tier that was stopped is left alone; the others are not.
                guard error.code == .stopped else { throw error }
                onlyStopped = onlyStopped ?? error
            }
            for host in own where !begun.contains(host) { policies[host] = policy }
            begun.formUnion(own)
        }
        guard var whole = plans.first else {
            throw onlyStopped ?? StageError.allStopped(stage)
        }
        for plan in plans.dropFirst() {
            whole.batches += plan.batches
            whole.releases.merge(plan.releases) { first, _ in first }
            whole.keptOut.formUnion(plan.keptOut)
            whole.stopped.merge(plan.stopped) { first, _ in first }
        }
        (whole.floors, whole.policies) = (floors, policies)
        return whole
    }
}

extension FleetObservation {
    /// What was seen of one tier.
    func of(_ tier: TierSite) -> Self {
        FleetObservation(
            hosts: hosts.filter { tier.has($0.key) }, balancers: balancers.of(tier: tier.name))
    }
}
