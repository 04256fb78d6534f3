public import Fleet

/// What would be done, with nothing changed and no lease taken.
extension StageSession {
    /// What ``rollOut(_:_:policy:skippedEvidence:)`` would do.
    /// - Throws: as that does, before it would change anything.
    public func foresee(
        _ build: BuildDigest, _ kind: RolloutPlan.Kind, policy: RolloutPolicy, skippedEvidence: String? = nil
    ) async throws -> RolloutForecast {
        try await drivers.builds.check(build)
        try await expectSigned(build)
        try site.stage.checkMinimum(hosts: site.pool.members.count)
        try await learn()
        try await refuseUnfinished()
        let build = try await withSettings(build)
        let baseline = try await currentBuild()
        var plan = RolloutPlan(
            stage: name, kind: kind, build: build, baseline: baseline?.release, baselineBuild: baseline,
            hosts: site.pool.members.map(\.host), policy: policy, skippedEvidence: skippedEvidence)
        plan.hooks = site.stage.hooks
        return try await forecast(plan)
    }

    /// What ``goBack(to:minimum:)`` would do; `nil` where every host runs that build.
    /// - Throws: as that does.
    public func foreseeGoingBack(to named: BuildDigest? = nil, minimum: Int? = nil) async throws -> RolloutForecast? {
        try await learn()
        if let found = try await ledger.unfinished(name) {
            guard named == nil else { throw StageError.unfinished(found) }
            try refuseIrreversible(found.state.plan, after: found.state)
            return try await forecast(turning: found.state)
        }
        switch try await decideRollback(to: named) {
        case .nothing: return nil
        case .go(let build, let distrusted, let reason):
            tell(.goingBack(try await label(of: build), reason: reason))
            return try await forecast(try await rollbackPlan(to: build, distrusted, minimum))
        }
    }

    private func forecast(_ plan: RolloutPlan) async throws -> RolloutForecast {
        var plan = plan
        plan.buildName = try await buildName(of: plan.build)
        let seen = await observation()
        let holdings = await BuildSearch(session: self, build: plan.build).holdings(on: site)
        let holding = Set(holdings.filter { $0.value?.hasRelease == true }.keys)
        return RolloutForecast(RolloutState(try leavingOut(plan, seen)), seen, holding: holding)
    }

    private func forecast(turning state: RolloutState) async throws -> RolloutForecast {
        var state = state
        for event in [RolloutEvent.resumed, .turnedBack(.asked(by: controller.name))] {
            state.apply(RolloutEntry(sequence: state.lastSequence + 1, at: controller.now(), event: event))
        }
        return RolloutForecast(state, await observation(), holding: [])
    }

    private func observation() async -> FleetObservation {
        // A pool that cannot be had is one of silent balancers.
        guard let traffic = try? await traffic() else { return FleetObservation(hosts: [:], balancers: []) }
        return await FleetObservation.take(of: site.pool, releases: releases(site, token: 0), traffic: traffic)
    }
}
