import Fleet
import OrderedCollections
import Rollouts
import Synchronization
import TestSupport
import Testing

/// Two balancers as values, of which the second stops answering.
private final class TwoBalancers: TrafficControl {
    struct Inside: Sendable {
        var serving: [HostName: Set<HostName>] = [:]
        var leftOut: Set<HostName> = []
        /// Calls until lb2 is silent.
        var callsLeft: Int
    }

    let pool: Pool
    let balancers: [HostName]
    private let inside: Mutex<Inside>

    init(_ pool: Pool, silentAfter calls: Int) throws {
        self.pool = pool
        balancers = [try HostName("lb1"), try HostName("lb2")]
        let hosts = Set(pool.members.map(\.host))
        inside = Mutex(
            Inside(serving: Dictionary(uniqueKeysWithValues: balancers.map { ($0, hosts) }), callsLeft: calls))
    }

    var survivor: Set<HostName> { inside.withLock { $0.serving[balancers[0]] ?? [] } }
    var leftOut: Set<HostName> { inside.withLock { $0.leftOut } }

    func observe() async -> [BalancerView] {
        inside.withLock { inside in
            balancers.map { balancer in
                guard !inside.leftOut.contains(balancer) else {
                    var view = BalancerView(balancer: balancer, fault: "left out")
                    view.isLeftOut = true
                    return view
                }
                if balancer == balancers[1], inside.callsLeft <= 0 {
                    return BalancerView(balancer: balancer, fault: "no answer")
                }
                let running = pool.members.map { member in
                    RunningMember(
                        host: member.host, address: member.address, port: member.port,
                        state: inside.serving[balancer]?.contains(member.host) == true ? .up : .draining)
                }
                return BalancerView(balancer: balancer, running: running, configured: pool.members)
            }
        }
    }

    func establish() async throws(TrafficError) {}
    func remove(_ host: HostName) async throws(TrafficError) {}
    func rename(_ old: HostName, to member: PoolMember, patience: Duration) async throws(TrafficError) {}

    func admit(_ member: PoolMember, patience: Duration) async throws(TrafficError) {
        try move { $0.insert(member.host) }
    }

    func drain(_ host: HostName, patience: Duration) async throws(TrafficError) -> Int {
        try move { $0.remove(host) }
        return 0
    }

    func leaveOut(_ balancer: HostName, reason: String) async -> LeavingOut {
        inside.withLock { inside in
            if inside.leftOut.contains(balancer) { return .already }
            guard inside.leftOut.count + 1 < balancers.count else { return .impossible }
            inside.leftOut.insert(balancer)
            return .done
        }
    }

    /// Each balancer that answers is changed, and the error tells of the one that does not, as the driver does it.
    private func move(_ change: (inout Set<HostName>) -> Void) throws(TrafficError) {
        let isSilent = inside.withLock { inside in
            inside.callsLeft -= 1
            change(&inside.serving[balancers[0], default: []])
            guard !inside.leftOut.contains(balancers[1]) else { return false }
            if inside.callsLeft < 0 { return true }
            change(&inside.serving[balancers[1], default: []])
            return false
        }
        if isSilent { throw TrafficError(.unreachable, balancer: balancers[1], "no answer") }
    }
}

@Suite struct LostBalancerTests {
    /// A rollout over three hosts in which lb2 falls silent after so many changes of traffic.
    @Test(arguments: 0..<6, [RolloutPlan.Kind.rollout, .rollback, .convergence])
    func theSurvivorEndsWithAllThatItHad(_ calls: Int, _ kind: RolloutPlan.Kind) async throws {
        let hosts = try RolloutRunnerTests.hosts(3)
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        let traffic = try TwoBalancers(fleet.pool, silentAfter: calls)
        let journal = RolloutRunnerTests.Journal()
        let plan = RolloutRunnerTests.plan(hosts, kind)
        let runner = RolloutRunner(
            releases: fleet, traffic: traffic, record: { event in journal.record(event) }, clock: TestClock())
        var state = RolloutState(plan)
        state.apply(journal.record(.started(plan)))
        state = try await runner.run(from: state)

        #expect(traffic.survivor == Set(hosts))
        let builds = Set(hosts.compactMap { host in fleet.inside.withLock { $0.current[host] } })
        #expect(builds.count == 1)
        // At the first drain no host has been switched yet.
        let undone: RolloutOutcome = calls == 0 ? .failed : .rolledBack
        #expect(state.outcome == (kind == .rollout ? undone : .succeeded))
        let told = journal.all.compactMap { entry -> HostName? in
            if case .balancerLeftOut(let balancer, _) = entry.event { balancer } else { nil }
        }
        #expect(told == [try HostName("lb2")])
    }

    @Test func theLastBalancerIsNotLeftOut() async throws {
        let hosts = try RolloutRunnerTests.hosts(2)
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        let traffic = try TwoBalancers(fleet.pool, silentAfter: 0)
        #expect(await traffic.leaveOut(try HostName("lb1"), reason: "off") == .done)
        let runner = RolloutRunner(
            releases: fleet, traffic: traffic,
            record: { [journal = RolloutRunnerTests.Journal()] event in journal.record(event) },
            clock: TestClock())
        let state = try await runner.run(from: RolloutState(RolloutRunnerTests.plan(hosts, .rollback)))
        #expect(state.outcome == .rollbackFailed)
        #expect(traffic.leftOut.count == 1)
    }

    @Test func aBalancerThatIsLeftOutIsRememberedWithItsReason() async throws {
        let journal = MemoryJournal()
        let ledger = RolloutLedger(journal: journal, holder: "me@here", now: { Timestamp(milliseconds: 5) })
        let lease = try await journal.acquireLease(
            stage: "production", holder: "me", timeToLive: .seconds(30), now: Timestamp(milliseconds: 0))
        let plan = RolloutRunnerTests.plan(try RolloutRunnerTests.hosts(1))
        let rollout = try await ledger.begin(plan, under: lease)
        let lb2 = try HostName("lb2")
        _ = try await ledger.record(.balancerLeftOut(lb2, reason: "new disks"), in: rollout.run.id, under: lease)
        let remembered = try await journal.leftOut(stage: "production")
        #expect(
            remembered == [
                LeftOutBalancer(
                    stage: "production", balancer: lb2, reason: "new disks", by: "me@here",
                    since: Timestamp(milliseconds: 5))
            ])
        let entries = try await ledger.entries(of: rollout.run.id)
        #expect(entries.last?.event == .balancerLeftOut(lb2, reason: "new disks"))
        #expect(RolloutState(replaying: entries)?.outcome == nil)
    }

    @Test func aBalancerThatIsLeftOutDoesNotStopAPlan() throws {
        let hosts = try RolloutRunnerTests.hosts(1)
        let pool = RecordingFleet(hosts, running: Builds.one.release).pool
        var view = BalancerView(balancer: try HostName("lb2"), fault: "left out: new disks")
        #expect(
            !FleetPlanner.plan(pool, build: nil, sight: FleetObservation(hosts: [:], balancers: [view])).silentBalancers
                .isEmpty)
        view.isLeftOut = true
        #expect(
            FleetPlanner.plan(pool, build: nil, sight: FleetObservation(hosts: [:], balancers: [view])).silentBalancers
                .isEmpty)
    }
}

@Suite struct MovedMemberTests {
    /// The steps of a convergence of hosts that run the build and serve at another port.
    private func steps(_ count: Int, minimum: Int? = nil, checkFails: Bool = false) throws -> (
        calls: [String], RolloutState
    ) {
        let hosts = try RolloutRunnerTests.hosts(count)
        let plan = RolloutPlan(
            stage: "production", kind: .convergence, build: Builds.two, hosts: hosts,
            policy: RolloutPolicy(minimumInService: minimum))
        var state = RolloutState(plan)
        var calls: [String] = []
        var sequence: Int64 = 0
        func write(_ event: RolloutEvent) {
            sequence += 1
            state.apply(RolloutEntry(sequence: sequence, at: Timestamp(milliseconds: sequence), event: event))
        }
        write(.started(plan))
        for _ in 0..<100 {
            let steps = RolloutPlanner.next(state)
            if steps.isEmpty { break }
            for step in steps {
                switch step {
                case .record(let event): write(event)
                case .perform(let action):
                    write(.intent(action))
                    guard action != .count else {
                        write(.counted(Headcount(out: state.outOfService)))
                        continue
                    }
                    let host = try #require(action.host)
                    calls.append("\(action.verb.rawValue) \(host) \(state.serving)")
                    switch action {
                    case .observe:
                        write(
                            .sighted(host, Observation(release: Builds.two.release, isServing: true, isElsewhere: true))
                        )
                    case .check where checkFails:
                        write(.failed(action, RolloutError(.unhealthy, host: host, "refused", isServing: true)))
                    default: write(.done(action, note: nil))
                    }
                }
            }
        }
        return (calls, state)
    }

    @Test func membersMoveAfterTheyAnswerAtTheNewPlaceAndWithinTheFloor() throws {
        let (calls, state) = try steps(3, minimum: 2)
        #expect(state.outcome == .succeeded)
        #expect(state.serving == 3)
        for host in ["ap1", "ap2", "ap3"] {
            let own = calls.filter { $0.contains(host) }.map { $0.split(separator: " ")[0] }
            #expect(own == ["observe", "check", "drain", "admit"])
        }
        #expect(calls.filter { $0.hasPrefix("drain") }.allSatisfy { $0.hasSuffix(" 2") }, "\(calls)")
    }

    @Test func membersThatDoNotAnswerAtTheNewPlaceStayWhereTheyServe() throws {
        let (calls, state) = try steps(3, checkFails: true)
        #expect(state.outcome == .failed)
        #expect(state.serving == 3)
        #expect(!calls.contains { $0.hasPrefix("drain") || $0.hasPrefix("admit") || $0.hasPrefix("activate") })
    }
}
