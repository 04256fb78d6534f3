import Fleet

extension FleetPlanner {
    /// What a stage of several tiers lacks: what each of them does, as one plan.
    static func plan(
        _ tiers: [TierSite], build: ReleaseID?, sight: FleetObservation, terms: FleetTerms
    ) -> FleetPlan {
        let plans = tiers.map { tier in
            var own = terms
            (own.policy, own.tiers) = (tier.policy, [])
            return (tier, plan(onePool: tier.pool, build: build, sight: sight.of(tier), terms: own))
        }
        var merge = TierPlanMerge(terms)
        for (tier, plan) in plans { merge.take(plan, of: tier) }
        return merge.plan
    }
}

/// Makes one plan of those of the tiers: hosts leave first, then pools are established and hosts join, those of all tiers
/// together.
private struct TierPlanMerge {
    private let terms: FleetTerms
    private var departures: [FleetChange] = []
    private var joining: [FleetChange] = []
    private var late: [FleetChange] = []
    private var whole = FleetPlan()

    init(_ terms: FleetTerms) { self.terms = terms }

    mutating func take(_ plan: FleetPlan, of tier: TierSite) {
        departures += plan.departures
        for change in plan.rest {
            switch change {
            case .remove, .retire: late.append(change)
            case .start(let host, let units):
                let own = units.filter(tier.units.contains)
                if !own.isEmpty { joining.append(.start(host, units: own)) }
            case .establish, .rename, .deploy, .admit: joining.append(change)
            }
        }
        whole.unreachable += plan.unreachable.filter { new in !whole.unreachable.contains { $0.host == new.host } }
        whole.silentBalancers.merge(plan.silentBalancers) { first, _ in first }
        whole.shortage = whole.shortage ?? plan.shortage
        whole.floors[tier.name] = plan.floor
        if whole.fileChanges.isEmpty {
            whole.fileChanges = plan.fileChanges
        } else if !plan.fileChanges.isEmpty {
            whole.fileChangesOfTiers.append(plan.fileChanges)
        }
    }

    var plan: FleetPlan {
        var plan = whole
        let removedLate = late.compactMap(\.removed)
        // Units are stopped once the host has left every pool.
        let retired = (departures + late).filter(\.isRetirement)
        plan.departures =
            Self.once(departures.filter { !$0.isRetirement })
            + Self.once(retired.filter { !removedLate.contains($0.host) })
        plan.rest =
            Self.once(joining.filter { !$0.isRollout }) + Self.oncePerHost(joining.filter(\.isRollout))
            + Self.once(late.filter { !$0.isRetirement })
            + Self.once(retired.filter { removedLate.contains($0.host) })
        return plan
    }

    private static func once(_ changes: [FleetChange]) -> [FleetChange] {
        changes.reduce(into: []) { all, change in if !all.contains(change) { all.append(change) } }
    }

    /// A host of several tiers gets the build once.
    private static func oncePerHost(_ changes: [FleetChange]) -> [FleetChange] {
        changes.reduce(into: []) { all, change in
            if !all.contains(where: { $0.host == change.host }) { all.append(change) }
        }
    }
}

extension FleetChange {
    fileprivate var isRetirement: Bool { if case .retire = self { true } else { false } }
    fileprivate var removed: HostName?? { if case .remove(let host) = self { host } else { nil } }
}
