import Fleet
import OrderedCollections

/// What a rollout does next.
public enum RolloutStep: Hashable, Sendable {
    /// A decision: journal it, there is nothing to do on any host.
    case record(RolloutEvent)
    /// An action: journal its intent, do it, journal what came of it.
    case perform(RolloutAction)
}

/// Decides what a rollout does next. Reads no clock, does no I/O.
public enum RolloutPlanner {
    /// How many hosts a build is brought to at the same time.
    static let deliveryWidth = 10

    /// The steps that may be taken now, beside those in flight; none when the rollout is over or waits for those.
    ///
    /// With `isStopping`, the batch in hand is finished and no other one begun: none is left when that is done.
    public static func next(_ state: RolloutState, isStopping: Bool = false) -> [RolloutStep] {
        guard state.outcome == nil else { return [] }
        var unseen: [HostName] = []
        for (host, progress) in state.hosts where !progress.isAsked { unseen.append(host) }
        guard unseen.isEmpty else {
            return unseen.map(RolloutAction.observe).filter { !state.inFlight.contains($0) }.map(RolloutStep.perform)
        }
        var draft = Draft(state)
        if state.isTurned {
            draft.planBack()
        } else if let halt = state.halt {
            draft.planHalt(halt)
        } else {
            draft.planForward(isStopping: isStopping)
        }
        return draft.steps
    }
}

/// The steps of one decision, with how many hosts they may still take out of service.
struct Draft {
    let state: RolloutState
    var steps: [RolloutStep] = []
    /// By tier.
    var allowances: [Int]
    /// Hosts that are left in service because too few others are.
    var spared: [HostName] = []

    init(_ state: RolloutState) {
        self.state = state
        allowances = state.allowances
    }

    var isIdle: Bool { steps.isEmpty && state.inFlight.isEmpty }

    // MARK: forward

    mutating func planForward(isStopping: Bool) {
        if let setback = setback() {
            // What is in flight ends first, so that nothing happens to a host from two sides.
            if state.inFlight.isEmpty { steps = [.record(response(to: setback))] }
            return
        }
        guard let batch = state.openBatch else { return betweenBatches(isStopping: isStopping) }
        expelFaulted { _ in true }
        advance(batch)
        if isIdle { steps = [.record(response(to: .shortage(state.shortage)))] }
    }

    /// A host that cannot take the build is found before any host is drained for it.
    private mutating func betweenBatches(isStopping: Bool) {
        let waiting = state.hosts.filter { $0.value.fault == nil && $0.value.batch == nil }
        expelFaulted(where: mayRunSomethingElse)
        if isStopping && !waiting.isEmpty { return }
        if holds(before: waiting.count) { return }
        guard deliver(waiting.filter { $0.value.phase == .pending }.map(\.key)) else { return }
        expelFaulted { _ in true }
        if isIdle, isPrepared(for: waiting) { beginNextBatch(waiting) }
    }

    /// Brings the build to hosts, some at a time.
    /// - Returns: Whether it is on all of them.
    private mutating func deliver(_ hosts: [HostName]) -> Bool {
        let release = state.plan.build.release
        let actions = hosts.map { RolloutAction.deliver($0, release) }
        let begun = actions.count { state.inFlight.contains($0) }
        let next = actions.lazy.filter { [state] in !state.inFlight.contains($0) }
        for action in next.prefix(max(0, RolloutPlanner.deliveryWidth - begun)) { perform(action) }
        return hosts.isEmpty
    }

    private func setback() -> Setback? {
        if let setback = state.setbackByRequest { return setback }
        if let error = state.countFault { return .balancer(error) }
        let faults = state.hosts.values.compactMap(\.fault)
        if let error = faults.first(where: { $0.code == .balancer }) { return .balancer(error) }
        for batch in state.batches where batch.isCanary {
            let found = batch.hosts.compactMap { state.hosts[$0]?.fault }.first { $0.code != .unreachable }
            if let found { return .canary(found) }
        }
        if faults.count > state.plan.policy.budget, let first = faults.first {
            return .budget(failed: faults.count, budget: state.plan.policy.budget, first)
        }
        for report in state.batches.compactMap(\.report) where report.verdict != .pass {
            if let objection = report.objection { return .gate(objection) }
        }
        return nil
    }

    private mutating func advance(_ batch: Int) {
        let members = state.batches[batch].hosts.filter { state.hosts[$0]?.fault == nil }
        let progress = members.compactMap { host in state.hosts[host].map { (host, $0.phase) } }
        let isDelivered = progress.allSatisfy { $0.1 >= .delivered }
        let isAdmitted = progress.allSatisfy { $0.1 >= .admitted }
        for (host, phase) in progress {
            switch phase {
            case .delivered where !isDelivered: break
            case .admitted:
                guard isAdmitted else { break }
                if state.batches[batch].report == nil {
                    perform(.judge(batch: batch))
                } else {
                    perform(.confirm(host, state.plan.build.release))
                }
            default: walk(host, phase, to: state.plan.build.release)
            }
        }
    }

    private mutating func beginNextBatch(_ waiting: OrderedDictionary<HostName, HostProgress>) {
        guard let turn = state.turn(among: waiting) else { return end() }
        if turn.isCutOff { return steps = [.record(.turnedBack(.noHostLeft))] }
        let (waiting, policy) = (turn.waiting, turn.policy)
        let isCanary = policy.hasCanary && !turn.hasSettled
        let size =
            isCanary ? policy.canary.count(of: turn.hosts) : policy.size(ofBatch: turn.batches, of: turn.hosts)
        steps = [.record(.batchOpened(Array(order(of: waiting).prefix(size)), isCanary: isCanary))]
    }

    private mutating func end() {
        // The budget covers some hosts, not all of them.
        if state.hasEmptyTier {
            steps = [.record(.turnedBack(.noHostLeft))]
        } else if state.hosts.values.contains(where: \.isStuck) {
            // A host on another build that cannot be taken out of rotation would leave two builds in service.
            steps = [.record(response(to: .shortage(state.shortage)))]
        } else if isConcluded {
            finish(.succeeded)
        }
    }

    /// Ends the rollout once every host has been asked again.
    private mutating func finish(_ outcome: RolloutOutcome) {
        if state.isCounted { steps = [.record(.finished(outcome))] } else { perform(.count) }
    }

    // MARK: back

    mutating func planBack() {
        let unsettled = state.hosts.filter { $0.value.fault == nil && $0.value.phase < .settled }
        let isDelivered =
            state.plan.kind != .rollback || deliver(unsettled.filter { $0.value.phase == .pending }.map(\.key))
        if isDelivered { expelFaulted(where: mayRunSomethingElse) }
        // The last changed goes back first.
        for (host, progress) in unsettled.reversed() where isDelivered || progress.phase > .delivered {
            walk(host, progress.phase, to: state.goal(of: host))
        }
        if isIdle { endGoingBack() }
    }

    private mutating func endGoingBack() {
        if let host = spared.first(where: isBad) {
            // Nothing else can be done first, and capacity is no reason to keep a bad build in service.
            steps = [.perform(.drain(host))]
        } else if let host = spared.first {
            steps = [.record(.failed(.drain(host), RolloutError(.blocked, host: host, state.shortage.description)))]
        } else if undoes() {
            return
        } else if state.plan.kind.isDirect {
            finish(outcomeOfGoingBack)
        } else {
            steps = [.record(.finished(outcomeOfGoingBack))]
        }
    }

    /// Whether what the host runs was found bad, or may be.
    func isBad(_ host: HostName) -> Bool {
        guard let progress = state.hosts[host] else { return false }
        if (state.isGoingBack || state.halt != nil) && !state.plan.kind.isDirect { return true }
        guard case .release(let current) = progress.running else { return true }
        return current != nil && current == state.plan.distrusted
    }

    private var outcomeOfGoingBack: RolloutOutcome {
        let hasFailed =
            state.hasUndoFailed
            || state.hosts.contains { host, progress in
                guard let error = progress.fault, !Self.isAsFound(progress, error) else { return false }
                return error.code != .unreachable || (progress.isServing && state.hasToGo(host))
            }
        if state.plan.kind.isDirect {
            if !hasFailed && !state.settled.isEmpty { return .succeeded }
            return state.plan.kind == .rollback ? .rollbackFailed : .failed
        }
        if hasFailed { return .rollbackFailed }
        return state.hosts.keys.contains(where: state.hasToGo) ? .rolledBack : .failed
    }

    /// Whether a host that was out of service when the rollout began is so again, with the release it had.
    private static func isAsFound(_ progress: HostProgress, _ error: RolloutError) -> Bool {
        error.code == .unhealthy && progress.found?.isServing != true && progress.isGivenUp
            && progress.runs(progress.found?.release)
    }

    // MARK: one host

    mutating func walk(_ host: HostName, _ phase: HostProgress.Phase, to goal: ReleaseID?) {
        switch (phase, goal) {
        case (.pending, let goal?): perform(.deliver(host, goal))
        case (.pending, nil), (.delivered, _): leave(host, for: goal)
        case (.drained, _): perform(.activate(host, goal))
        case (.activated, let goal?): perform(.check(host, goal))
        case (.healthy, _):
            // It leaves its former address only now that it is known to answer at the new one.
            if let progress = state.hosts[host], progress.isElsewhere, progress.isServing {
                drain(host)
            } else {
                perform(.admit(host))
            }
        case (.activated, nil), (.admitted, _), (.settled, _): break
        }
    }

    /// A host that is out of rotation by somebody's hand is not taken out anew: it would look like one that we took out.
    private mutating func leave(_ host: HostName, for goal: ReleaseID?) {
        guard let progress = state.hosts[host], progress.isKeptOut, !progress.isServing else { return drain(host) }
        perform(.activate(host, goal))
    }

    mutating func expelFaulted(where isConcerned: (HostProgress) -> Bool) {
        for (host, progress) in state.hosts where progress.isStuck && isConcerned(progress) { drain(host) }
    }

    /// Whether a host that cannot be brought back must not get traffic either.
    func mayRunSomethingElse(_ progress: HostProgress) -> Bool {
        if progress.intervention > .none { return true }
        // One that had the build before and was let be serves as well as it did.
        return state.plan.kind.isDirect && progress.found?.release != state.plan.build.release
    }

    mutating func drain(_ host: HostName) {
        let action = RolloutAction.drain(host)
        guard !state.inFlight.contains(action), let progress = state.hosts[host] else { return }
        // What failed and gets no traffic costs nobody anything.
        if progress.fault != nil && !progress.isServing { return perform(action) }
        guard !progress.isServing || maySpare(host) || isUnprotected(host) else {
            if !spared.contains(host) { spared.append(host) }
            // Only when nothing else can change it is it worth to make sure.
            if !state.isCounted && state.inFlight.isEmpty { perform(.count) }
            return
        }
        guard state.isCounted else { return perform(.count) }
        if progress.isServing && !steps.contains(.perform(action)) {
            for tier in state.tiers(of: host) { allowances[tier] -= 1 }
        }
        perform(action)
    }

    /// Whether every tier of the host has more in service than must stay so.
    private func maySpare(_ host: HostName) -> Bool { state.tiers(of: host).allSatisfy { allowances[$0] > 0 } }

    /// Whether the host leaves rotation whatever the number in service: its build failed, and nothing takes its place.
    private func isUnprotected(_ host: HostName) -> Bool {
        guard let progress = state.hosts[host] else { return false }
        if state.isTurned { return !state.plan.kind.isDirect && state.goal(of: host) == nil }
        return progress.intervention == .switched && progress.fault.map { $0.code != .unreachable } ?? false
    }

    mutating func perform(_ action: RolloutAction) {
        let step = RolloutStep.perform(action)
        if !state.inFlight.contains(action), !steps.contains(step) { steps.append(step) }
    }
}
