public import Fleet

/// How far a rollout has come, as it is shown, and noted on hosts for whoever did not see it.
public struct RolloutProgress: Hashable, Sendable, Codable {
    /// A batch.
    public struct Batch: Hashable, Sendable, Codable {
        /// Its hosts.
        public var hosts: [HostName]
        /// Whether it is the canary.
        public var isCanary: Bool
        /// What the gates found; `nil` until they were asked.
        public var findings: [GateReport.Finding]?
    }

    /// A host that failed.
    public struct Failure: Hashable, Sendable, Codable {
        /// The host.
        public var host: HostName
        /// Whether it could not be talked to.
        public var isUnreachable: Bool
        /// Why, in one sentence.
        public var message: String
    }

    /// The batches so far.
    public var batches: [Batch]
    /// Hosts that nothing is left to be done for.
    public var done: [HostName]
    /// Hosts that are being changed.
    public var inHand: [HostName]
    /// Hosts that nothing was done to yet.
    public var untouched: [HostName]
    /// Hosts that failed or were out of reach.
    public var failed: [Failure]
    /// Why it goes back, or was stopped; `nil` while it goes on.
    public var setback: String?
    /// Whether every changed host goes back.
    public var isGoingBack: Bool
    /// What it waits for; `nil` while it goes on.
    public var hold: RolloutHold?
    /// Where a hook was run, as far as that is known to be done.
    public var hooks: [RolloutHooks.Point]
    /// When something last happened.
    public var at: Timestamp
    /// When a host last got any further.
    public var lastProgressAt: Timestamp

    /// Where a rollout stands.
    public init(_ state: RolloutState) {
        batches = state.batches.map {
            Batch(hosts: $0.hosts, isCanary: $0.isCanary, findings: $0.report?.findings)
        }
        done = state.settled
        let open = state.hosts.filter { $0.value.fault == nil && $0.value.phase < .settled }
        inHand = open.filter { $0.value.batch != nil || $0.value.intervention > .none }.map(\.key)
        untouched = open.filter { $0.value.batch == nil && $0.value.intervention == .none }.map(\.key)
        failed = state.hosts.compactMap { host, progress in
            progress.fault.map { Failure(host: host, isUnreachable: $0.code == .unreachable, message: $0.message) }
        }
        setback =
            switch state.direction {
            case .back(let setback?): setback.description
            default: state.halt?.setback.description
            }
        isGoingBack = state.isTurned
        hold = state.hold
        hooks = RolloutHooks.Point.allCases.filter(state.isDone)
        (at, lastProgressAt) = (state.lastChangeAt, state.lastProgressAt)
    }
}

extension RolloutState {
    /// How it stands still, after "it"; that nobody has ended it where nothing else is known.
    var standstill: String {
        if let halt { return "was stopped by a failure: \(halt.setback)" }
        switch hold?.kind {
        case .approval?: return "waits for approval"
        case .paused?:
            let reason = hold?.reason.map { " (\($0))" } ?? ""
            return "was paused\(hold?.by.map { " by \($0)" } ?? "")\(reason)"
        case nil: return "is unfinished"
        }
    }
}

extension RolloutEvent {
    /// Whether others are to know of it before the rollout ends.
    var isOfNote: Bool {
        switch self {
        case .done(.hook, _), .batchOpened, .judged, .requested, .held, .halted, .turnedBack: true
        default: false
        }
    }
}
