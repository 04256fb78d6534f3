import Fleet
import OrderedCollections

/// What each event of the journal changes.
extension RolloutState {
    mutating func resume() {
        inFlight = []
        countFault = nil
        let isGoingBack = isGoingBack
        for host in hosts.keys {
            update(host) { progress in
                if progress.fault?.kind == .unreachable || progress.fault == nil || isGoingBack {
                    progress.fault = nil
                    progress.isOut = false
                    progress.isSeen = false
                }
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
        guard let host = action.host else { return }
        update(host) { progress in
            switch action {
            case .drain:
                progress.isServing = false
                progress.isTouched = true
            case .activate:
                progress.isChanged = true
                progress.isCurrentKnown = false
            default: break
            }
        }
    }

    mutating func finish(_ action: RolloutAction) {
        inFlight.remove(action)
        if action.verb == .drain || action.verb == .admit { isCountDoubtful = true }
        guard let host = action.host else { return }
        let endsHere = isGoingBack
        update(host) { progress in
            switch action {
            case .observe, .judge, .count: break
            case .stage: progress.phase = .staged
            case .drain:
                progress.isServing = false
                // One that is healthy already only leaves its former address.
                if progress.fault != nil {
                    progress.isOut = true
                } else if progress.phase != .healthy {
                    progress.phase = .drained
                }
            case .activate(_, let release):
                progress.current = release
                progress.isCurrentKnown = true
                progress.phase = release == nil ? .settled : .activated
            case .check: progress.phase = .healthy
            case .admit:
                progress.isServing = true
                progress.isElsewhere = false
                progress.phase = endsHere ? .settled : .admitted
            case .confirm: progress.phase = .settled
            }
        }
    }

    mutating func fail(_ action: RolloutAction, _ fault: RolloutFault) {
        inFlight.remove(action)
        isCountDoubtful = true
        if action == .count {
            // Nobody can be counted: what is done next finds out by itself what the balancers do.
            countFault = fault
            isCounted = true
            return
        }
        // A batch is judged as a whole; the fault says which of its hosts it is about.
        update(action.host ?? fault.host) { progress in
            progress.isSeen = true
            if let isServing = fault.isServing { progress.isServing = isServing }
            if case .drain = action, progress.fault != nil {
                progress.isOut = true
                return
            }
            if fault.kind == .reverted, progress.reversions < Self.reversionsForgiven {
                progress.reversions += 1
                progress.isCurrentKnown = false
                progress.phase = .pending
                return
            }
            progress.fault = fault
            // Nothing more can be done about it: it stays in service as it is.
            if fault.kind == .blocked { progress.isOut = true }
        }
    }

    /// How often a host may go back by itself before it counts as failed.
    private static let reversionsForgiven = 2

    mutating func see(_ host: HostName, _ sighting: Sighting) {
        inFlight.remove(.observe(host))
        update(host) { progress in
            if !progress.wasEverSeen {
                progress.previous = sighting.release
                progress.wasServing = sighting.isServing
            }
            progress.wasEverSeen = true
            progress.isSeen = true
            progress.current = sighting.release
            progress.isCurrentKnown = true
            progress.isServing = sighting.isServing
            progress.isElsewhere = sighting.isElsewhere == true
        }
        let goal = goal(of: host)
        let isGoingBack = isGoingBack
        update(host) { progress in
            progress.phase = Self.phase(of: progress, goal: goal, isGoingBack: isGoingBack)
        }
    }

    /// Where a host's way begins that runs what was just seen.
    private static func phase(of progress: HostProgress, goal: ReleaseID?, isGoingBack: Bool) -> HostProgress.Phase {
        if isGoingBack, !progress.isTouched, !progress.isChanged { return .settled }
        guard progress.isCurrentKnown, progress.current == goal else { return .pending }
        if goal == nil { return .settled }
        return progress.phase == .settled && progress.isServing && !progress.isElsewhere ? .settled : .activated
    }

    mutating func take(_ count: Headcount) {
        inFlight.remove(.count)
        countFault = nil
        for fault in count.faults {
            update(fault.host) { progress in
                if progress.fault == nil { progress.fault = fault }
            }
        }
        guard !isCountDoubtful else { return }
        isCounted = true
        elsewhere = min(max(0, count.elsewhere), Self.mostMembers)
        let out = Set(count.out)
        for host in hosts.keys {
            let isMoving = inFlight.contains { $0.host == host }
            if !isMoving { update(host) { $0.isServing = !out.contains(host) } }
        }
    }

    /// More members than any pool has.
    private static let mostMembers = 1_000_000

    mutating func judge(_ batch: Int, _ report: GateReport) {
        inFlight.remove(.judge(batch: batch))
        guard batches.indices.contains(batch) else { return }
        batches[batch].report = report
    }

    mutating func turnBack(_ reason: String) {
        isShort = reason == shortage
        direction = .back(reason: reason)
        inFlight = []
        countFault = nil
        for host in hosts.keys {
            let goal = goal(of: host)
            update(host) { progress in
                let isUntouchable = progress.fault?.kind == .unreachable && !progress.isChanged
                if isUntouchable { return }
                progress.fault = nil
                progress.isOut = false
                progress.reversions = 0
                // A settled phase belongs to the way forward; only what is seen now counts.
                if progress.isChanged || !progress.isServing { progress.phase = .pending }
                progress.phase = Self.phase(of: progress, goal: goal, isGoingBack: true)
            }
        }
    }

    mutating func update(_ host: HostName, _ change: (inout HostProgress) -> Void) {
        guard var progress = hosts[host] else { return }
        change(&progress)
        hosts[host] = progress
    }
}
