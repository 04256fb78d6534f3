public import Fleet

/// What a stage lacks beside what its playbooks say, before anything is done about it.
public struct StagePlan: Sendable {
    /// The changes, who did not answer, and whether they would be made.
    public var fleet: FleetPlan
    /// The build that members should run; `nil` before the stage's first rollout.
    public var build: BuildDigest?
    /// Balancers that earlier changes were made without: they are made what the others are before anything else.
    public var leftOut: [LeftOutBalancer]

    /// How hosts' settings would change; `nil` where they would not.
    public var settings: SettingsChange?

    /// Whether anything has to be done.
    public var hasChanges: Bool { !fleet.changes.isEmpty || settings != nil || !fleet.silentBalancers.isEmpty }
}

/// What an operator allows for hosts that leave a stage.
public struct Departures: Hashable, Sendable {
    /// Whether more hosts may leave than the stage's minimum allows.
    public var allowsBelow: Bool
    /// Hosts that are gone for good: nobody tries to stop their units any more.
    public var forgotten: [HostName]

    /// Nothing is allowed unless said otherwise.
    public init(allowsBelow: Bool = false, forgotten: [HostName] = []) {
        self.allowsBelow = allowsBelow
        self.forgotten = forgotten
    }
}

/// The order of an apply: hosts that left the inventory leave the pool and stop working, the playbooks run, and at the end
/// every member runs the stage's build and gets traffic once it is healthy.
public struct StageConvergence: Sendable {
    /// How a part of it ended.
    private struct End {
        var isComplete = true
        /// Hosts whose units were to be stopped.
        var retired: Set<HostName> = []
    }

    private let session: StageSession
    private let departures: Departures
    private let log = ApplyLog()

    /// The convergence of the session's stage.
    public init(_ session: StageSession, _ departures: Departures = Departures()) {
        self.session = session
        self.departures = departures
    }

    private var journal: any RunJournal { session.journal }

    // MARK: planning

    /// What hosts and balancers lack. Changes nothing, takes no lease.
    /// - Throws: ``InputError`` for a host to be forgotten that the inventory names; ``JournalError``.
    public func plan() async throws -> StagePlan {
        let build = try await session.currentBuild()
        let former = try await FormerMembers(session, departures)
        let traffic = try await session.traffic()
        var settings: SettingsChange?
        if let build { settings = try await session.settingsChange(of: build) }
        return StagePlan(
            fleet: await fleet(traffic, token: 0, former).rehearse(build: build), build: build,
            leftOut: try await journal.leftOut(stage: session.name),
            settings: settings)
    }

    // MARK: applying

    /// Does everything under the stage's lease: hosts leave, `playbooks` run, the pool and the build follow.
    ///
    /// - Parameter playbooks: Runs them, and says whether pool and build may follow and what was done; its outcome is given
    ///   back.
    /// - Throws: ``StageError`` `.unfinished` when a rollout has to be ended first; ``FleetShortage`` before anything is
    ///   touched when too many hosts would leave; ``TrafficError``; ``JournalError``; ``RolloutError`` `.fenced`; what
    ///   `playbooks` throws.
    public func apply<Outcome: Sendable>(
        playbooks: @escaping @Sendable (StopSignal) async throws -> (outcome: Outcome, goesOn: Bool, did: Provisioning)
    ) async throws -> (outcome: Outcome, isComplete: Bool, settings: RolloutState?) {
        // Whatever is wrong with them is told before anybody is asked for anything.
        _ = try await FormerMembers(session, departures)
        _ = try session.drivers.settings.read(session.site.file, session.name)
        return try await session.changing("apply") { lease in
            do {
                let end = try await apply(playbooks, under: lease)
                if !end.isComplete { await tellRemainder() }
                return end
            } catch {
                await tellRemainder()
                throw error
            }
        }
    }

    /// The same without playbooks.
    /// - Returns: Whether every host is what it should be.
    public func converge() async throws -> Bool {
        try await session.changing("pool adopt") { lease in
            try await session.refuseUnfinished()
            try await session.supersedeUnfinished()
            var former = try await FormerMembers(session, departures)
            let left = try await retire(former, under: lease)
            try await former.rememberMembers()
            guard !session.stop.wasRaised else { return false }
            former.terms.remembered = former.terms.remembered.filter { !left.retired.contains($0.key) }
            return try await follow(former, under: lease).isWhole && left.isComplete
        }
    }

    private func apply<Outcome: Sendable>(
        _ playbooks:
            @escaping @Sendable (StopSignal) async throws -> (outcome: Outcome, goesOn: Bool, did: Provisioning),
        under lease: Lease
    ) async throws -> (outcome: Outcome, isComplete: Bool, settings: RolloutState?) {
        try await session.refuseUnfinished()
        try await session.supersedeUnfinished()
        var former = try await FormerMembers(session, departures)
        try await former.forget(departures.forgotten)
        let left = try await retire(former, under: lease)
        try await former.rememberMembers()
        log.begin([], serving: await serving(try await session.traffic()))
        let (outcome, goesOn) = try await session.provision(under: lease) {
            let (outcome, goesOn, did) = try await playbooks(session.stop)
            return ((outcome, goesOn), did)
        }
        guard goesOn, !session.stop.wasRaised else { return (outcome, false, nil) }
        // Each is asked once.
        former.terms.remembered = former.terms.remembered.filter { !left.retired.contains($0.key) }
        let followed = try await follow(former, under: lease)
        guard followed.isMade, !session.stop.wasRaised else { return (outcome, false, nil) }
        let settings = try await session.bringSettings(under: lease)
        return (outcome, followed.isWhole && left.isComplete, settings)
    }

    /// Says how far it came. Whoever does not want to wait any more is not kept; what cannot be asked is no further error.
    private func tellRemainder() async {
        let begun = log.begun
        guard begun.isBegun, !Task.isCancelled else { return }
        do {
            let former = try await FormerMembers(session, departures)
            let (build, traffic) = (try await session.currentBuild(), try await session.traffic())
            let plan = await fleet(traffic, token: 0, former).plan(build: build)
            guard plan.silentBalancers.isEmpty else { return }
            let members = traffic.pool.members.map(\.host)
            let serving = await serving(traffic)
            session.tell(.remainder(ApplyRemainder(begun.planned, begun.serving ?? [], now: plan, members, serving)))
        } catch {
            // Why nobody can be asked any more was told when the apply failed of it.
        }
    }

    /// Hosts that left the inventory must cost no request: they leave before anything else is done, unless others have to
    /// take their place first.
    private func retire(_ former: FormerMembers, under lease: Lease) async throws -> End {
        let traffic = try await session.traffic(under: lease)
        let build = try await session.currentBuild()
        let plan = await fleet(traffic, token: lease.token, former).planDepartures(build: build)
        if plan.silentBalancers.isEmpty, let shortage = plan.shortage { throw shortage }
        guard !plan.retirement.changes.isEmpty else { return End() }
        log.begin(plan.retirement.changes, serving: await serving(traffic))
        return try await make(plan.retirement, nil, traffic, former, lease)
    }

    /// - Returns: Whether every host is what it should be, and whether every one is that answers.
    private func follow(
        _ former: FormerMembers, under lease: Lease
    ) async throws -> (isWhole: Bool, isMade: Bool) {
        let traffic = try await session.traffic(under: lease)
        let build = try await session.currentBuild()
        var plan = await fleet(traffic, token: lease.token, former).plan(build: build)
        // Whoever could not join meanwhile keeps those in the pool whose place it was to take: each is looked at by itself.
        plan.shortage = nil
        for error in plan.unreachable { session.tell(.leftAlone(error)) }
        for (balancer, reason) in plan.silentBalancers.sorted(by: { $0.key < $1.key }) {
            session.tell(.silent(balancer, reason: reason))
        }
        if build == nil { session.tell(.noBuild) }
        if !plan.keptOut.isEmpty { session.tell(.stayingOut(stopped: [:], keptOut: plan.keptOut)) }
        guard !plan.changes.isEmpty || !plan.silentBalancers.isEmpty else { return (plan.unreachable.isEmpty, true) }
        log.begin(plan.changes, serving: await serving(traffic))
        let isMade = try await make(plan, build, traffic, former, lease).isComplete
        return (isMade && plan.unreachable.isEmpty, isMade)
    }

    private func make(
        _ plan: FleetPlan, _ build: BuildDigest?, _ traffic: any TrafficControl, _ former: FormerMembers, _ lease: Lease
    ) async throws -> End {
        let now = session.controller.now
        let run = try await journal.begin(
            NewRun(.apply, stage: session.name, build: build, holder: session.controller.name), under: lease, at: now())
        do {
            let report = try await make(plan, build, traffic, former, lease, in: run.id)
            for error in report.faults { session.tell(.failed(error)) }
            for error in report.remarks { session.tell(.goneOn(error)) }
            let retired = try await former.conclude(plan, report)
            try await journal.finish(run.id, report.isComplete ? .succeeded : .failed, at: now())
            await session.noteRecord(under: lease)
            await session.noteUse()
            return End(isComplete: report.isComplete, retired: retired)
        } catch {
            // The first error is the one to tell; the next apply closes the run.
            try? await journal.finish(run.id, .failed, at: now())
            throw error
        }
    }

    private func make(
        _ plan: FleetPlan, _ build: BuildDigest?, _ traffic: any TrafficControl, _ former: FormerMembers,
        _ lease: Lease,
        in run: RunID
    ) async throws -> FleetConvergence.Report {
        let ledger = session.ledger
        for (balancer, reason) in session.site.leftOut.sorted(by: { $0.key < $1.key }) {
            _ = try await ledger.record(.balancerLeftOut(balancer, reason: reason), in: run, under: lease)
        }
        var former = former
        if let build { former.terms.buildName = try await session.buildName(of: build) }
        return try await fleet(traffic, token: lease.token, former, plan).apply(
            plan, build: build, record: { event in try await ledger.record(event, in: run, under: lease) },
            stop: session.stop, listener: { [tell = session.tell] change in tell(.changing(change)) })
    }

    private func fleet(
        _ traffic: any TrafficControl, token: Int64, _ former: FormerMembers, _ plan: FleetPlan = FleetPlan()
    ) -> FleetConvergence {
        FleetConvergence(
            stage: session.name,
            releases: session.releases(session.site, token: token, former: former.routes(in: plan)),
            traffic: traffic, terms: former.terms)
    }
}
