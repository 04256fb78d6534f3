import Fleet
import OrderedCollections

/// What each event of the journal changes.
extension RolloutState {
    mutating func resume() {
        let hadHalted = goOnAfterHalt()
        doubtHooks()
        inFlight = []
        countFault = nil
        overdue = nil
        pauseRequest = nil
        if hold?.kind == .paused { hold = nil }
        let isGoingBack = isGoingBack || hadHalted
        for host in hosts.keys {
            update(host) { progress in
                guard progress.fault == nil || progress.fault?.code == .unreachable || isGoingBack else { return }
                progress.rejoin()
                progress.isAsked = false
            }
        }
    }

    mutating func open(_ members: [HostName], _ isCanary: Bool) {
        batches.append(Batch(hosts: members, isCanary: isCanary))
        let index = batches.count - 1
        for host in members { update(host) { $0.batch = index } }
    }

    mutating func intend(_ action: RolloutAction) {
        inFlight.insert(action)
        if action == .count { isCountDoubtful = false }
        if case .hook = action { return }
        guard let host = action.host else { return }
        update(host) { progress in
            switch action {
            case .drain:
                progress.isServing = false
                progress.suffer(.drained)
            case .activate:
                progress.suffer(.switched)
                progress.running = .unknown
            default: break
            }
        }
    }

    mutating func finish(_ action: RolloutAction) {
        inFlight.remove(action)
        if action.verb == .drain || action.verb == .admit { isCountDoubtful = true }
        if case .hook(let point, let host) = action { return hooks[point] = .done(on: host) }
        guard let host = action.host else { return }
        let endsHere = isGoingBack
        update(host) { progress in
            switch action {
            case .observe, .judge, .count, .hook, .units: break
            case .deliver: progress.phase = .delivered
            case .drain:
                progress.isServing = false
                // One that is healthy already only leaves its former address.
                if progress.fault != nil {
                    progress.giveUp()
                } else if progress.phase != .healthy {
                    progress.phase = .drained
                }
            case .activate(_, let release):
                progress.running = .release(release)
                progress.phase = release == nil ? .settled : .activated
            case .check:
                // One that stays out of rotation has got as far as it will.
                progress.phase = progress.isKeptOut ? (endsHere ? .settled : .admitted) : .healthy
            case .admit:
                progress.isServing = true
                progress.isKeptOut = false
                progress.isElsewhere = false
                progress.phase = endsHere ? .settled : .admitted
            case .confirm: progress.phase = .settled
            }
        }
    }

    mutating func fail(_ action: RolloutAction, _ error: RolloutError) {
        inFlight.remove(action)
        isCountDoubtful = true
        if action == .count {
            // Nobody can be counted: what is done next finds out by itself what the balancers do.
            countFault = error
            isCounted = true
            return
        }
        if case .hook(let point, _) = action { return hooks[point] = .failed(error) }
        // A batch is judged as a whole; the error says which of its hosts it is about.
        update(action.host ?? error.host) { progress in
            progress.isAsked = true
            if let isServing = error.isServing { progress.isServing = isServing }
            if case .drain = action, progress.fault != nil { return progress.giveUp() }
            if error.code == .reverted, progress.reversions < Self.reversionsForgiven {
                progress.reversions += 1
                progress.running = .unknown
                progress.phase = .pending
                return
            }
            // Nothing more can be done about one that is blocked: it stays in service as it is.
            let isOver = progress.isGivenUp || error.code == .blocked
            progress.standing = isOver ? .givenUp(error) : .failed(error)
        }
    }

    /// How often a host may go back by itself before it counts as failed.
    private static let reversionsForgiven = 2

    mutating func see(_ host: HostName, _ observation: Observation) {
        inFlight.remove(.observe(host))
        update(host) { progress in
            if progress.found == nil { progress.found = observation.asFound }
            if let intervention = observation.intervention { progress.suffer(intervention) }
            progress.isAsked = true
            progress.running = .release(observation.release)
            progress.isServing = observation.isServing
            progress.isElsewhere = observation.isElsewhere == true
            progress.isKeptOut = observation.isKeptOut == true
        }
        beginWay(of: host)
    }

    /// Puts a host where its way begins, by what it is known to run.
    mutating func beginWay(of host: HostName) {
        guard let progress = hosts[host] else { return }
        let goal = goal(of: host)
        let phase: HostProgress.Phase =
            if isGoingBack, !plan.kind.isDirect, progress.intervention == .none {
                .settled
            } else if !progress.runs(goal) {
                .pending
            } else if goal == nil {
                .settled
            } else {
                progress.phase == .settled && (progress.isServing || progress.isKeptOut) && !progress.isElsewhere
                    ? .settled : .activated
            }
        hosts[host]?.phase = phase
    }

    mutating func take(_ count: Headcount) {
        inFlight.remove(.count)
        countFault = nil
        for error in count.faults {
            update(error.host) { progress in
                if progress.fault == nil { progress.standing = .failed(error) }
            }
        }
        guard !isCountDoubtful else { return }
        isCounted = true
        elsewhere = min(max(0, count.elsewhere), Self.mostMembers)
        load = count.load
        elsewhereIn = (count.elsewhereIn ?? [:]).mapValues { min(max(0, $0), Self.mostMembers) }
        let out = Set(count.out)
        for host in hosts.keys {
            let isMoving = inFlight.contains { $0.host == host }
            guard !isMoving else { continue }
            update(host) { progress in
                progress.isServing = !out.contains(host)
                // Whoever took it out has put it in again.
                if progress.isServing { progress.isKeptOut = false }
            }
        }
    }

    /// More members than any pool has.
    private static let mostMembers = 1_000_000

    mutating func judge(_ batch: Int, _ report: GateReport) {
        inFlight.remove(.judge(batch: batch))
        guard batches.indices.contains(batch) else { return }
        batches[batch].report = report
    }

    mutating func turnBack(_ setback: Setback) {
        isShort = setback.isShortage
        direction = .back(setback)
        (hold, halt, pauseRequest, abortRequest, overdue) = (nil, nil, nil, nil, nil)
        inFlight = []
        countFault = nil
        for host in hosts.keys {
            let hasToGo = hasToGo(host)
            if hosts[host]?.fault?.code == .unreachable, !hasToGo { continue }
            update(host) { progress in
                progress.rejoin()
                progress.reversions = 0
                // A settled phase belongs to the way forward; only what is seen now counts.
                if hasToGo || !progress.isServing { progress.phase = .pending }
            }
            beginWay(of: host)
        }
    }

    mutating func update(_ host: HostName, _ change: (inout HostProgress) -> Void) {
        guard let index = hosts.index(forKey: host) else { return }
        change(&hosts.values[index])
    }
}
