import Fleet
import OrderedCollections

/// What persons have a say in: what is waited for between batches, what is run besides, and how it stops.
extension Draft {
    // MARK: between batches

    /// Whether nothing further is begun until somebody has it go on; a failure always comes first.
    mutating func holds(before waiting: Int) -> Bool {
        if state.hold != nil { return true }
        guard isIdle, let hold = dueHold(waiting) else { return false }
        steps = [.record(.held(hold))]
        return true
    }

    private func dueHold(_ waiting: Int) -> RolloutHold? {
        if let pause = state.pauseRequest, waiting > 0 {
            return RolloutHold(.paused, by: pause.by, reason: pause.reason, batches: state.batches.count)
        }
        guard isApprovalDue(waiting), state.approved < state.batches.count else { return nil }
        return RolloutHold(.approval, batches: state.batches.count)
    }

    private func isApprovalDue(_ waiting: Int) -> Bool {
        switch state.plan.policy.approval {
        case nil: false
        case .canary: state.batches.count == 1 && waiting > 0
        case .batch: waiting > 0
        case .end: waiting == 0 && !state.settled.isEmpty
        }
    }

    /// Hosts that get no traffic cost none, and may be what the others wait for. Those that stay without it prove nothing, and
    /// are no canary.
    func order(of waiting: OrderedDictionary<HostName, HostProgress>) -> [HostName] {
        let free = waiting.filter { !$0.value.isServing && !$0.value.isKeptOut }
        let kept = waiting.filter { !$0.value.isServing && $0.value.isKeptOut }
        return free.map(\.key) + waiting.filter { $0.value.isServing }.map(\.key) + kept.map(\.key)
    }

    // MARK: hooks

    /// Whether all is done that comes before the first batch.
    mutating func isPrepared(for waiting: OrderedDictionary<HostName, HostProgress>) -> Bool {
        guard state.batches.isEmpty, let hooks = state.plan.hooks, !waiting.isEmpty else { return true }
        if hooks.before?.place == .controller, !state.isDone(.before) {
            perform(.hook(.before, nil))
        } else if hooks.once != nil, !state.isDone(.once) {
            perform(.hook(.once, order(of: waiting).first))
        }
        return isIdle
    }

    /// Whether all is done that comes after the last batch. What goes wrong there undoes nothing.
    var isConcluded: Bool {
        mutating get {
            guard state.plan.hooks?.after?.place == .controller else { return true }
            if state.isDone(.after) || state.hooks[.after]?.error != nil { return true }
            perform(.hook(.after, nil))
            return false
        }
    }

    /// Has what ``RolloutHooks/Point/once`` did taken back, where that can be.
    /// - Returns: Whether that is under way.
    mutating func undoes() -> Bool {
        guard let hooks = state.plan.hooks, hooks.hook(at: .undo) != nil, state.hooks[.undo] == nil
        else { return false }
        switch (state.plan.kind.isDirect, state.hooks[.once]) {
        case (true, _): perform(.hook(.undo, state.settled.first))
        case (false, .done(let host)?), (false, .doubtful(let host)?): perform(.hook(.undo, host))
        // What failed halfway may have left half of what it does.
        case (false, .failed(let error)?): perform(.hook(.undo, error.host))
        case (false, nil): return false
        }
        return true
    }

    // MARK: stopping at a failure

    /// What becomes of the hosts. Where none was touched yet, there is nothing to be examined.
    func response(to setback: Setback) -> RolloutEvent {
        let response = state.plan.policy.onFailure
        let isTouched = state.hosts.values.contains { $0.intervention > .none }
        if setback.isAsked || !isTouched { return .turnedBack(setback) }
        if response == .rollback, !state.isIrreversible { return .turnedBack(setback) }
        return .halted(RolloutHalt(setback: setback, takesBatchBack: response == .rollbackBatch))
    }

    /// The batch in hand goes back, or at least out of rotation; after that nothing is left to do but for a person.
    mutating func planHalt(_ halt: RolloutHalt) {
        expelFaulted(where: mayRunSomethingElse)
        let hosts = state.hostsAtHalt.filter { state.hosts[$0]?.fault == nil }
        if halt.takesBatchBack {
            for host in hosts.reversed() {
                if let progress = state.hosts[host] { walk(host, progress.phase, to: state.goal(of: host)) }
            }
        } else {
            for host in hosts where state.isInRotationUnconfirmed(host) { drain(host) }
        }
        // Nothing else can be done first, and capacity is no reason to keep a bad build in service.
        if isIdle, let host = spared.first(where: isBad) { steps = [.perform(.drain(host))] }
    }
}

extension RolloutState {
    /// What a person, the clock or a hook has against going on.
    var setbackByRequest: Setback? {
        if let abortRequest { return .asked(by: abortRequest.by) }
        if let overdue { return .overdue(overdue) }
        for point in [RolloutHooks.Point.before, .once] {
            if let error = hooks[point]?.error { return .hook(point, error) }
        }
        return nil
    }

    /// Whether the build before may not work with what was run for this one.
    var isIrreversible: Bool {
        guard let once = plan.hooks?.once, hooks[.once] != nil else { return false }
        return once.undo == nil && !once.isCompatible
    }

    func isDone(_ point: RolloutHooks.Point) -> Bool {
        if case .done? = hooks[point] { true } else { false }
    }

    /// Whether what was to be taken back was not.
    var hasUndoFailed: Bool { hooks[.undo]?.error != nil }

    fileprivate func isInRotationUnconfirmed(_ host: HostName) -> Bool {
        guard let progress = hosts[host] else { return false }
        return progress.isServing && progress.intervention == .switched
    }
}

extension RolloutHooks.Standing {
    /// Why it went wrong; `nil` where it did not.
    public var error: RolloutError? {
        if case .failed(let error) = self { error } else { nil }
    }
}
