import Fleet
import OrderedCollections
import Rollouts

extension StageSession {
    /// The pool's traffic for changing it: a balancer that was left out earlier and answers again is first made what the
    /// others are. One that is named now is remembered.
    ///
    /// Nothing can be changed through it while a balancer is silent that nobody left out.
    func traffic(under lease: Lease) async throws -> any TrafficControl {
        let stage = site.stage.name
        for (balancer, reason) in site.leftOut {
            try await journal.leaveOut(
                LeftOutBalancer(
                    stage: stage, balancer: balancer, reason: reason, by: Controller.name, since: Controller.now()))
        }
        let owed = try await journal.leftOut(stage: stage).filter { balancer in
            site.leftOut[balancer.balancer] == nil && site.balancers.contains(balancer.balancer)
        }
        let returning = Dictionary(owed.map { ($0.balancer, $0.reason) }) { first, _ in first }
        let traffic = try await site.traffic(token: lease.token, returning: returning)
        for balancer in owed {
            do throws(TrafficError) {
                try await traffic.align(balancer.balancer)
            } catch {
                // Still away: whoever wants to change something is refused, unless it is left out again.
                guard error.code == .unreachable else { throw error }
                terminal.warn("\(balancer.balancer), left out earlier, still does not answer: \(error.message)")
                continue
            }
            try await journal.takeBack(balancer.balancer, stage: stage)
            terminal.say("\(balancer.balancer): was left out (\(balancer.reason)), and now serves what the others do")
        }
        return traffic
    }

    /// The pool's traffic for a rollout, and the stage with its pool as the balancers run it.
    ///
    /// A rollout changes no settings of the pool, so that a mistake in them cannot stop anybody from going back.
    /// - Parameter isTold: Whether it is said that the settings are others than the file's.
    /// - Throws: ``TrafficError`` `.unreachable` for a silent balancer that nobody left out.
    func rolloutTraffic(
        under lease: Lease, isTold: Bool = true
    ) async throws -> (site: StageSite, traffic: any TrafficControl) {
        let traffic = try await traffic(under: lease)
        var views = await traffic.observe()
        for view in views {
            guard let silence = view.silence else { continue }
            throw TrafficError(
                .unreachable, balancer: view.balancer, silence,
                hints: [
                    "nothing was changed: no traffic is moved while a balancer cannot be asked",
                    "mend it, or go on without it: --without \(view.balancer) \"REASON\"",
                ])
        }
        if views.contains(where: { !$0.isEstablished && $0.running.isEmpty }) {
            try await traffic.establishWhereEmpty()
            views = await traffic.observe()
        }
        var site = site
        site.pool = site.pool.asRun(by: views)
        let others = views.filter { $0.fault == nil && !$0.isEstablished }.map(\.balancer.description)
        if isTold, !others.isEmpty || site.pool != self.site.pool {
            let place = others.isEmpty ? "the balancers" : others.joined(separator: ", ")
            terminal.warn("the pool's settings on \(place) are not those of \(site.file.path): used as they are")
            terminal.say(
                "hint: see them with 'drover plan \(site.stage.name)', bring them with 'drover apply \(site.stage.name)'"
            )
        }
        if site.pool == self.site.pool { return (site, traffic) }
        return (site, try await site.traffic(token: lease.token))
    }

    /// Names the hosts that do not serve, with how each is on every balancer.
    func tellStanding(_ state: RolloutState, _ traffic: any TrafficControl) async {
        guard state.outcome != .succeeded || !state.faulted.isEmpty else { return }
        let views = await traffic.observe()
        for host in state.hosts.keys where !views.isServing(host) {
            let places = views.map { "\($0.word(for: host)) on \($0.balancer)" }
            terminal.say("\(host): \(places.joined(separator: ", "))")
        }
    }
}

extension BalancerView {
    /// What the balancer does with a host, in a word.
    func word(for host: HostName) -> String {
        if isLeftOut { return "unknown (left out)" }
        if fault != nil { return "unknown" }
        return running.first { $0.host == host }?.state.rawValue ?? "absent"
    }
}
