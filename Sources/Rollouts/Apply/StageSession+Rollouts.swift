public import Fleet
import Synchronization

extension StageSession {
    /// How a rollback ended.
    public enum Rollback: Sendable {
        /// Every host ran the build already.
        case nothing(BuildDigest)
        /// The rollout that went back, and where it stands.
        case ended(RolloutState)
    }

    /// Brings a build to the stage, under its lease.
    ///
    /// - Parameters:
    ///   - policy: How carefully.
    ///   - skippedEvidence: Why evidence from the stage before was not asked for.
    ///   - approval: Why somebody approves it, where the stage requires that.
    /// - Returns: Where the rollout stands; an `outcome` unless it was stopped.
    /// - Throws: ``InputError`` for a build that is damaged in the store; ``StageError`` `.unfinished`, `.missingBuild`;
    ///   ``JournalError``;
    ///   ``TrafficError`` for a silent balancer; ``RolloutError`` `.fenced`.
    public func rollOut(
        _ build: BuildDigest, _ kind: RolloutPlan.Kind, policy: RolloutPolicy, skippedEvidence: String? = nil,
        approval: String? = nil
    ) async throws -> RolloutState {
        try await drivers.builds.check(build)
        try await noteContents(of: build)
        try await expectSigned(build)
        // What is wrong with settings is told before anybody is asked for anything.
        _ = try drivers.settings.read(site.file, name)
        return try await changing(kind.rawValue) { lease in
            try await refuseUnfinished()
            let build = try await withSettings(build)
            let baseline = try await currentBuild()
            var plan = RolloutPlan(
                stage: name, kind: kind, build: build, baseline: baseline?.release, baselineBuild: baseline,
                hosts: site.pool.members.map(\.host), policy: policy, skippedEvidence: skippedEvidence)
            plan.hooks = site.stage.hooks
            plan.approval = approval
            return try await rehearse(try await begin(plan, under: lease), under: lease)
        }
    }

    /// Finishes the rollout that was interrupted, under the stage's lease.
    ///
    /// - Throws: ``StageError`` `.nothingToResume`; as ``rollOut(_:_:policy:skippedEvidence:)``.
    public func resume() async throws -> RolloutState {
        try await changing("resume") { lease in
            guard let found = try await ledger.unfinished(name) else { throw StageError.nothingToResume(name) }
            try refuseDoubtfulHook(found.state)
            if found.state.outcome == nil, !found.state.isTurned {
                try await expectSigned(found.state.plan.build)
                try await supply(found.state.plan.build)
            }
            let end = try await drive(try await ledger.resume(found, under: lease), under: lease)
            return try await rehearse(end, under: lease)
        }
    }

    /// Brings the stage back, under its lease: the rollout that was interrupted, else to the last good build, or the one
    /// that was named.
    ///
    /// - Parameter minimum: How many hosts must stay in service; `nil` leaves it to the stage's own policy.
    /// - Throws: ``StageError`` when there is nothing to go back to, or a build is named while a rollout is unfinished;
    ///   as ``rollOut(_:_:policy:skippedEvidence:)``.
    public func goBack(to named: BuildDigest? = nil, minimum: Int? = nil) async throws -> Rollback {
        if let named { try await expectSigned(named) }
        return try await changing("rollback") { lease in
            if let found = try await ledger.unfinished(name) {
                guard named == nil else { throw StageError.unfinished(found) }
                try refuseIrreversible(found.state.plan, after: found.state)
                let resumed = try await ledger.resume(
                    found, under: lease, turningBack: .asked(by: controller.name))
                return .ended(try await drive(resumed, under: lease))
            }
            switch try await decideRollback(to: named) {
            case .nothing(let build): return .nothing(build)
            case .go(let build, let distrusted, let reason):
                tell(.goingBack(try await label(of: build), reason: reason))
                let plan = try await rollbackPlan(to: build, distrusted, minimum)
                return .ended(try await begin(plan, under: lease))
            }
        }
    }

    /// How the stage goes straight to a build; what a hook did for the build that runs is taken back, where that can be.
    /// - Throws: ``StageError`` `.irreversible` where it cannot.
    func rollbackPlan(to build: BuildDigest, _ distrusted: ReleaseID?, _ minimum: Int?) async throws -> RolloutPlan {
        var policy = site.stage.rollout
        if let minimum { policy.allow(minimum: minimum) }
        var plan = RolloutPlan(
            stage: name, kind: .rollback, build: build, hosts: site.pool.members.map(\.host), policy: policy,
            distrusted: distrusted)
        plan.hooks = try await undoing(for: build)
        return plan
    }

    private func undoing(for build: BuildDigest) async throws -> RolloutHooks? {
        guard let end = try await ledger.history(of: name).end, end.plan.build.file != build.file else { return nil }
        // One that went back has taken it back, or says that it could not.
        if end.plan.kind.isDirect { return end.isDone(.undo) ? nil : end.plan.hooks }
        guard end.outcome == .succeeded, end.hooks[.once] != nil else { return nil }
        try refuseIrreversible(end.plan, after: end)
        var hooks = RolloutHooks(once: end.plan.hooks?.once)
        hooks.undoRelease = end.plan.build.release
        return hooks
    }

    func decideRollback(to named: BuildDigest?) async throws -> RollbackDecision {
        let seen = await FleetObservation.take(
            of: site.pool, releases: releases(site, token: 0), traffic: try await traffic())
        var named = named
        if let build = named { named = try await withGoodSettings(build) }
        return try RollbackPlanner.decide(name, try await ledger.history(of: name), named: named, sight: seen)
    }

    /// A journal that was lost knows nothing of what hosts ran before: that nothing was changed is no answer then.
    /// - Throws: ``StageError`` `.unknownHistory` when `state` is that of a rollback that ended so; ``JournalError``.
    public func refuseUnknownHistory(after state: RolloutState) async throws {
        guard state.outcome == .failed, try await currentBuild() == nil else { return }
        let running = state.hosts.compactMap { host, progress in progress.current.map { (host, $0) } }
        if !running.isEmpty { throw StageError.unknownBefore(name, running) }
    }

    // MARK: driving

    /// Nothing is begun that could not be journaled, could not move traffic, or whose build is nowhere to be had.
    func begin(_ plan: RolloutPlan, under lease: Lease) async throws -> RolloutState {
        var plan = plan
        plan.buildName = try await buildName(of: plan.build)
        plan.tiers = site.plans(under: plan.policy)
        try await journal.expectRoom()
        try await supply(plan.build)
        let (site, traffic) = try await rolloutTraffic(under: lease, isTold: false)
        let seen = await FleetObservation.take(of: site.pool, releases: releases(site, token: 0), traffic: traffic)
        return try await drive(try await ledger.begin(try leavingOut(plan, seen), under: lease), under: lease)
    }

    /// The plan without hosts that somebody stopped, which stay so, and with those that are to stay out of rotation.
    func leavingOut(_ plan: RolloutPlan, _ seen: FleetObservation) throws(StageError) -> RolloutPlan {
        var plan = plan
        let stopped = seen.stopped
        guard stopped.count < plan.hosts.count else { throw .allStopped(name) }
        if !stopped.isEmpty {
            plan.members = plan.hosts.count
            plan.hosts.removeAll { stopped[$0] != nil }
        }
        let keptOut = seen.balancers.keptOut.filter { plan.hosts.contains($0.key) }
        if !keptOut.isEmpty { plan.keptOut = plan.hosts.filter { keptOut[$0] != nil } }
        if !stopped.isEmpty || !keptOut.isEmpty { tell(.stayingOut(stopped: stopped, keptOut: keptOut)) }
        return plan
    }

    /// Goes on with a rollout in the journal until it is over or stopped, and records what it means for the stage.
    func drive(_ rollout: RecordedRollout, under lease: Lease) async throws -> RolloutState {
        var state = rollout.state
        if state.outcome == nil {
            try await journal.expectRoom()
            try await note(rollout, under: lease)
            let (site, traffic) = try await rolloutTraffic(under: lease)
            for (balancer, reason) in site.leftOut.sorted(by: { $0.key < $1.key }) {
                let event = RolloutEvent.balancerLeftOut(balancer, reason: reason)
                state.apply(try await ledger.record(event, in: rollout.run.id, under: lease))
            }
            state = try await run(rollout.run, from: state, on: site, traffic, lease)
            await tellStanding(state, traffic)
        }
        try await ledger.conclude(rollout.run.id, state)
        if state.outcome != nil {
            await noteRecord(under: lease)
            await noteUse()
        }
        return state
    }

    private func run(
        _ run: RunRecord, from start: RolloutState, on site: StageSite, _ traffic: any TrafficControl, _ lease: Lease
    ) async throws -> RolloutState {
        let (reached, news) = (StateReached(start), Doorbell())
        inbox.open(for: RolloutRequest.Subject(run))
        let ledger = ledger
        let releases = releases(site, token: lease.token)
        let gates = StageGates(site: site, build: start.plan.build, releases: releases, web: drivers.web)
        let watch = { @Sendable [clock = drivers.clock] (hosts: [HostName]) in
            GateKeeper(gates: gates.gates, bake: start.policy(of: hosts.first).bake, clock: clock)
        }
        let runner = RolloutRunner(
            releases: releases, traffic: traffic,
            judge: { watched, itself in await watch(watched.hosts).judge(watched, itself) }, judging: gates.longest,
            record: { event in
                let entry = try await ledger.record(event, in: run.id, under: lease)
                reached.apply(entry)
                if event.isOfNote { news.ring() }
                return entry
            }, stop: stop, clock: drivers.clock, control: control(releases))
        do {
            return try await noting(run, reached, news, lease) { try await runner.run(from: start) }
        } catch {
            await giveUp(run.id, reached.state, because: error)
            throw error
        }
    }

    /// Tells how hosts are left by a rollout that ends in the middle.
    private func giveUp(_ run: RunID, _ state: RolloutState, because error: any Error) async {
        let isTakenOver = Self.isTakenOver(error)
        if isTakenOver, state.hostsInHand.isEmpty {
            // Nothing is left to be resumed; if that cannot be noted, the run stays open.
            try? await journal.finish(run, .failed, at: controller.now())
            return
        }
        tell(.givenUp(state, isTakenOver: isTakenOver))
    }

    /// Whether another controller has the stage now.
    private static func isTakenOver(_ error: any Error) -> Bool {
        switch error {
        case let error as JournalError: error.code == .leaseHeld || error.code == .leaseLost
        case let error as TrafficError: error.code == .fenced
        case let error as RolloutError: error.code == .fenced
        default: false
        }
    }
}
