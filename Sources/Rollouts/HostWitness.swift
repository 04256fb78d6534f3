import Fleet
import OrderedCollections

/// Asks hosts and balancers how hosts are while they are watched, and who is in service. Changes nothing.
struct HostWitness: Sendable {
    /// What one host answered.
    enum Answer: Sendable {
        case condition(HostCondition)
        case silence(RolloutError)
    }

    /// How long a host may take to come back before it counts as out.
    private static let grace = Duration.seconds(10)

    let releases: any ReleaseControl
    let traffic: any TrafficControl
    /// What every balancer answers.
    let observe: SharedAnswer<[BalancerView]>
    let clock: any Clock<Duration>

    // MARK: one host

    /// How a host is whose service just passed its check, once each unit has come up: what it is compared with later.
    func settle(_ host: HostName, _ release: ReleaseID, in state: RolloutState) async throws(RolloutError)
        -> HostCondition
    {
        let elapsed = clock.stopwatch()
        while true {
            let condition = try await ask(host)
            // Going back takes what it can get: the service's own answer is enough there.
            guard !state.isGoingBack, let objection = condition.objection(host, release: release) else {
                return condition
            }
            guard objection.code == .unhealthy, elapsed() < state.policy(of: host).health, !Task.isCancelled else {
                throw objection
            }
            await pause()
        }
    }

    /// Throws what speaks against a host that is about to be told that its release stays.
    func vouch(for host: HostName, in state: RolloutState) async throws(RolloutError) {
        let condition = try await ask(host)
        let progress = state.hosts[host]
        if let fault = condition.objection(host, release: state.goal(of: host), since: progress?.condition) {
            throw fault
        }
        if progress?.isKeptOut != true, let fault = await observe().objection(host) { throw fault }
    }

    /// How hosts are that are being watched.
    struct Look: Sendable {
        /// What speaks against them.
        var objections: [RolloutError]
        /// Those that do not answer: each is left to its confirmation.
        var silent: Set<HostName>
        /// What the balancers say.
        var views: [BalancerView]
    }

    /// Looks at hosts that are being watched.
    func look(at hosts: [HostName], in state: RolloutState) async -> Look {
        async let answers = ask(hosts)
        let views = await observe()
        let found = await answers
        let objections = hosts.compactMap { host -> RolloutError? in
            guard case .condition(let condition)? = found[host] else { return nil }
            var fault = condition.objection(host, release: state.goal(of: host), since: state.hosts[host]?.condition)
            fault?.isServing = views.isServing(host)
            return fault ?? (state.hosts[host]?.isKeptOut == true ? nil : views.objection(host))
        }
        let silent = hosts.filter { host in
            if case .condition? = found[host] { false } else { true }
        }
        return Look(objections: objections, silent: Set(silent), views: views)
    }

    // MARK: all hosts

    /// Who is in service. Hosts that were, and answer, have a moment to be so again.
    /// - Throws: ``RolloutError`` `.balancer` when no balancer can be asked.
    func count(_ state: RolloutState) async throws(RolloutError) -> Headcount {
        let elapsed = clock.stopwatch()
        let patience = min(Self.grace, state.plan.policy.health)
        while true {
            async let answers = ask(state.hostsToAsk)
            let views = await observe()
            let load = await load(state, views)
            let found = await answers
            if let silent = views.silentPool {
                throw RolloutError(.balancer, host: silent.balancer, silent.fault ?? "nothing is known of it")
            }
            var count = state.headcount(found, views, members: traffic.pool.members.map(\.host))
            count.load = load
            let mayComeBack = count.faults.contains { $0.code == .unhealthy } || state.mayGetRoom(by: load)
            guard mayComeBack, elapsed() < patience, !Task.isCancelled else { return count }
            await pause()
        }
    }

    /// How busy those in service are, where the stage's capacity is to be kept to.
    private func load(_ state: RolloutState, _ views: [BalancerView]) async -> PoolLoad? {
        guard state.isBoundByLoad else { return nil }
        return PoolLoad(views, await FleetObservation.loads(of: traffic.pool, views, releases))
    }

    private func ask(_ hosts: [HostName]) async -> [HostName: Answer] {
        let answers = await forEachBounded(hosts) { await answer(of: $0) }
        return zip(hosts, answers).reduce(into: [:]) { $0[$1.0] = $1.1 }
    }

    private func answer(of host: HostName) async -> Answer {
        do throws(RolloutError) { return .condition(try await ask(host)) } catch { return .silence(error) }
    }

    /// Asks once more when a connection was lost at once: it may only have grown old.
    private func ask(_ host: HostName) async throws(RolloutError) -> HostCondition {
        let elapsed = clock.stopwatch()
        do throws(RolloutError) {
            return try await releases.inspect(host)
        } catch {
            guard error.code == .unreachable, elapsed() < .seconds(2), !Task.isCancelled else { throw error }
            return try await releases.inspect(host)
        }
    }

    /// A cancelled pause is over; whoever waits looks at that.
    private func pause() async { try? await clock.sleep(for: .milliseconds(500)) }
}

extension RolloutState {
    /// Hosts whose own answer counts: those that are done, and those that serve and were not begun.
    var hostsToAsk: [HostName] {
        if isGoingBack && !plan.kind.isDirect { return [] }
        return hosts.filter { host, progress in
            progress.fault == nil && (progress.phase == .settled || (progress.isServing && progress.batch == nil))
                && !inFlight.contains { $0.host == host }
        }.map(\.key)
    }

    /// Who serves, by what hosts and balancers answered.
    func headcount(
        _ answers: [HostName: HostWitness.Answer], _ views: [BalancerView], members: [HostName]
    ) -> Headcount {
        var count = Headcount(elsewhere: members.count { hosts[$0] == nil && views.isServing($0) })
        count.elsewhereIn = elsewhere(views)
        for (host, progress) in hosts {
            let fault = fault(host, progress, answers[host], views)
            var isServing = views.isServing(host) && fault == nil
            if case .condition(let condition)? = answers[host], !condition.isHealthy { isServing = false }
            if !isServing { count.out.append(host) }
            if let fault { count.faults.append(fault) }
        }
        return count
    }

    private func fault(
        _ host: HostName, _ progress: HostProgress, _ answer: HostWitness.Answer?, _ views: [BalancerView]
    ) -> RolloutError? {
        var fault: RolloutError?
        switch answer {
        case nil: return nil
        case .silence(let silence)?: fault = silence
        case .condition(let condition)?:
            guard progress.phase == .settled else { return nil }
            fault = condition.objection(
                host, release: goal(of: host), since: progress.condition, everyUnit: !plan.kind.isDirect)
            if fault == nil { return progress.isKeptOut ? nil : views.objection(host) }
        }
        fault?.isServing = views.isServing(host)
        return fault
    }
}

extension [BalancerView] {
    /// What speaks against a host that every balancer should send traffic; `nil` when nothing does, or none answered.
    func objection(_ host: HostName) -> RolloutError? {
        for view in self where view.fault == nil && view.concerns(host) && view.keepsOut(host) == nil {
            guard let member = view.running.first(where: { $0.host == host }) else {
                return RolloutError(.unhealthy, host: host, "\(view.balancer) does not know it", isServing: false)
            }
            if member.state != .up {
                let check = member.check.isEmpty ? "" : " (\(member.check))"
                return RolloutError(
                    .unhealthy, host: host, "\(view.balancer) has it \(member.state.rawValue)\(check)", isServing: false
                )
            }
        }
        return nil
    }
}
