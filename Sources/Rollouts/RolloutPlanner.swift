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

    init(_ state: RolloutState) {
        self.state = state
        allowance = max(0, state.serving - state.plan.floor)
    }

    private var isIdle: Bool { steps.isEmpty && state.inFlight.isEmpty }

    // MARK: forward

    mutating func planForward(isStopping: Bool) {
        if let reason = reasonToTurnBack() {
            // What is in flight ends first, so that nothing happens to a host from two sides.
            if state.inFlight.isEmpty { steps = [.record(.turnedBack(reason: reason))] }
            return
        }
        expelFaulted { _ in true }
        if let batch = state.openBatch {
            advance(batch)
            if isIdle { steps = [.record(.turnedBack(reason: shortage))] }
        } else if isIdle {
            beginNextBatch(isStopping: isStopping)
        }
    }

    private var shortage: String {
        "\(state.serving) of \(state.hosts.count) hosts in service, and at least \(state.plan.floor) must stay so"
    }

    private func reasonToTurnBack() -> String? {
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

    private mutating func beginNextBatch(isStopping: Bool) {
        let waiting = state.hosts.filter { $0.value.fault == nil && $0.value.batch == nil }.map(\.key)
        guard !waiting.isEmpty else {
            steps = [.record(end)]
            return
        }
        if isStopping { return }
        let policy = state.plan.policy
        let isCanary = policy.canary > 0 && state.settled.isEmpty
        let size = isCanary ? policy.canary : policy.batch.count(of: state.hosts.count)
        steps = [.record(.batchOpened(Array(waiting.prefix(size)), isCanary: isCanary))]
    }

    private var end: RolloutEvent {
        // The budget covers some hosts, not all of them.
        if state.settled.isEmpty { return .turnedBack(reason: "no host is left") }
        // A host on another build that cannot be taken out of rotation would leave two builds in service.
        if state.hosts.values.contains(where: isStuck) { return .turnedBack(reason: shortage) }
        return .finished(.succeeded)
    }

    // MARK: back

    mutating func planBack() {
        expelFaulted(where: mayRunSomethingElse)
        let unsettled = state.hosts.filter { $0.value.fault == nil && $0.value.phase < .settled }
        // The last changed goes back first.
        for (host, progress) in unsettled.reversed() { walk(host, progress.phase, to: state.goal(of: host)) }
        guard isIdle else { return }
        let stuck = state.hosts.filter { isStuck($0.value) && mayRunSomethingElse($0.value) }
        if let host = unsettled.keys.last ?? stuck.keys.last {
            let fault = RolloutFault(.blocked, host: host, shortage)
            steps = [.record(.failed(.drain(host), fault))]
        } else {
            steps = [.record(.finished(outcomeOfGoingBack))]
        }
    }

    private var outcomeOfGoingBack: RolloutOutcome {
        let hosts = state.hosts.values
        let hasFailed = hosts.contains { progress in
            guard let fault = progress.fault else { return false }
            return fault.kind != .unreachable || (progress.isServing && progress.isChanged)
        }
        if state.plan.kind.isDirect {
            if !hasFailed && !state.settled.isEmpty { return .succeeded }
            return state.plan.kind == .rollback ? .rollbackFailed : .failed
        }
        if hasFailed { return .rollbackFailed }
        return hosts.contains { $0.isChanged } ? .rolledBack : .failed
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
        guard !state.inFlight.contains(action) else { return }
        if state.hosts[host]?.isServing == true {
            guard allowance > 0 else { return }
            allowance -= 1
        }
        steps.append(.perform(action))
    }

    private mutating func perform(_ action: RolloutAction) {
        let step = RolloutStep.perform(action)
        if !state.inFlight.contains(action), !steps.contains(step) { steps.append(step) }
    }
}
