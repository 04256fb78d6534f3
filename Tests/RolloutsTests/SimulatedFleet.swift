import Fleet
import OrderedCollections
import Rollouts
import TestSupport

/// A fleet of values: hosts that run releases, and balancers that send them traffic or don't.
struct SimulatedFleet {
    struct Host {
        var release: ReleaseID?
        var isServing: Bool
        var isReachable = true
        /// What the host goes back to unless it is confirmed.
        var revertsTo: ReleaseID??
        var delivered: Set<ReleaseID> = []
    }

    var hosts: [HostName: Host] = [:]
    /// Releases whose service never becomes healthy.
    var faulty: Set<ReleaseID> = []
    /// Hosts on which no other build than the first becomes healthy.
    var ill: Set<String> = []
    /// What gates say of a batch that runs this release.
    var objections: [ReleaseID: Verdict] = [:]
    /// Releases that pass their check and end a moment later, again and again.
    var crashing: Set<ReleaseID> = []
    /// Hosts on which a release has no room.
    var full: Set<HostName> = []
    /// Hosts that vanish when this many more actions were done.
    var vanishing: [HostName: Int] = [:]
    /// When balancers stop to answer, and when they do again, in actions done.
    var silence: Range<Int> = 0..<0
    private var done = 0

    private var isSilent: Bool { silence.contains(done) }

    /// Does the action and says what came of it.
    mutating func perform(_ action: RolloutAction, _ state: RolloutState) -> RolloutEvent {
        done += 1
        for (host, left) in vanishing {
            vanishing[host] = left - 1
            guard left <= 0 else { continue }
            hosts[host]?.isReachable = false
            hosts[host]?.isServing = false
        }
        guard let name = action.host else { return judge(state, action) }
        guard var host = hosts[name] else { return .done(action, note: nil) }
        defer { hosts[name] = host }
        switch action {
        case .drain, .admit:
            if isSilent { return .failed(action, RolloutError(.balancer, host: name, "lb1: no answer")) }
        default: break
        }
        switch action {
        case .drain: host.isServing = false
        case _ where !host.isReachable:
            return .failed(action, RolloutError(.unreachable, host: name, "gone", isServing: host.isServing))
        case .observe: return .sighted(name, Observation(release: host.release, isServing: host.isServing))
        case .deliver(_, let release):
            if full.contains(name), host.release != release {
                return .failed(action, RolloutError(.command, host: name, "no room", isServing: host.isServing))
            }
            host.delivered.insert(release)
        case .activate(_, let release):
            let isForward = release == state.plan.build.release && !state.isGoingBack
            if isForward, host.release != release { host.revertsTo = .some(host.release) }
            if !isForward { host.revertsTo = nil }
            host.release = release
        case .check(_, let release), .confirm(_, let release):
            guard host.release == release else {
                return .failed(action, RolloutError(.reverted, host: name, "went back", isServing: host.isServing))
            }
            if case .confirm = action { host.revertsTo = nil }
            if faulty.contains(release) || (ill.contains(name.description) && release != Builds.one.release) {
                return .failed(action, RolloutError(.unhealthy, host: name, "500", isServing: host.isServing))
            }
        case .admit: host.isServing = true
        case .judge, .count, .hook, .units: break
        }
        return .done(action, note: nil)
    }

    private func judge(_ state: RolloutState, _ action: RolloutAction) -> RolloutEvent {
        guard case .judge(let batch) = action else { return count(state) }
        let members = state.batches[batch].hosts.filter { state.hosts[$0]?.fault == nil }
        for name in members {
            guard let release = hosts[name]?.release, crashing.contains(release) else { continue }
            let isServing = hosts[name]?.isServing
            return .failed(action, RolloutError(.unhealthy, host: name, "restarted once", isServing: isServing))
        }
        let verdict = objections[state.plan.build.release] ?? .pass
        return .judged(batch: batch, GateReport([.init(gate: "http", verdict: verdict, reason: "seen")]))
    }

    /// Who is in service, and who is not what it should be any more.
    private func count(_ state: RolloutState) -> RolloutEvent {
        if isSilent, let name = hosts.keys.min() {
            return .failed(.count, RolloutError(.balancer, host: name, "no balancer answers"))
        }
        var count = Headcount()
        for (name, progress) in state.hosts {
            guard let host = hosts[name] else { continue }
            if !host.isServing { count.out.append(name) }
            guard progress.fault == nil, !state.isGoingBack || state.plan.kind.isDirect else { continue }
            guard progress.phase == .settled || (progress.isServing && progress.batch == nil) else { continue }
            if !host.isReachable {
                count.faults.append(RolloutError(.unreachable, host: name, "gone", isServing: host.isServing))
            } else if progress.phase == .settled, !host.isServing || host.release != state.goal(of: name) {
                count.faults.append(RolloutError(.unhealthy, host: name, "ill", isServing: host.isServing))
            }
        }
        return .counted(count)
    }

    /// Every host that nobody confirmed goes back, as their timers have it.
    mutating func letTimersFire() {
        for (name, host) in hosts where host.isReachable {
            guard let before = host.revertsTo else { continue }
            hosts[name]?.release = before
            hosts[name]?.revertsTo = nil
        }
    }
}

/// Drives planner, state and a simulated fleet as a controller does, one entry at a time.
struct Simulation {
    var fleet: SimulatedFleet
    var plan: RolloutPlan
    var journal: [RolloutEntry] = []
    var random: Dice
    /// What persons ask when the journal has so many entries.
    var talk: [Int: RolloutRequest.Kind] = [:]
    /// After how many entries it is told that no host got further.
    var overdueAfter: Int?
    /// After how many batches gates begin to object.
    var objectsAfter: Int?
    /// What was done that breaks a rule.
    var breaches: [String] = []
    /// Of so many controllers one has nothing but the journal, which must come to what the one before it knew.
    var replayedEvery = 1
    private(set) var controllers = 0
    /// What the last controller knew.
    private var known: RolloutState?

    init(_ plan: RolloutPlan, _ fleet: SimulatedFleet, seed: UInt64) {
        self.plan = plan
        self.fleet = fleet
        random = Dice(seed)
    }

    enum End: Equatable { case finished(RolloutOutcome), stopped, held, halted, crashed, endless }

    /// Goes on from the journal until the rollout ends, or the controller dies after `entries` more entries.
    mutating func run(dyingAfter entries: Int = .max, isStopping: Bool = false) -> End {
        var state = takeUp()
        defer { known = state }
        var written = 0
        write(journal.isEmpty ? .started(plan) : .resumed, &state, &written)
        var running: [RolloutAction] = []
        while written < 10_000 {
            let steps = RolloutPlanner.next(state, isStopping: isStopping)
            for step in steps {
                if written >= entries { return die(running, state) }
                switch step {
                case .record(let event): write(event, &state, &written)
                case .perform(let action):
                    watch(action, state)
                    write(.intent(action), &state, &written)
                    running.append(action)
                }
            }
            if let outcome = state.outcome { return .finished(outcome) }
            if running.isEmpty {
                if steps.isEmpty { return Self.standstill(state) }
                continue
            }
            let action = running.remove(at: Int.random(in: running.indices, using: &random))
            if case .judge(let batch) = action, let objectsAfter, batch >= objectsAfter {
                fleet.objections[plan.build.release] = .fail
            }
            let event = fleet.perform(action, state)
            if written >= entries { return die(running, state) }
            write(event, &state, &written)
        }
        return .endless
    }

    private mutating func takeUp() -> RolloutState {
        controllers += 1
        guard var state = known else { return replayed }
        known = nil
        for entry in journal.dropFirst(Int(state.lastSequence)) { state.apply(entry) }
        if controllers.isMultiple(of: replayedEvery), state != replayed {
            breaches.append("controller \(controllers) cannot know from the journal what the one before it knew")
        }
        return state
    }

    /// What the journal comes to.
    private var replayed: RolloutState {
        var state = RolloutState(plan)
        for entry in journal { state.apply(entry) }
        return state
    }

    /// Where the rollout stands, as the last controller knew.
    var state: RolloutState { known ?? replayed }

    /// The journal's end, for whoever looks into a breach.
    var story: String { journal.suffix(80).map { "\($0.sequence) \($0.event)" }.joined(separator: "\n") }

    private static func standstill(_ state: RolloutState) -> End {
        state.halt != nil ? .halted : state.hold != nil ? .held : .stopped
    }

    /// A person says something while nobody drives it.
    mutating func say(_ kind: RolloutRequest.Kind) { journal.append(entry(of: .requested(request(kind)))) }

    private func request(_ kind: RolloutRequest.Kind) -> RolloutRequest {
        let run = RunRecord(
            id: RunID(1), kind: .rollout, stage: plan.stage, holder: "me", startedAt: Timestamp(milliseconds: 0))
        return RolloutRequest(kind, of: .init(run), id: "\(journal.count)", by: "me")
    }

    private func entry(of event: RolloutEvent) -> RolloutEntry {
        RolloutEntry(
            sequence: Int64(journal.count + 1), at: Timestamp(milliseconds: Int64(journal.count)), event: event)
    }

    /// Actions in flight at the controller's death may have been done or not.
    private mutating func die(_ running: [RolloutAction], _ state: RolloutState) -> End {
        for action in running where Bool.random(using: &random) { _ = fleet.perform(action, state) }
        return .crashed
    }

    private mutating func write(_ event: RolloutEvent, _ state: inout RolloutState, _ written: inout Int) {
        let entry = entry(of: event)
        journal.append(entry)
        state.apply(entry)
        written += 1
        if let kind = talk.removeValue(forKey: journal.count), state.outcome == nil {
            write(.requested(request(kind)), &state, &written)
        }
        if let overdueAfter, journal.count >= overdueAfter, state.outcome == nil, !state.isTurned, state.halt == nil {
            self.overdueAfter = nil
            write(.overdue(.seconds(600)), &state, &written)
        }
    }

    /// Whether a host that is to take the build was not brought it.
    private func lacksTheBuild(_ name: HostName, _ state: RolloutState) -> Bool {
        guard let host = fleet.hosts[name], state.hosts[name]?.fault == nil, host.isReachable else { return false }
        let release = plan.build.release
        return host.release != release && !host.delivered.contains(release)
    }

    private func lacks(_ tier: TierPlan, without host: HostName, _ state: RolloutState) -> Bool {
        let serving = tier.hosts.count { name in
            fleet.hosts[name]?.isServing == true && fleet.hosts[name]?.isReachable == true
                && state.hosts[name]?.isServing == true
        }
        return tier.hosts.contains(host) && serving - 1 < tier.floor
    }

    private mutating func watch(_ action: RolloutAction, _ state: RolloutState) {
        switch action {
        case .drain(let host) where fleet.hosts[host]?.isServing == true && fleet.hosts[host]?.isReachable == true:
            let serving = fleet.hosts.count { name, host in
                host.isServing && state.hosts[name]?.isServing == true
            }
            // Going back may take a build that failed out of service; what is good is never taken for capacity's sake.
            let isTakenBack = (state.isGoingBack || state.halt != nil) && !plan.kind.isDirect
            let isBad = state.hosts[host]?.fault != nil && state.hasToGo(host)
            let isShort =
                plan.tiers.map { $0.contains { lacks($0, without: host, state) } } ?? (serving - 1 < plan.floor)
            if isShort, !isTakenBack, !isBad {
                breaches.append(
                    "entry \(journal.count + 1) drains \(host) below the floor: \(serving) of \(plan.floor)")
            }
            if fleet.hosts.contains(where: { name, _ in lacksTheBuild(name, state) }), !state.isGoingBack,
                state.batches.count == 1, state.hosts[host]?.fault == nil, state.halt == nil,
                !journal.contains(where: { $0.event == .resumed })
            {
                breaches.append("drains \(host) before the build is everywhere")
            }
        case .admit(let host) where state.isGoingBack && !plan.kind.isDirect && state.hasToGo(host):
            let release = fleet.hosts[host]?.release
            if release == plan.build.release { breaches.append("admits \(host) with the build that failed") }
        case .activate(let host, _):
            if fleet.hosts[host]?.isServing == true { breaches.append("switches \(host) under traffic") }
        default: break
        }
    }
}
