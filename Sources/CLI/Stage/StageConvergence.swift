import Fleet
import Rollouts

/// What `drover plan STAGE` and `drover apply STAGE` do beside the playbooks: hosts that left the inventory leave the
/// pool first, and at the end every member runs the stage's build and gets traffic once it is healthy.
struct StageConvergence: Sendable {
    /// A change as programs read it.
    private struct Line: Encodable {
        let event = "fleet"
        let host: HostName?
        let change: String
        let planned: Bool
    }

    let session: StageSession
    let format: OutputFormat

    private var stage: String { session.site.stage.name }

    // MARK: planning

    /// Shows what hosts and balancers lack. Changes nothing, takes no lease.
    /// - Returns: Whether anything has to be done.
    func showPlan() async throws -> Bool {
        let build = try await currentBuild()
        let plan = await convergence(try await session.site.traffic(), token: 0).plan(build: build)
        warn(plan)
        for change in plan.changes { tell(change, isPlanned: true) }
        if build == nil { session.terminal.say(noBuild) }
        return !plan.changes.isEmpty || !plan.silentBalancers.isEmpty
    }

    // MARK: applying

    /// Does everything under the stage's lease: hosts leave, `playbooks` run, the pool and the build follow.
    ///
    /// - Parameter playbooks: Runs them; what it returns is given back.
    /// - Throws: ``UnfinishedRollout`` when a rollout has to be ended first.
    func apply<Outcome: Sendable>(
        playbooks: @escaping @Sendable (StopSignal) async throws -> (outcome: Outcome, goesOn: Bool)
    ) async throws -> (outcome: Outcome, isComplete: Bool) {
        try await session.changing { lease in
            try await session.refuseUnfinished()
            try await supersedeUnfinished()
            try await retire(under: lease)
            let (outcome, goesOn) = try await playbooks(session.stop)
            guard goesOn, !session.stop.wasRaised else { return (outcome, false) }
            return (outcome, try await follow(under: lease))
        }
    }

    /// Hosts that left the inventory must cost no request: they leave before anything else is done.
    private func retire(under lease: Lease) async throws {
        let traffic = try await session.site.traffic()
        let sight = FleetSight(hosts: [:], balancers: await traffic.observe())
        let plan = FleetPlanner.plan(session.site.pool, build: nil, sight: sight).retirement
        guard !plan.changes.isEmpty else { return }
        _ = try await make(plan, nil, convergence(traffic, token: lease.token), lease)
    }

    private func follow(under lease: Lease) async throws -> Bool {
        let traffic = try await session.site.traffic()
        let convergence = convergence(traffic, token: lease.token)
        let build = try await currentBuild()
        let plan = await convergence.plan(build: build)
        warn(plan)
        if build == nil { session.terminal.say(noBuild) }
        guard !plan.changes.isEmpty || !plan.silentBalancers.isEmpty else { return plan.unreachable.isEmpty }
        return try await make(plan, build, convergence, lease) && plan.unreachable.isEmpty
    }

    private func make(
        _ plan: FleetPlan, _ build: BuildDigest?, _ convergence: FleetConvergence, _ lease: Lease
    ) async throws -> Bool {
        let ledger = session.ledger
        let run = try await session.journal.begin(
            NewRun(.apply, stage: stage, build: build?.description, holder: Controller.name), under: lease,
            at: Controller.now())
        do {
            let report = try await convergence.apply(
                plan, build: build,
                record: { event in try await ledger.record(event, in: run.id, under: lease) }, stop: session.stop,
                listener: { change in tell(change, isPlanned: false) })
            for fault in report.faults { session.terminal.show(fault) }
            try await session.journal.finish(
                run.id, report.isComplete ? .succeeded : .failed, at: Controller.now())
            return report.isComplete
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

    private func convergence(_ traffic: any TrafficControl, token: Int64) -> FleetConvergence {
        FleetConvergence(
            stage: stage, releases: session.site.releases(token: token, builds: session.builds), traffic: traffic,
            policy: session.site.stage.rollout)
    }

    private func currentBuild() async throws -> BuildDigest? {
        try await session.journal.stage(stage)?.current.map { try BuildDigest($0) }
    }

    private var noBuild: String { "no build yet on \(stage): drover rollout \(stage) BUILD" }

    private func warn(_ plan: FleetPlan) {
        for fault in plan.unreachable { session.terminal.warn("\(fault.host): left alone: \(fault.message)") }
        for (balancer, reason) in plan.silentBalancers.sorted(by: { $0.key < $1.key }) {
            session.terminal.warn("balancer \(balancer): \(reason)")
        }
    }

    private func tell(_ change: FleetChange, isPlanned: Bool) {
        switch format {
        case .table:
            let host = change.host?.description ?? "pool \(session.site.pool.name)"
            isPlanned
                ? session.terminal.write("\(host): \(change)") : session.terminal.say("\(host): \(change)")
        case .json:
            let answer = Line(host: change.host, change: change.description, planned: isPlanned)
            // Plain values always encode.
            if let line = try? EncodedJSON.line(answer) { session.terminal.write(json: line) }
        }
    }
}
