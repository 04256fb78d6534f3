public import Fleet

/// What a rollout would do if all went well, as the planner has it: nothing is done, and nobody is asked but beforehand.
public struct RolloutForecast: Sendable {
    /// Something that would be done, in order.
    public enum Step: Hashable, Sendable {
        /// The release is brought to these hosts; those have it already.
        case deliver(to: [HostName], there: [HostName])
        /// A hook is run, here or on a host.
        case hook(RolloutHooks.Point, RolloutHooks.Hook, HostName?)
        /// A batch is changed; so many members stay in service at the least.
        case batch([HostName], isCanary: Bool, staying: Int)
        /// Hosts go back, or straight to the build, one after the other or side by side.
        case direct([HostName], staying: Int)
        /// It waits for somebody's approval.
        case approval
        /// It would turn back, or not begin.
        case setback(Setback)
    }

    /// What it is to bring about.
    public let plan: RolloutPlan
    /// What would be done.
    public private(set) var steps: [Step] = []
    /// Hosts that do not answer.
    public let silent: [RolloutError]
    /// Whether a host would be changed.
    public var hasChanges: Bool {
        steps.contains { step in
            switch step {
            case .batch(let hosts, _, _), .direct(let hosts, _): !hosts.isEmpty
            default: false
            }
        }
    }

    private var state: RolloutState
    private let seen: FleetObservation
    private var sequence: Int64
    /// The fewest members in service since the last batch was opened.
    private var fewest = Int.max
    private var moved: [HostName] = []
    /// How many batches were told.
    private var told = 0

    /// - Parameters:
    ///   - state: Where the rollout stands.
    ///   - seen: What hosts and balancers answered just now.
    ///   - holding: Which hosts have the release already.
    public init(_ state: RolloutState, _ seen: FleetObservation, holding: Set<HostName>) {
        plan = state.plan
        self.state = state
        self.seen = seen
        sequence = state.lastSequence
        silent = state.plan.hosts.compactMap { host in
            if case .silent(let error)? = seen.hosts[host] { error } else { nil }
        }
        if !state.isTurned || state.plan.kind.isDirect {
            let hosts = plan.hosts.filter { host in !silent.contains { $0.host == host } }
            steps = [.deliver(to: hosts.filter { !holding.contains($0) }, there: hosts.filter(holding.contains))]
        }
        walk()
    }

    private mutating func walk() {
        while sequence < 100_000 {
            let next = RolloutPlanner.next(state)
            if next.isEmpty {
                guard state.hold != nil else { break }
                pass(.requested(RolloutRequest(.approve, of: .anybody, id: "\(sequence)", by: "anybody")))
                continue
            }
            var actions: [RolloutAction] = []
            for step in next {
                switch step {
                case .record(let event): note(event)
                case .perform(let action):
                    pass(.intent(action))
                    actions.append(action)
                }
            }
            fewest = min(fewest, state.serving)
            for action in actions { end(action) }
        }
        close()
    }

    private mutating func note(_ event: RolloutEvent) {
        switch event {
        case .batchOpened, .finished: close()
        case .held: steps.append(.approval)
        case .turnedBack(let setback): steps.append(.setback(setback))
        case .halted(let halt): steps.append(.setback(halt.setback))
        default: break
        }
        pass(event)
    }

    private mutating func pass(_ event: RolloutEvent) {
        sequence += 1
        state.apply(RolloutEntry(sequence: sequence, at: Timestamp(milliseconds: sequence), event: event))
    }

    /// What was opened is told when it is known how many stayed.
    private mutating func close() {
        defer { (fewest, moved) = (state.serving, []) }
        let staying = fewest == .max ? state.serving : fewest
        if state.isTurned {
            if !moved.isEmpty { steps.append(.direct(moved, staying: staying)) }
        } else if let batch = state.batches.last, told < state.batches.count {
            told = state.batches.count
            steps.append(.batch(batch.hosts, isCanary: batch.isCanary, staying: staying))
        }
    }

    private mutating func end(_ action: RolloutAction) {
        switch action {
        case .observe(let host): sight(host, action)
        case .judge(let batch): pass(.judged(batch: batch, GateReport()))
        case .count: pass(.counted(Headcount(out: state.outOfService, elsewhere: state.elsewhere)))
        case .hook(let point, let host):
            if let hook = plan.hooks?.hook(at: point) { steps.append(.hook(point, hook, host)) }
            pass(.done(action, note: nil))
        case .activate(let host, _):
            if !moved.contains(host) { moved.append(host) }
            pass(.done(action, note: nil))
        default: pass(.done(action, note: nil))
        }
    }

    private mutating func sight(_ host: HostName, _ action: RolloutAction) {
        switch seen.hosts[host] {
        case .answered(let survey)?:
            var sighting = Observation(
                release: survey.release, digest: survey.digest, isServing: seen.balancers.isServing(host))
            sighting.isKeptOut = plan.keepsOut(host, seen.balancers) ? true : nil
            pass(.sighted(host, sighting))
        case .silent(var error)?:
            error.isServing = seen.balancers.isServing(host)
            pass(.failed(action, error))
        case nil: pass(.failed(action, RolloutError(.unreachable, host: host, "it was not asked", isServing: false)))
        }
    }
}

extension RolloutRequest.Subject {
    /// No rollout in particular.
    fileprivate static let anybody = Self(holder: "", startedAt: Timestamp(milliseconds: 0))

    fileprivate init(holder: String, startedAt: Timestamp) {
        self.holder = holder
        self.startedAt = startedAt
    }
}
