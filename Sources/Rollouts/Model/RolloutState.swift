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
        /// To what they ran before; `nil` where the plan is to go straight to its build.
        case back(Setback?)
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
    /// The release of its build.
    private let target: ReleaseID
    /// Which way hosts go.
    public internal(set) var direction = Direction.forward
    /// Every host of the plan, in its order.
    public internal(set) var hosts: OrderedDictionary<HostName, HostProgress>
    /// The batches opened so far.
    public internal(set) var batches: [Batch] = []
    /// Actions whose intent is recorded and whose outcome is not.
    public internal(set) var inFlight: Set<RolloutAction> = []
    /// How many members of the pool that take no part in the rollout serve, as far as is known.
    public internal(set) var elsewhere = 0
    /// How busy members in service were when they were last counted.
    public internal(set) var load: PoolLoad?
    /// The same by tier, where there are several.
    var elsewhereIn: [String: Int] = [:]
    /// The places of each host's tiers in the plan, where there are several.
    let tiersOf: [HostName: [Int]]
    /// Whether nothing has happened since balancers and hosts were last counted.
    public internal(set) var isCounted = false
    /// Whether something happened while they were counted, so that the count may be wrong.
    var isCountDoubtful = false
    /// Whether it turned back because too few hosts were in service.
    public internal(set) var isShort = false
    /// Why they could not be counted.
    public internal(set) var countFault: RolloutError?
    /// Why nothing is begun until somebody has it go on; `nil` while it goes on.
    public internal(set) var hold: RolloutHold?
    /// What stopped it for a person to go on from there; `nil` while nothing did.
    public internal(set) var halt: RolloutHalt?
    /// Who wants it to pause after the batch in hand.
    public internal(set) var pauseRequest: RolloutRequest?
    /// Who wants it to go back.
    var abortRequest: RolloutRequest?
    /// How many batches somebody has approved.
    public internal(set) var approved = 0
    /// For how long no host got any further, where that is too long.
    var overdue: Duration?
    /// When a host last got any further.
    public internal(set) var lastProgressAt = Timestamp(milliseconds: 0)
    /// How what is run besides went.
    public internal(set) var hooks: [RolloutHooks.Point: RolloutHooks.Standing] = [:]
    /// How it ended; `nil` until then.
    public internal(set) var outcome: RolloutOutcome?
    /// The last entry that was applied.
    public internal(set) var lastSequence: Int64 = 0
    /// When the last entry was written.
    public internal(set) var lastChangeAt = Timestamp(milliseconds: 0)

    /// A rollout that has not begun.
    public init(_ plan: RolloutPlan) {
        self.plan = plan
        target = plan.build.release
        tiersOf = plan.tiersOfHosts
        hosts = OrderedDictionary(
            plan.hosts.map { ($0, HostProgress()) }, uniquingKeysWith: { first, _ in first })
        if plan.kind.isDirect {
            direction = .back(nil)
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
        isCounted = false
        noteProgress(entry)
        switch entry.event {
        case .started: break
        case .resumed: resume()
        case .batchOpened(let members, let isCanary): open(members, isCanary)
        case .intent(let action): intend(action)
        case .done(let action, _): finish(action)
        case .failed(let action, let error): fail(action, error)
        case .sighted(let host, let sighting): see(host, sighting)
        case .inspected(let host, let condition): update(host) { $0.condition = condition }
        case .counted(let count): take(count)
        case .judged(let batch, let report): judge(batch, report)
        case .balancerLeftOut: break
        case .requested(let request): hear(request)
        case .held(let hold): self.hold = hold
        case .overdue(let time): overdue = time
        case .halted(let halt): stop(at: halt)
        case .turnedBack(let setback): turnBack(setback)
        case .finished(let outcome): self.outcome = outcome
        }
    }
}

extension RolloutState {
    /// Whether all hosts go back, or straight to the build.
    public var isTurned: Bool { direction != .forward }

    /// Whether hosts go back, those of the batch in hand at least.
    public var isGoingBack: Bool { isTurned || halt?.takesBatchBack == true }

    /// What `host` is meant to run now; `nil` for nothing at all.
    public func goal(of host: HostName) -> ReleaseID? {
        guard isGoingBack, !plan.kind.isDirect, let progress = hosts[host] else { return target }
        guard hasToGo(host) else { return progress.found?.release }
        if let baseline = plan.baseline, baseline != target { return baseline }
        return progress.found?.release
    }

    /// The build that `release` is unpacked from, as far as plan and hosts have said.
    public func build(of release: ReleaseID) -> BuildDigest? {
        let known = [plan.build, plan.baselineBuild].compactMap { $0 } + hosts.values.compactMap(\.found?.digest)
        return known.first { $0.release == release }
    }

    /// Whether what the host runs has to go when it goes back: the rollout may have switched it, or goes straight to its
    /// build.
    public func hasToGo(_ host: HostName) -> Bool {
        plan.kind.isDirect || hosts[host]?.intervention == .switched
    }

    /// Hosts that failed or were out of reach.
    public var faulted: [HostName] { hosts.filter { $0.value.fault != nil }.map(\.key) }

    /// Members of the pool that balancers send traffic, as far as is known.
    public var serving: Int { hosts.values.count { $0.isServing } + elsewhere }

    /// Why no further host can be taken out of service, with the names of those that are out.
    public var shortage: Shortage {
        if let tier = shortTier { return shortage(in: tier) }
        let out = outOfService.map { Shortage.Absentee(host: $0, message: hosts[$0]?.fault?.message) }
        return Shortage(serving: serving, total: plan.total, floor: floor, out: out, strain: strain)
    }

    /// Hosts of the rollout that get no traffic, as far as is known.
    public var outOfService: [HostName] { hosts.filter { !$0.value.isServing }.map(\.key) }

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
}
