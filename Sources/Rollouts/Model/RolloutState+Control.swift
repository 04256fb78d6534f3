import Fleet
import OrderedCollections

/// What persons and the clock ask of a rollout.
extension RolloutState {
    mutating func hear(_ request: RolloutRequest) {
        switch request.kind {
        case .pause: pauseRequest = request
        case .abort: abortRequest = request
        case .approve:
            approved = max(batches.count, hold?.batches ?? 0)
            if hold?.kind == .approval { hold = nil }
        case .resume:
            pauseRequest = nil
            if hold?.kind == .paused { hold = nil }
        }
    }

    /// The batch in hand gets no further; hosts of the ones before it stay as they are.
    mutating func stop(at halt: RolloutHalt) {
        self.halt = halt
        isShort = halt.setback.isShortage
        inFlight = []
        countFault = nil
        guard halt.takesBatchBack else { return }
        for host in hostsAtHalt {
            update(host) { progress in
                progress.rejoin()
                progress.reversions = 0
                progress.phase = .pending
            }
            beginWay(of: host)
        }
    }

    /// Hosts of the batch in hand that are not done.
    var hostsAtHalt: [HostName] {
        (batches.last?.hosts ?? []).filter { host in
            guard let progress = hosts[host] else { return false }
            if progress.fault?.code == .unreachable, progress.intervention < .switched { return false }
            return progress.fault != nil || progress.phase < .settled
        }
    }

    /// What was stopped is tried again, the gates included.
    /// - Returns: Whether it had been stopped.
    mutating func goOnAfterHalt() -> Bool {
        guard halt != nil else { return false }
        halt = nil
        isShort = false
        if let last = batches.indices.last { batches[last].report = nil }
        for host in batches.last?.hosts ?? [] {
            update(host) { [plan] in if $0.phase == .settled, !$0.runs(plan.build.release) { $0.phase = .pending } }
        }
        return true
    }

    /// What was being run when its controller went is in doubt.
    mutating func doubtHooks() {
        for case .hook(let point, let host) in inFlight { hooks[point] = .doubtful(on: host) }
    }

    /// A host that has the release, is healthy or done has got further; so has a rollout that is taken up or goes on.
    mutating func noteProgress(_ entry: RolloutEntry) {
        switch entry.event {
        case .started, .resumed, .requested, .turnedBack, .halted, .batchOpened: lastProgressAt = entry.at
        case .done(let action, _) where Self.isProgress(action.verb): lastProgressAt = entry.at
        default: break
        }
    }

    private static func isProgress(_ verb: RolloutAction.Verb) -> Bool {
        switch verb {
        case .deliver, .check, .confirm, .hook: true
        case .observe, .drain, .activate, .admit, .count, .judge, .restart, .stop, .start: false
        }
    }
}
