import Fleet
import Playbooks
import Rollouts

/// What `drover plan STAGE` and `drover apply STAGE` do beside the playbooks: hosts that left the inventory leave the
/// pool and stop working, and at the end every member runs the stage's build and gets traffic once it is healthy.
struct StageConvergence: Sendable {
    /// How a part of it ended.
    private struct End {
        var isComplete = true
        /// Hosts whose units were to be stopped.
        var retired: Set<HostName> = []
    }

    let session: StageSession
    let format: OutputFormat
    let departures: DepartureOptions.Values

    init(_ session: StageSession, _ format: OutputFormat, _ departures: DepartureOptions.Values) {
        self.session = session
        self.format = format
        self.departures = departures
    }

    private var stage: String { session.site.stage.name }

    private func teller(isPlanned: Bool) -> FleetTeller {
        FleetTeller(
            terminal: session.terminal, format: format, pool: session.site.pool.name, isPlanned: isPlanned)
    }

    // MARK: planning

    /// Shows what hosts and balancers lack. Changes nothing, takes no lease.
    /// - Returns: Whether anything has to be done.
    func showPlan() async throws -> Bool {
        let build = try await currentBuild()
        let teller = teller(isPlanned: true)
        let former = try await FormerMembers(session, departures)
        let plan = await convergence(try await session.site.traffic(), token: 0, former).plan(build: build)
        teller.tellSilent(in: plan)
        for change in plan.changes { teller.tell(change) }
        teller.tell(plan.fileChanges)
        for balancer in try await session.journal.leftOut(stage: stage) {
            session.terminal.warn(
                "balancer \(balancer.balancer) was left out by \(balancer.by) at \(balancer.since): \(balancer.reason); it is "
                    + "made what the others are before anything else")
        }
        if let shortage = plan.shortage { teller.tell(shortage) }
        if build == nil { teller.tellNoBuild(on: stage, after: session.site.stage.after) }
        return !plan.changes.isEmpty || !plan.silentBalancers.isEmpty
    }

    // MARK: applying

    /// Does everything under the stage's lease: hosts leave, `playbooks` run, the pool and the build follow.
    ///
    /// - Parameter playbooks: Runs them; what it returns is given back.
    /// - Throws: ``UnfinishedRollout`` when a rollout has to be ended first; ``FleetShortage`` before anything is touched
    ///   when too many hosts would leave.
    func apply<Outcome: Sendable>(
        playbooks: @escaping @Sendable (StopSignal) async throws -> (outcome: Outcome, goesOn: Bool)
    ) async throws -> (outcome: Outcome, isComplete: Bool) {
        try await session.changing { lease in
            try await session.refuseUnfinished()
            try await supersedeUnfinished()
            var former = try await FormerMembers(session, departures)
            try await former.forget(departures.forgotten, session)
            let left = try await depart(former, under: lease)
            try await former.rememberMembers(session)
            let (outcome, goesOn) = try await playbooks(session.stop)
            guard goesOn, !session.stop.wasRaised else { return (outcome, false) }
            // Each is asked once.
            former.terms.remembered = former.terms.remembered.filter { !left.retired.contains($0.key) }
            return (outcome, try await follow(former, under: lease) && left.isComplete)
        }
    }

    /// Hosts that left the inventory must cost no request: they leave before anything else is done, unless others have to
    /// take their place first.
    private func depart(_ former: FormerMembers, under lease: Lease) async throws -> End {
        let traffic = try await session.traffic(under: lease)
        let build = try await currentBuild()
        let plan = await convergence(traffic, token: lease.token, former).planDepartures(build: build)
        if plan.silentBalancers.isEmpty, let shortage = plan.shortage { throw shortage }
        guard !plan.retirement.changes.isEmpty else { return End() }
        return try await make(plan.retirement, nil, traffic, former, lease)
    }

    private func follow(_ former: FormerMembers, under lease: Lease) async throws -> Bool {
        let traffic = try await session.traffic(under: lease)
        let build = try await currentBuild()
        var plan = await convergence(traffic, token: lease.token, former).plan(build: build)
        // Whoever could not join meanwhile keeps those in the pool whose place it was to take: each is looked at by itself.
        plan.shortage = nil
        let teller = teller(isPlanned: false)
        teller.tellSilent(in: plan)
        if build == nil { teller.tellNoBuild(on: stage, after: session.site.stage.after) }
        guard !plan.changes.isEmpty || !plan.silentBalancers.isEmpty else { return plan.unreachable.isEmpty }
        return try await make(plan, build, traffic, former, lease).isComplete && plan.unreachable.isEmpty
    }

    private func make(
        _ plan: FleetPlan, _ build: BuildDigest?, _ traffic: any TrafficControl, _ former: FormerMembers, _ lease: Lease
    ) async throws -> End {
        let (ledger, teller) = (session.ledger, teller(isPlanned: false))
        let run = try await session.journal.begin(
            NewRun(.apply, stage: stage, build: build?.description, holder: Controller.name), under: lease,
            at: Controller.now())
        do {
            for (balancer, reason) in session.site.leftOut.sorted(by: { $0.key < $1.key }) {
                _ = try await ledger.record(.balancerLeftOut(balancer, reason: reason), in: run.id, under: lease)
            }
            let report = try await convergence(traffic, token: lease.token, former, plan).apply(
                plan, build: build,
                record: { event in try await ledger.record(event, in: run.id, under: lease) }, stop: session.stop,
                listener: { change in teller.tell(change) })
            for fault in report.faults { teller.tell(fault) }
            let retired = try await former.conclude(plan, report, session, teller)
            try await session.journal.finish(
                run.id, report.isComplete ? .succeeded : .failed, at: Controller.now())
            return End(isComplete: report.isComplete, retired: retired)
        } catch {
            // The first error is the one to tell; the next apply closes the run.
            try? await session.journal.finish(run.id, .failed, at: Controller.now())
            throw error
        }
    }

    /// An apply that was killed needs no resuming: this one asks hosts and balancers anew.
    private func supersedeUnfinished() async throws {
        for run in try await session.journal.runs(stage: stage, limit: 20) where run.isOpen && run.kind == .apply {
            try await session.journal.finish(run.id, .superseded, at: Controller.now())
        }
    }

    // MARK: parts

    private func convergence(
        _ traffic: any TrafficControl, token: Int64, _ former: FormerMembers, _ plan: FleetPlan = FleetPlan()
    ) -> FleetConvergence {
        FleetConvergence(
            stage: stage,
            releases: session.site.releases(
                token: token, builds: session.builds, former: former.endpoints(in: plan)),
            traffic: traffic, terms: former.terms)
    }

    private func currentBuild() async throws -> BuildDigest? {
        try await session.journal.stage(stage)?.current.map { try BuildDigest($0) }
    }
}
