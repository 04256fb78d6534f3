public import Fleet
import OrderedCollections
import Synchronization

/// Does what ``RolloutPlanner`` decides: journals the intent, acts, journals what came of it.
public struct RolloutRunner: Sendable {
    /// Asks the gates about a batch that just got a build, and watches it; `itself` is the question to the hosts.
    public typealias Judge = @Sendable (_ watch: GateWatch, _ itself: Gate) async -> GateReport
    /// Makes an event durable, tells whoever listens, and gives back the entry.
    public typealias Record = @Sendable (RolloutEvent) async throws -> RolloutEntry

    private let releases: any ReleaseControl
    private let traffic: any TrafficControl
    /// What every balancer answers, asked once for all who want to know it at the same time.
    private let observe: SharedAnswer<[BalancerView]>
    private let witness: HostWitness
    private let judge: Judge
    /// How long gates may take beyond the bake.
    private let judging: Duration
    private let record: Record
    private let stop: StopSignal
    private let clock: any Clock<Duration>
    let control: RolloutControl
    /// Raised when a watch is not to go on to its end.
    let interruption = Doorbell()

    /// A runner that acts through these; `judging` is how long gates may take beyond the bake, `clock` tells how long hosts
    /// are waited for.
    public init(
        releases: any ReleaseControl, traffic: any TrafficControl,
        judge: @escaping Judge = { _, _ in GateReport() }, judging: Duration = .zero, record: @escaping Record,
        stop: StopSignal = StopSignal(), clock: any Clock<Duration> = ContinuousClock(),
        control: RolloutControl = RolloutControl()
    ) {
        observe = SharedAnswer { await traffic.observe() }
        witness = HostWitness(releases: releases, traffic: traffic, observe: observe, clock: clock)
        self.releases = releases
        self.traffic = traffic
        self.judge = judge
        self.judging = judging
        self.record = record
        self.stop = stop
        self.clock = clock
        self.control = control
    }

    /// Goes on from `start` until the rollout is over, or the batch in hand is and somebody wished to stop.
    ///
    /// - Returns: Where it stands; an `outcome` unless it was stopped.
    /// - Throws: ``RolloutError`` `.fenced` when a host knows of a newer controller; what `record` throws.
    ///   The rollout stays as the journal has it and can be resumed.
    public func run(from start: RolloutState) async throws -> RolloutState {
        try await withThrowingTaskGroup(of: Arrival.self) { group in
            defer { group.cancelAll() }
            var state = start
            var running = 0
            await listen(in: &group)
            if let deadline = start.plan.policy.progressDeadline { group.addTask { await expiry(after: deadline) } }
            while true {
                let steps = RolloutPlanner.next(state, isStopping: stop.wasRaised)
                if steps.isEmpty && running == 0 && !isWaiting(state) { return state }
                for step in steps {
                    switch step {
                    case .record(let event): state.apply(try await record(event))
                    case .perform(let action):
                        state.apply(try await record(.intent(action)))
                        let stateNow = state
                        group.addTask { .outcome(try await perform(action, in: stateNow)) }
                        running += 1
                    }
                }
                guard running > 0 || isWaiting(state), let arrival = try await group.next() else { continue }
                for event in take(arrival, in: state, &group, &running) { state.apply(try await record(event)) }
            }
        }
    }

    private func perform(_ action: RolloutAction, in state: RolloutState) async throws -> [RolloutEvent] {
        let events: [RolloutEvent]
        do throws(RolloutError) {
            events = try await act(action, in: state)
        } catch {
            if error.code == .fenced { throw error }
            // An interrupted action is in doubt, and stays so in the journal.
            try Task.checkCancellation()
            // On the way back nothing is gained by waiting for a balancer that is silent; forward it must carry no request.
            if await mayGoOn(without: error.balancer, in: state),
                try await goesOn(without: error.balancer, error.message)
            {
                return try await perform(action, in: state)
            }
            var error = error
            // What the balancers do with a host that failed decides whether another may be taken out.
            if error.isServing == nil, error.code != .balancer { error.isServing = await isServing(error.host) }
            return [.failed(action, error)]
        }
        // What an interrupted watch or count saw is no answer.
        if action.host == nil { try Task.checkCancellation() }
        return events
    }

    private func mayGoOn(without balancer: HostName?, in state: RolloutState) async -> Bool {
        guard let balancer else { return false }
        return if state.isGoingBack { true } else { await traffic.isBypassed(balancer) }
    }

    /// Leaves a silent balancer out, unless it is the last. Each is left out once, which bounds how often an action is
    /// repeated.
    private func goesOn(without balancer: HostName?, _ reason: String) async throws -> Bool {
        guard let balancer else { return false }
        switch await traffic.leaveOut(balancer, reason: reason) {
        case .impossible: return false
        case .already: return true
        case .done:
            _ = try await record(.balancerLeftOut(balancer, reason: reason))
            return true
        }
    }

    private func act(_ action: RolloutAction, in state: RolloutState) async throws(RolloutError) -> [RolloutEvent] {
        let policy = state.policy(of: action.host)
        var note: String?
        switch action {
        case .observe(let host):
            let survey = try await releases.survey(host)
            let views = await observe()
            let isElsewhere = traffic.pool.members.first { $0.host == host }.map(views.haveElsewhere)
            var seen = Observation(
                release: survey.release, digest: survey.digest, isServing: views.isServing(host),
                isElsewhere: isElsewhere)
            seen.isKeptOut = state.plan.keepsOut(host, views) ? true : nil
            if state.plan.isTakenUp == true, state.hosts[host]?.found == nil {
                seen.note(survey, ofRolloutTo: state.plan.build.release)
            }
            return [.sighted(host, seen)]
        case .deliver(let host, let release):
            note = try await releases.deliver(release, of: state.build(of: release), to: host)
        case .drain(let host): note = try await drain(host, isUnreachable: isUnreachable(host, state), policy.drain)
        case .activate(let host, let release):
            try await runHook(.before, onHostOf: action, in: state)
            try await releases.activate(
                release, on: host, revertAfter: state.isGoingBack ? nil : patience(of: host, state))
        case .check(let host, let release):
            note = try await releases.check(release, on: host, patience: policy.health)
            if state.hosts[host]?.isElsewhere == true { try await probe(host) }
            let condition = try await witness.settle(host, release, in: state)
            try await runHook(.after, onHostOf: action, in: state)
            return [.inspected(host, condition), .done(action, note: note)]
        case .admit(let host): try await admit(host, policy.health)
        case .count: return [.counted(try await witness.count(state))]
        case .judge(let batch): return await judge(batch, in: state)
        case .confirm(let host, let release):
            try await witness.vouch(for: host, in: state)
            try await releases.confirm(release, on: host)
        case .hook(let point, let host): note = try await runHook(point, on: host, in: state)
        // No planner of rollouts asks for it.
        case .units: return []
        }
        return [.done(action, note: note)]
    }

    /// What is asked for by a person, and the end of a rollout's patience, are heard while it works.
    private enum Arrival: Sendable {
        case outcome([RolloutEvent])
        case requests
        case expiry(after: Duration)
        case stop
    }

    private func listen(in group: inout ThrowingTaskGroup<Arrival, any Error>) async {
        group.addTask { await hearRequests() }
        guard control.waits else { return }
        group.addTask { [stop] in
            await stop.wait()
            return .stop
        }
    }

    private func hearRequests() async -> Arrival {
        await control.inbox.arrival()
        return .requests
    }

    private func expiry(after time: Duration) async -> Arrival {
        // Cancelled when all is over.
        try? await clock.sleep(for: time)
        return .expiry(after: time)
    }

    /// Whether the process stays although nothing may be begun.
    private func isWaiting(_ state: RolloutState) -> Bool {
        control.waits && state.outcome == nil && state.hold != nil && !stop.wasRaised && !Task.isCancelled
    }

    /// What an arrival comes to in the journal.
    private func take(
        _ arrival: Arrival, in state: RolloutState, _ group: inout ThrowingTaskGroup<Arrival, any Error>,
        _ running: inout Int
    ) -> [RolloutEvent] {
        switch arrival {
        case .outcome(let events):
            running -= 1
            return events
        case .stop: return []
        case .requests:
            let requests = control.inbox.take()
            if !Task.isCancelled { group.addTask { await hearRequests() } }
            if requests.contains(where: { $0.kind == .abort }) { interruption.ring() }
            return requests.map(RolloutEvent.requested)
        case .expiry: return expire(state, &group)
        }
    }

    private func expire(
        _ state: RolloutState, _ group: inout ThrowingTaskGroup<Arrival, any Error>
    ) -> [RolloutEvent] {
        guard let deadline = state.plan.policy.progressDeadline, !Task.isCancelled, state.outcome == nil else {
            return []
        }
        let quiet = control.now().map { max(.zero, $0 - state.lastProgressAt) } ?? deadline
        let isOver = quiet >= deadline && state.hold == nil && !state.isTurned && state.halt == nil
        let left = isOver ? deadline : max(.milliseconds(10), deadline - quiet)
        group.addTask { await expiry(after: left) }
        guard isOver else { return [] }
        interruption.ring()
        return [.overdue(quiet)]
    }

    /// A host of the batch that is not as it was when it was checked has failed by itself; the others are judged again.
    private func judge(_ batch: Int, in state: RolloutState) async -> [RolloutEvent] {
        let members = state.batches[batch].hosts.filter { state.hosts[$0]?.fault == nil }
        let objections = Mutex<[RolloutError]>([])
        let watch = state.watch(over: members, batch)
        watch.traffic.take(await observe())
        let itself = Gate(name: "the hosts themselves", watching: .throughout) { hosts in
            let look = await witness.look(at: hosts, in: state)
            watch.traffic.take(look.views, silent: look.silent)
            let found = look.objections
            objections.withLock { $0 = found }
            guard let first = found.first else { return (.pass, "healthy, every unit active, none restarted") }
            return (.fail, "\(first.host): \(first.message)")
        }
        guard let report = await uninterrupted({ await judge(watch, itself) }) else {
            return [.done(.judge(batch: batch), note: "ended before its time")]
        }
        let found = objections.withLock { $0 }
        return found.isEmpty
            ? [.judged(batch: batch, report)] : found.map { .failed(.judge(batch: batch), $0) }
    }

    private func drain(
        _ host: HostName, isUnreachable: Bool, _ patience: Duration
    ) async throws(RolloutError) -> String? {
        do throws(TrafficError) {
            // Sessions to a host that is gone never end.
            let cut = try await traffic.drain(host, patience: isUnreachable ? .zero : patience)
            return cut == 0 ? nil : "\(cut) sessions were still open"
        } catch {
            throw RolloutError(error, host: host)
        }
    }

    private func admit(_ host: HostName, _ patience: Duration) async throws(RolloutError) {
        guard let member = traffic.pool.members.first(where: { $0.host == host }) else {
            throw RolloutError(.command, host: host, "pool \(traffic.pool.name) has no such member")
        }
        do throws(TrafficError) {
            try await traffic.admit(member, patience: patience)
        } catch {
            throw RolloutError(error, host: host)
        }
    }

    /// Makes sure that balancers reach the host where it is to go, before it leaves where it is.
    private func probe(_ host: HostName) async throws(RolloutError) {
        guard let member = traffic.pool.members.first(where: { $0.host == host }) else { return }
        do throws(TrafficError) {
            try await traffic.probe(member)
        } catch {
            throw RolloutError(error, host: host)
        }
    }

    private func isServing(_ host: HostName) async -> Bool { await observe().isServing(host) }

    private func isUnreachable(_ host: HostName, _ state: RolloutState) -> Bool {
        state.hosts[host]?.fault?.code == .unreachable
    }

    /// How long the host waits for its confirmation. The hosts of a batch go back one after the other, so that a vanished
    /// controller does not cost the pool all of them at once.
    private func patience(of host: HostName, _ state: RolloutState) -> Duration {
        let batch = state.hosts[host]?.batch.map { state.batches[$0].hosts } ?? [host]
        let place = batch.firstIndex(of: host) ?? 0
        let slowStart = traffic.pool.traffic.slowStart ?? .zero
        let own = state.policy(of: host).patienceForConfirmation(hosts: batch.count)
        return own + judging + slowStart + .seconds(10) * place
    }
}

extension [BalancerView] {
    /// Whether every balancer that answered, and at least one, sends `host` traffic.
    public func isServing(_ host: HostName) -> Bool {
        let answers = filter { $0.fault == nil && $0.concerns(host) }
        return !answers.isEmpty
            && answers.allSatisfy { view in view.running.contains { $0.host == host && $0.state == .up } }
    }

    /// Whether a balancer that answered has the member's host at another address or port.
    public func haveElsewhere(_ member: PoolMember) -> Bool {
        contains { view in
            let member = view.wanted?.first { $0.host == member.host } ?? member
            return view.fault == nil && view.running.contains { $0.host == member.host && !$0.matches(member) }
        }
    }
}
