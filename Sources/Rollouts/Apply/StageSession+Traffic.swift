import Fleet
import OrderedCollections

extension StageSession {
    /// The pool's traffic for changing it: a balancer that was left out earlier and answers again is first made what the
    /// others are. One that is named now is remembered.
    ///
    /// Nothing can be changed through it while a balancer is silent that nobody left out.
    func traffic(under lease: Lease) async throws -> any TrafficControl {
        try await noteLeftOut()
        let owed = try await journal.leftOut(stage: name).filter(isToReturn)
        let returning = Dictionary(owed.map { ($0.balancer, $0.reason) }) { first, _ in first }
        let traffic = try await drivers.connections.traffic(
            of: site, token: lease.token, returning: returning, asking: releases(site, token: 0))
        for balancer in owed { try await takeBack(balancer, into: traffic) }
        await traffic.noteKeptOut(at: controller.now())
        return traffic
    }

    private func noteLeftOut() async throws {
        for (balancer, reason) in site.leftOut {
            try await journal.leaveOut(
                LeftOutBalancer(
                    stage: name, balancer: balancer, reason: reason, by: controller.name, since: controller.now()))
        }
    }

    private func isToReturn(_ balancer: LeftOutBalancer) -> Bool {
        site.leftOut[balancer.balancer] == nil && site.balancers.contains(balancer.balancer)
    }

    private func takeBack(_ balancer: LeftOutBalancer, into traffic: any TrafficControl) async throws {
        if let silence = try await silence(of: balancer.balancer, aligning: traffic) {
            // Still away: whoever wants to change something is refused, unless it is left out again.
            return tell(.stillLeftOut(balancer.balancer, silence))
        }
        try await journal.takeBack(balancer.balancer, stage: name)
        tell(.takenBack(balancer.balancer, reason: balancer.reason))
    }

    /// Makes a balancer what the others are; gives why it could not be asked.
    private func silence(
        of balancer: HostName, aligning traffic: any TrafficControl
    ) async throws(TrafficError) -> TrafficError? {
        do throws(TrafficError) {
            try await traffic.align(balancer)
            return nil
        } catch {
            guard error.code == .unreachable else { throw error }
            return error
        }
    }

    /// The pool's traffic for a rollout, and the stage with its pool as the balancers run it.
    ///
    /// A rollout changes no settings of the pool, so that a mistake in them cannot stop anybody from going back.
    /// - Parameter isTold: Whether it is told that the settings are others than the file's.
    /// - Throws: ``TrafficError`` `.unreachable` for a silent balancer that nobody left out.
    func rolloutTraffic(
        under lease: Lease, isTold: Bool = true
    ) async throws -> (site: StageSite, traffic: any TrafficControl) {
        let traffic = try await traffic(under: lease)
        var views = await traffic.observe()
        try await refuseSilence(views)
        if views.contains(where: { !$0.isEstablished && $0.running.isEmpty }) {
            try await traffic.establishWhereEmpty()
            views = await traffic.observe()
        }
        let site = site.asRun(by: views)
        let others = views.filter { $0.fault == nil && !$0.isEstablished }.map(\.balancer)
        if isTold, !others.isEmpty || !site.hasPools(of: self.site) { tell(.foreignSettings(balancers: others)) }
        if site.hasPools(of: self.site) { return (site, traffic) }
        return (
            site,
            try await drivers.connections.traffic(of: site, token: lease.token, asking: releases(site, token: 0))
        )
    }

    private func refuseSilence(_ views: [BalancerView]) async throws {
        for view in views {
            guard let silence = view.silence else { continue }
            var hints = [
                "nothing was changed: no traffic is moved while a balancer cannot be asked",
                "mend it, or go on without it: --without \(view.balancer) \"REASON\"",
            ]
            if try await journal.stage(name)?.current == nil {
                hints.insert("a new stage begins with its hosts: drover apply \(name)", at: 0)
            }
            throw TrafficError(.unreachable, balancer: view.balancer, silence, hints: hints)
        }
    }

    /// Tells how the balancers have the hosts that do not serve at the end of a rollout.
    func tellStanding(_ state: RolloutState, _ traffic: any TrafficControl) async {
        let isAsUsual = state.faulted.isEmpty && !state.hosts.values.contains(where: \.isKeptOut)
        guard state.outcome != .succeeded || !isAsUsual else { return }
        let views = await traffic.observe()
        let out = state.hosts.keys.filter { !views.isServing($0) }
        if !out.isEmpty { tell(.standing(out.map { HostStanding($0, views) })) }
    }
}
