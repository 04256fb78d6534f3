public import Fleet

/// Decides what a stage lacks. Reads no clock, does no I/O.
public enum FleetPlanner {
    /// - Parameters:
    ///   - build: What the stage should run; `nil` before its first rollout, when no host can be admitted.
    ///   - sight: What hosts and balancers answered.
    ///   - terms: What is known of hosts that leave, and what must hold meanwhile.
    public static func plan(
        _ pool: Pool, build: ReleaseID?, sight: FleetObservation, terms: FleetTerms = FleetTerms()
    ) -> FleetPlan {
        if !terms.tiers.isEmpty { return plan(terms.tiers, build: build, sight: sight, terms: terms) }
        return plan(onePool: pool, build: build, sight: sight, terms: terms)
    }

    static func plan(
        onePool pool: Pool, build: ReleaseID?, sight: FleetObservation, terms: FleetTerms
    ) -> FleetPlan {
        var draft = FleetDraft(pool, build, sight, terms)
        draft.leave()
        draft.establish()
        draft.join()
        return draft.finished()
    }
}

/// One decision of ``FleetPlanner``.
private struct FleetDraft {
    let pool: Pool
    let build: ReleaseID?
    let sight: FleetObservation
    let terms: FleetTerms
    let seen: PoolObservation
    let joining: Set<HostName>
    /// The names that machines of the pool have no more, by the ones they have now.
    let renamed: [HostName: HostName]
    var plan = FleetPlan()
    /// Hosts that must not leave before others have joined.
    var late: [FleetChange] = []

    init(_ pool: Pool, _ build: ReleaseID?, _ sight: FleetObservation, _ terms: FleetTerms) {
        (self.pool, self.build, self.sight, self.terms) = (pool, build, sight, terms)
        let seen = PoolObservation(sight.balancers)
        let changes = pool.changes(from: sight.balancers)
        let joining = Set(changes.joining.map(\.host))
        var renamed: [HostName: HostName] = [:]
        for old in changes.leaving where seen.isInRotation(old) {
            guard let member = pool.members.first(where: { seen.machines(of: old).contains(Machine($0)) }),
                joining.contains(member.host), renamed[member.host] == nil, !seen.isElsewhere(member)
            else { continue }
            renamed[member.host] = old
        }
        (self.seen, self.joining, self.renamed) = (seen, joining, renamed)
        plan.keptOut = sight.balancers.keptOut.filter { host, _ in pool.members.contains { $0.host == host } }
        for view in sight.balancers {
            plan.silentBalancers[view.balancer] = view.silence
            plan.fileChanges[view.balancer] = view.fileChange
        }
    }

    // MARK: leaving

    /// A host that is gone must not cost a request: it leaves first, unless others have to join before.
    mutating func leave() {
        let leaving = pool.changes(from: sight.balancers).leaving.filter { !renamed.values.contains($0) }
        let inService = seen.inService()
        let lost = inService.subtracting(pool.members.map(Machine.init))
        plan.floor = terms.policy.floorForLeaving(of: seen.machines.count)
        let isShort = !lost.isEmpty && (inService.count - lost.count < plan.floor || strain(lost.count) != nil)
        if !leaving.isEmpty || !joining.isEmpty {
            plan.balance = FleetBalance(
                inService: inService.count, leaving: seen.names(of: lost),
                joining: pool.members.count { couldJoin($0) },
                floor: plan.floor, load: sight.load, capacity: terms.policy.capacity)
        }
        for host in leaving {
            let isLate = isShort && !seen.machines(of: host).isDisjoint(with: lost) || isPlaceholder(host)
            let address = seen.machines(of: host).map(\.address).min()
            let changes: [FleetChange] = [.remove(host)] + retirement(of: host, at: address)
            if isLate { late += changes } else { plan.departures += changes }
        }
        retireRemembered(except: Set(leaving))
        guard isShort, !terms.allowsBelow else {
            if terms.allowsBelow { plan.floor = 0 }
            return
        }
        let joiners = pool.members.count { couldJoin($0) }
        let strain = strain(lost.count, joining: joiners)
        let isTooFew = inService.count - lost.count + joiners < plan.floor
        guard isTooFew || strain != nil else { return }
        plan.shortage = FleetShortage(
            pool: pool.name, inService: inService.count, leaving: seen.names(of: lost), joining: joiners,
            floor: plan.floor, strain: isTooFew ? nil : strain)
    }

    /// Why those that stay could not carry what there is to do; `nil` where they can.
    private func strain(_ leaving: Int, joining: Int = 0) -> CapacityStrain? {
        CapacityStrain(sight.load, leaving: leaving, joining: joining, limit: terms.policy.capacity)
    }

    /// Whether a host that leaves serves on a machine that some member is to serve on, and does not yet.
    private func isPlaceholder(_ host: HostName) -> Bool {
        guard seen.isInRotation(host) else { return false }
        return pool.members.contains { member in
            seen.machines(of: host).contains(Machine(member))
                && !seen.inService(without: host).contains(Machine(member))
        }
    }

    private func retirement(of host: HostName, at address: String?) -> [FleetChange] {
        guard let address = address ?? terms.remembered[host], terms.retires(host, at: address) else { return [] }
        return [.retire(host, address: address, units: terms.units)]
    }

    /// Members that left the balancers at another time, and did not answer then.
    private mutating func retireRemembered(except leaving: Set<HostName>) {
        let members = Set(pool.members.map(\.host))
        for (host, address) in terms.remembered.sorted(by: { $0.key < $1.key })
        where !members.contains(host) && !leaving.contains(host) {
            plan.departures += retirement(of: host, at: address)
        }
    }

    /// Whether a member that does not serve now may be expected to.
    private func couldJoin(_ member: PoolMember) -> Bool {
        build != nil && plan.keptOut[member.host] == nil && !seen.inService().contains(Machine(member))
            && sight.hosts[member.host]?.survey != nil
    }

    // MARK: joining

    mutating func establish() {
        let balancers = pool.differences(from: sight.balancers).filter { $0.kind == .settings }.map(\.balancer)
        if !balancers.isEmpty { plan.rest.append(.establish(balancers: balancers)) }
    }

    mutating func join() {
        for member in pool.members {
            if let old = renamed[member.host] { plan.rest.append(.rename(from: old, to: member.host)) }
        }
        for member in pool.members {
            switch sight.hosts[member.host] {
            case .answered(let survey): plan.rest += changes(of: member.host, survey)
            case .silent(let fault): plan.unreachable.append(fault)
            case nil: break
            }
        }
        // What needs a runner of its own comes together.
        plan.rest = plan.rest.filter { !$0.isRollout } + plan.rest.filter(\.isRollout)
    }

    private func changes(of host: HostName, _ survey: HostSurvey) -> [FleetChange] {
        guard let build else { return [] }
        if survey.release != build { return [.deploy(host, build, running: survey.release)] }
        if plan.keptOut[host] != nil { return [] }
        let stopped = terms.units.filter { ["inactive", "failed"].contains(survey.units[$0] ?? "") }
        let isOut = joining.contains(host) && renamed[host] == nil
        return (stopped.isEmpty ? [] : [.start(host, units: stopped)]) + (isOut ? [.admit(host)] : [])
    }

    func finished() -> FleetPlan {
        var plan = plan
        plan.rest += late
        return plan
    }
}

extension FleetChange {
    /// Whether it brings the build or traffic to a member.
    var isRollout: Bool {
        switch self {
        case .deploy, .admit: true
        case .remove, .retire, .establish, .rename, .start: false
        }
    }
}
