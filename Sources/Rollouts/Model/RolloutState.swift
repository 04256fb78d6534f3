public import Fleet
public import OrderedCollections

/// A line of a rollout's journal.
public struct RolloutEntry: Hashable, Sendable {
    /// Place in the run, from 1.
    public var sequence: Int64
    /// When the writer wrote it.
    public var at: Timestamp
    /// What happened.
    public var event: RolloutEvent

    /// A line.
    public init(sequence: Int64, at: Timestamp, event: RolloutEvent) {
        self.sequence = sequence
        self.at = at
        self.event = event
    }
}

/// Where a rollout stands: what its journal's entries come to.
public struct RolloutState: Hashable, Sendable {
    /// Which way hosts go.
    public enum Direction: Hashable, Sendable {
        /// To the plan's build.
        case forward
        /// To what they ran before.
        case back(reason: String)
    }

    /// A group of hosts changed together.
    public struct Batch: Hashable, Sendable {
        /// The hosts.
        public var hosts: [HostName]
        /// Whether it is the first, small one, in which no failure is tolerated.
        public var isCanary: Bool
        /// What the gates found; `nil` until they were asked.
        public var report: GateReport?
    }

    /// What the rollout is to bring about.
    public let plan: RolloutPlan
    /// Which way hosts go.
    public internal(set) var direction = Direction.forward
    /// Every host of the plan, in its order.
    public internal(set) var hosts: OrderedDictionary<HostName, HostProgress>
    /// The batches opened so far.
    public internal(set) var batches: [Batch] = []
    /// Actions whose intent is recorded and whose outcome is not.
    public internal(set) var inFlight: Set<RolloutAction> = []
    /// How it ended; `nil` until then.
    public internal(set) var outcome: RolloutOutcome?
    /// The last entry that was applied.
    public internal(set) var lastSequence: Int64 = 0
    /// When the last entry was written.
    public internal(set) var lastChangeAt = Timestamp(milliseconds: 0)

    /// A rollout that has not begun.
    public init(_ plan: RolloutPlan) {
        self.plan = plan
        hosts = OrderedDictionary(
            plan.hosts.map { ($0, HostProgress()) }, uniquingKeysWith: { first, _ in first })
        if plan.kind.isDirect {
            direction = .back(reason: plan.kind.rawValue)
            // Whatever they run now is what has to go.
            for host in hosts.keys { update(host) { $0.isChanged = true } }
        }
    }

    /// What a journal's entries come to; `nil` when they hold no beginning.
    public init?(replaying entries: [RolloutEntry]) {
        let plans = entries.lazy.compactMap { entry in
            if case .started(let plan) = entry.event { plan } else { nil }
        }
        guard let plan = plans.first else { return nil }
        self.init(plan)
        for entry in entries { apply(entry) }
    }

    /// Takes one entry in. Pure; an entry already taken in changes nothing.
    public mutating func apply(_ entry: RolloutEntry) {
        guard entry.sequence > lastSequence else { return }
        lastSequence = entry.sequence
        lastChangeAt = entry.at
        switch entry.event {
        case .started: break
        case .resumed: resume()
        case .batchOpened(let members, let isCanary): open(members, isCanary)
        case .intent(let action): intend(action)
        case .done(let action, _): finish(action)
        case .failed(let action, let fault): fail(action, fault)
        case .sighted(let host, let sighting): see(host, sighting)
        case .judged(let batch, let report): judge(batch, report)
        case .balancerLeftOut: break
        case .turnedBack(let reason): turnBack(reason)
        case .finished(let outcome): self.outcome = outcome
        }
    }
}

extension RolloutState {
    /// Whether hosts go back.
    public var isGoingBack: Bool { direction != .forward }

    /// What `host` is meant to run now; `nil` for nothing at all.
    public func goal(of host: HostName) -> ReleaseID? {
        let target = plan.build.release
        guard isGoingBack, !plan.kind.isDirect, let progress = hosts[host] else { return target }
        guard progress.isChanged else { return progress.previous }
        if let baseline = plan.baseline, baseline != target { return baseline }
        return progress.previous
    }

    /// Hosts that failed or were out of reach.
    public var faulted: [HostName] { hosts.filter { $0.value.fault != nil }.map(\.key) }

    /// Hosts that balancers send traffic, as far as is known.
    public var serving: Int { hosts.values.count { $0.isServing } }

    /// Hosts that nothing is left to be done for.
    public var settled: [HostName] { hosts.filter { $0.value.phase == .settled && $0.value.fault == nil }.map(\.key) }

    /// The first batch with something left to do.
    public var openBatch: Int? {
        batches.indices.first { index in
            batches[index].hosts.contains { host in
                guard let progress = hosts[host] else { return false }
                return progress.fault == nil && progress.phase < .settled
            }
        }
    }

    private mutating func resume() {
        inFlight = []
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

    private mutating func open(_ members: [HostName], _ isCanary: Bool) {
        batches.append(Batch(hosts: members, isCanary: isCanary))
        let index = batches.count - 1
        for host in members { update(host) { $0.batch = index } }
    }

    private mutating func intend(_ action: RolloutAction) {
        inFlight.insert(action)
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

    private mutating func finish(_ action: RolloutAction) {
        inFlight.remove(action)
        guard let host = action.host else { return }
        let endsHere = isGoingBack
        update(host) { progress in
            switch action {
            case .observe, .judge: break
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

    private mutating func fail(_ action: RolloutAction, _ fault: RolloutFault) {
        inFlight.remove(action)
        guard let host = action.host else { return }
        update(host) { progress in
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

    private mutating func see(_ host: HostName, _ sighting: Sighting) {
        inFlight.remove(.observe(host))
        update(host) { progress in
            if !progress.wasEverSeen { progress.previous = sighting.release }
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

    private mutating func judge(_ batch: Int, _ report: GateReport) {
        inFlight.remove(.judge(batch: batch))
        guard batches.indices.contains(batch) else { return }
        batches[batch].report = report
    }

    private mutating func turnBack(_ reason: String) {
        direction = .back(reason: reason)
        inFlight = []
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

    private mutating func update(_ host: HostName, _ change: (inout HostProgress) -> Void) {
        guard var progress = hosts[host] else { return }
        change(&progress)
        hosts[host] = progress
    }
}
