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
    static let stagingWidth = 10

    /// The steps that may be taken now, beside those in flight; none when the rollout is over or waits for those.
    ///
    /// With `isStopping`, the batch in hand is finished and no other one begun: none is left when that is done.
    public static func next(_ state: RolloutState, isStopping: Bool = false) -> [RolloutStep] {
        guard state.outcome == nil else { return [] }
        let unseen = state.hosts.filter { !$0.value.isSeen }.map(\.key)
        guard unseen.isEmpty else {
            return unseen.map(RolloutAction.observe).filter { !state.inFlight.contains($0) }.map(RolloutStep.perform)
        }
        var draft = Draft(state)
        if state.isGoingBack {
            draft.planBack()
        } else {
            draft.planForward(isStopping: isStopping)
        }
        return draft.steps
    }
}

/// The steps of one decision, with how many hosts they may still take out of service.
private struct Draft {
    let state: RolloutState
    var steps: [RolloutStep] = []
    var allowance: Int
    /// Hosts that are left in service because too few others are.
    var spared: [HostName] = []

    init(_ state: RolloutState) {
        self.state = state
        allowance = state.serving - state.plan.floor
    }

    private var isIdle: Bool { steps.isEmpty && state.inFlight.isEmpty }

    // MARK: forward

    mutating func planForward(isStopping: Bool) {
        if let reason = reasonToTurnBack() {
            // What is in flight ends first, so that nothing happens to a host from two sides.
            if state.inFlight.isEmpty { steps = [.record(.turnedBack(reason: reason))] }
            return
        }
        guard let batch = state.openBatch else { return betweenBatches(isStopping: isStopping) }
        expelFaulted { _ in true }
        advance(batch)
        if isIdle { steps = [.record(.turnedBack(reason: state.shortage))] }
    }

    /// A host that cannot take the build is found before any host is drained for it.
    private mutating func betweenBatches(isStopping: Bool) {
        let waiting = state.hosts.filter { $0.value.fault == nil && $0.value.batch == nil }
        expelFaulted(where: mayRunSomethingElse)
        if isStopping && !waiting.isEmpty { return }
        guard stage(waiting.filter { $0.value.phase == .pending }.map(\.key)) else { return }
        expelFaulted { _ in true }
        if isIdle { beginNextBatch(waiting) }
    }

    /// Brings the build to hosts, some at a time.
    /// - Returns: Whether it is on all of them.
    private mutating func stage(_ hosts: [HostName]) -> Bool {
        let release = state.plan.build.release
        let actions = hosts.map { RolloutAction.stage($0, release) }
        let begun = actions.count { state.inFlight.contains($0) }
        let next = actions.lazy.filter { [state] in !state.inFlight.contains($0) }
        for action in next.prefix(max(0, RolloutPlanner.stagingWidth - begun)) { perform(action) }
        return hosts.isEmpty
    }

    private func reasonToTurnBack() -> String? {
        if let fault = state.countFault { return "\(fault.host): \(fault.message)" }
        let faults = state.hosts.values.compactMap(\.fault)
        if let fault = faults.first(where: { $0.kind == .balancer }) { return "\(fault.host): \(fault.message)" }
        for batch in state.batches where batch.isCanary {
            let found = batch.hosts.compactMap { state.hosts[$0]?.fault }.first { $0.kind != .unreachable }
            if let found { return "canary \(found.host): \(found.message)" }
        }
        if faults.count > state.plan.policy.budget, let first = faults.first {
            let hosts = faults.count == 1 ? "1 host" : "\(faults.count) hosts"
            return "\(hosts) failed, the budget is \(state.plan.policy.budget): \(first.host): \(first.message)"
        }
        for report in state.batches.compactMap(\.report) where report.verdict != .pass {
            guard let objection = report.objection else { continue }
            let word = objection.verdict == .fail ? "failed" : "had too little to judge by"
            return "gate \(objection.gate) \(word): \(objection.reason)"
        }
        return nil
    }

    private mutating func advance(_ batch: Int) {
        let members = state.batches[batch].hosts.filter { state.hosts[$0]?.fault == nil }
        let progress = members.compactMap { host in state.hosts[host].map { (host, $0.phase) } }
        let isStaged = progress.allSatisfy { $0.1 >= .staged }
        let isAdmitted = progress.allSatisfy { $0.1 >= .admitted }
        for (host, phase) in progress {
            switch phase {
            case .staged where !isStaged: break
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
        guard !waiting.isEmpty else { return end() }
        let policy = state.plan.policy
        let isCanary = policy.canary > 0 && state.settled.isEmpty
        let size = isCanary ? policy.canary : policy.batch.count(of: state.hosts.count)
        // Hosts that get no traffic cost none, and may be what the others wait for.
        let order = waiting.filter { !$0.value.isServing }.map(\.key) + waiting.filter { $0.value.isServing }.map(\.key)
        steps = [.record(.batchOpened(Array(order.prefix(size)), isCanary: isCanary))]
    }

    private mutating func end() {
        // The budget covers some hosts, not all of them.
        if state.settled.isEmpty {
            steps = [.record(.turnedBack(reason: "no host is left"))]
        } else if state.hosts.values.contains(where: isStuck) {
            // A host on another build that cannot be taken out of rotation would leave two builds in service.
            steps = [.record(.turnedBack(reason: state.shortage))]
        } else {
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
        let isStaged = state.plan.kind != .rollback || stage(unsettled.filter { $0.value.phase == .pending }.map(\.key))
        if isStaged { expelFaulted(where: mayRunSomethingElse) }
        // The last changed goes back first.
        for (host, progress) in unsettled.reversed() where isStaged || progress.phase > .staged {
            walk(host, progress.phase, to: state.goal(of: host))
        }
        if isIdle { endGoingBack() }
    }

    private mutating func endGoingBack() {
        if let host = spared.first(where: isBad) {
            // Nothing else can be done first, and capacity is no reason to keep a bad build in service.
            steps = [.perform(.drain(host))]
        } else if let host = spared.first {
            steps = [.record(.failed(.drain(host), RolloutFault(.blocked, host: host, state.shortage)))]
        } else if state.plan.kind.isDirect {
            finish(outcomeOfGoingBack)
        } else {
            steps = [.record(.finished(outcomeOfGoingBack))]
        }
    }

    /// Whether what the host runs was found bad, or may be.
    private func isBad(_ host: HostName) -> Bool {
        guard let progress = state.hosts[host] else { return false }
        if state.isGoingBack && !state.plan.kind.isDirect { return true }
        guard progress.isCurrentKnown else { return true }
        if let distrusted = state.plan.distrusted { return progress.current == distrusted }
        return false
    }

    private var outcomeOfGoingBack: RolloutOutcome {
        let hosts = state.hosts.values
        let hasFailed = hosts.contains { progress in
            guard let fault = progress.fault, !Self.isAsFound(progress, fault) else { return false }
            return fault.kind != .unreachable || (progress.isServing && progress.isChanged)
        }
        if state.plan.kind.isDirect {
            if !hasFailed && !state.settled.isEmpty { return .succeeded }
            return state.plan.kind == .rollback ? .rollbackFailed : .failed
        }
        if hasFailed { return .rollbackFailed }
        return hosts.contains { $0.isChanged } ? .rolledBack : .failed
    }

    /// Whether a host that was out of service when the rollout began is so again, with the release it had.
    private static func isAsFound(_ progress: HostProgress, _ fault: RolloutFault) -> Bool {
        fault.kind == .unhealthy && !progress.wasServing && progress.isOut && progress.isCurrentKnown
            && progress.current == progress.previous
    }

    // MARK: one host

    private mutating func walk(_ host: HostName, _ phase: HostProgress.Phase, to goal: ReleaseID?) {
        switch (phase, goal) {
        case (.pending, let goal?): perform(.stage(host, goal))
        case (.pending, nil), (.staged, _): drain(host)
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

    private mutating func expelFaulted(where isConcerned: (HostProgress) -> Bool) {
        for (host, progress) in state.hosts where isStuck(progress) && isConcerned(progress) { drain(host) }
    }

    /// Whether a host takes no further part and is not yet out of rotation.
    private func isStuck(_ progress: HostProgress) -> Bool { progress.fault != nil && !progress.isOut }

    /// Whether a host that cannot be brought back must not get traffic either.
    private func mayRunSomethingElse(_ progress: HostProgress) -> Bool {
        // One that had the build before and was let be serves as well as it did.
        let isLetBe =
            state.plan.kind.isDirect && !progress.isTouched && progress.wasEverSeen
            && progress.previous == state.plan.build.release
        return !isLetBe && (progress.isTouched || progress.isChanged)
    }

    private mutating func drain(_ host: HostName) {
        let action = RolloutAction.drain(host)
        guard !state.inFlight.contains(action), let progress = state.hosts[host] else { return }
        // What failed and gets no traffic costs nobody anything.
        if progress.fault != nil && !progress.isServing { return perform(action) }
        guard !progress.isServing || allowance > 0 || isUnprotected(host) else {
            if !spared.contains(host) { spared.append(host) }
            // Only when nothing else can change it is it worth to make sure.
            if !state.isCounted && state.inFlight.isEmpty { perform(.count) }
            return
        }
        guard state.isCounted else { return perform(.count) }
        if progress.isServing && !steps.contains(.perform(action)) { allowance -= 1 }
        perform(action)
    }

    /// Whether the host leaves rotation whatever the number in service: its build failed, and nothing takes its place.
    private func isUnprotected(_ host: HostName) -> Bool {
        guard let progress = state.hosts[host] else { return false }
        if state.isGoingBack { return !state.plan.kind.isDirect && state.goal(of: host) == nil }
        return progress.isChanged && progress.fault.map { $0.kind != .unreachable } ?? false
    }

    private mutating func perform(_ action: RolloutAction) {
        let step = RolloutStep.perform(action)
        if !state.inFlight.contains(action), !steps.contains(step) { steps.append(step) }
    }
}
