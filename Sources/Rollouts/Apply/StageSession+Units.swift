public import Fleet
public import Inventories

extension StageSession {
    /// Restarts, stops or starts the service's units on members of the stage, under its lease.
    ///
    /// - Parameters:
    ///   - hosts: Members, in the inventory's order.
    ///   - allowsBelow: Whether stopping may leave fewer members in service than the stage's minimum.
    ///   - minimum: How many hosts must stay in service; `nil` leaves it to the stage's own policy.
    /// - Returns: What was done; a host that did not become healthy stays out of rotation, and stops the rest of a restart.
    /// - Throws: ``StageError`` before anything is touched: while a rollout is unfinished, for hosts that do not answer or have
    ///   nothing to run, and where the minimum forbids it; ``TrafficError`` for a silent balancer; ``JournalError``;
    ///   ``RolloutError`` `.fenced`.
    public func handle(
        _ action: UnitAction, on hosts: [HostName], allowsBelow: Bool = false, minimum: Int? = nil
    ) async throws -> UnitReport {
        try await changing(action.rawValue) { lease in
            try await refuseUnfinished()
            try await supersedeUnfinished()
            let (site, traffic) = try await rolloutTraffic(under: lease)
            let releases = releases(site, token: lease.token)
            var policy = site.stage.rollout
            if let minimum { policy.allow(minimum: minimum) }
            let seen = await FleetObservation.take(
                of: site.pool, releases: releases, traffic: traffic, isMeasured: policy.capacity != nil)
            let planner = UnitPlanner(
                stage: name, pool: site.pool, policy: policy, allowsBelow: allowsBelow,
                build: try await currentBuild()?.release)
            let plan = try planner.plan(action, hosts, sight: seen, tiers: site.tiers, minimum: minimum)
            if !plan.stopped.isEmpty || !plan.keptOut.isEmpty {
                let keptOut = seen.balancers.keptOut.filter { plan.keptOut.contains($0.key) }
                tell(.stayingOut(stopped: plan.stopped, keptOut: keptOut))
            }
            try await journal.expectRoom()
            return try await perform(plan, policy, releases, traffic, lease)
        }
    }

    private func perform(
        _ plan: UnitPlan, _ policy: RolloutPolicy, _ releases: any ReleaseControl & UnitControl,
        _ traffic: any TrafficControl, _ lease: Lease
    ) async throws -> UnitReport {
        let build = try await currentBuild()
        let new = NewRun(plan.action.runKind, stage: name, build: build, holder: controller.name)
        let run = try await journal.begin(new, under: lease, at: controller.now()).id
        let record = { @Sendable [ledger] event in try await ledger.record(event, in: run, under: lease) }
        do {
            for (balancer, reason) in site.leftOut.sorted(by: { $0.key < $1.key }) {
                _ = try await record(.balancerLeftOut(balancer, reason: reason))
            }
            let runner = UnitRunner(
                releases: releases, traffic: traffic, policy: policy,
                note: { [controller] in UnitStop(by: controller.name, since: controller.now()) }, record: record,
                stop: stop)
            let report = try await runner.run(plan, run)
            _ = try await record(.finished(report.isComplete ? .succeeded : .failed))
            await tellStanding(of: report.failed.map(\.host), traffic)
            try await journal.finish(run, report.isComplete ? .succeeded : .failed, at: controller.now())
            await noteRecord(under: lease)
            return report
        } catch {
            // The first error is the one to tell; whoever changes the stage next closes the run.
            try? await journal.finish(run, .failed, at: controller.now())
            throw error
        }
    }

    private func tellStanding(of hosts: [HostName], _ traffic: any TrafficControl) async {
        guard !hosts.isEmpty else { return }
        let views = await traffic.observe()
        tell(.standing(hosts.map { HostStanding($0, views) }))
    }
}

extension StageSite {
    /// The members that `pattern` names, in the inventory's order; all without one.
    /// - Throws: ``InputError`` with the nearest names when it names nothing, and when it names no member.
    public func members(matching pattern: String?, of inventory: Inventory) throws(InputError) -> [HostName] {
        let members = pool.members.map(\.host)
        guard let pattern else { return members }
        // A tier need not be a group of the inventory.
        if let tier = tiers.first(where: { $0.name == pattern }) { return tier.hosts }
        let named = Set(try inventory.hosts(matching: pattern))
        let chosen = members.filter(named.contains)
        guard chosen.isEmpty else { return chosen }
        let names = members.prefix(10).map(\.description).joined(separator: ", ")
        throw InputError(
            "'\(pattern)' names no member of stage \(stage.name), whose units could be worked on",
            hints: ["members: \(names)\(members.count > 10 ? " and \(members.count - 10) more" : "")"])
    }
}
