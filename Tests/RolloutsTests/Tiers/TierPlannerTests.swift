import Fleet
import TestSupport
import Testing

@testable import Rollouts

/// Which tier's hosts a rollout takes, and how many of them; a failing seed is the name of its case.
@Suite struct TierPlannerTests {
    @Test func tiersGoOneAfterAnotherEachWithItsCanary() throws {
        var simulation = try Self.simulation(ap: 3, worker: 2)
        #expect(simulation.run() == .finished(.succeeded))
        let batches = RolloutState(replaying: simulation.journal)?.batches ?? []
        let names = batches.map { ($0.isCanary ? "canary " : "") + $0.hosts.map(\.description).joined(separator: " ") }
        #expect(names == ["canary worker1", "worker2", "canary ap1", "ap2", "ap3"])
        #expect(simulation.breaches == [])
        // The build is everywhere before the first tier is touched.
        let deliveries = simulation.places { if case .done(.deliver, _) = $0 { true } else { false } }
        let drains = simulation.places { if case .intent(.drain) = $0 { true } else { false } }
        #expect(deliveries.count == 5 && (deliveries.last ?? .max) < (drains.first ?? 0))
    }

    /// Hosts of another tier do other work: what they answer says nothing of a batch.
    @Test func aBatchIsComparedWithTheRestOfItsTier() throws {
        var simulation = try Self.simulation(ap: 3, worker: 2)
        #expect(simulation.run() == .finished(.succeeded))
        for (batch, rest) in [(0, ["worker2"]), (1, []), (2, ["ap2", "ap3"]), (3, ["ap3"]), (4, [])] {
            let place = try #require(simulation.places { $0 == .intent(.judge(batch: batch)) }.first)
            let state = try #require(RolloutState(replaying: Array(simulation.journal.prefix(place))))
            let watch = state.watch(over: state.batches[batch].hosts, batch)
            #expect(watch.rest.map(\.description) == rest && watch.hasForerunner)
            #expect(watch.isBalanced == (batch > 1))
            #expect(watch.earlier.count == [0, 1, 0, 1, 2][batch])
        }
    }

    @Test func aTierThatFailsTakesTheOnesBeforeItBack() throws {
        var simulation = try Self.simulation(ap: 3, worker: 2, order: ["ap", "worker"])
        simulation.fleet.ill = ["worker1"]
        #expect(simulation.run() == .finished(.rolledBack))
        #expect(simulation.breaches == [])
        #expect(simulation.fleet.hosts.values.allSatisfy { $0.release == Builds.one.release && $0.isServing })
        let back = simulation.journal.drop { if case .turnedBack = $0.event { false } else { true } }
        let activated = back.compactMap { entry -> String? in
            if case .intent(.activate(let host, _)) = entry.event { host.description } else { nil }
        }
        #expect(Set(activated) == ["worker1", "ap1", "ap2", "ap3"])
    }

    @Test func aTierBeforeOneThatFailsIsTheOnlyOneTouched() throws {
        var simulation = try Self.simulation(ap: 3, worker: 2)
        simulation.fleet.ill = ["worker1"]
        #expect(simulation.run() == .finished(.rolledBack))
        let touched = simulation.journal.compactMap { entry -> HostName? in
            if case .intent(.drain(let host)) = entry.event { host } else { nil }
        }
        #expect(Set(touched.map(\.description)) == ["worker1"])
    }

    @Test func aTierThatIsShortIsNamed() throws {
        var simulation = try Self.simulation(ap: 3, worker: 2, minimum: 2)
        #expect(simulation.run() == .finished(.failed))
        let setback = simulation.journal.compactMap { entry -> Setback? in
            if case .turnedBack(let setback) = entry.event { setback } else { nil }
        }.first
        let words = "tier worker: 2 of 2 hosts in service, and at least 2 must stay so"
        #expect(setback?.description == words)
        #expect(simulation.breaches == [])
    }

    /// A host in two tiers is changed with the first of them, and each of them has to be able to spare it.
    @Test func aHostOfTwoTiersIsChangedOnceAndCountsInBoth() throws {
        var simulation = try Self.simulation(ap: 3, worker: 1, shared: "ap2")
        #expect(simulation.run() == .finished(.succeeded))
        #expect(simulation.breaches == [])
        let switched = simulation.journal.compactMap { entry -> String? in
            if case .intent(.activate(let host, _)) = entry.event { host.description } else { nil }
        }
        #expect(switched == ["worker1", "ap2", "ap1", "ap3"])
    }

    @Test(arguments: 0..<400 as Range<UInt64>)
    func noTierGoesBelowItsFloor(seed: UInt64) throws {
        var simulation = try Self.any(seed: seed)
        var random = Dice(seed &+ 3)
        if Bool.random(using: &random) {
            let moment = Int.random(in: 2...60, using: &random)
            if simulation.run(dyingAfter: moment) == .crashed, Bool.random(using: &random) {
                simulation.fleet.letTimersFire()
            }
        }
        guard simulation.journal.last.map({ if case .finished = $0.event { false } else { true } }) ?? true else {
            return
        }
        guard case .finished(let outcome) = simulation.run() else {
            Issue.record("seed \(seed) does not end")
            return
        }
        #expect(simulation.breaches == [])
        let target = simulation.plan.build.release
        let faulted = Set(RolloutState(replaying: simulation.journal)?.faulted ?? [])
        for (name, host) in simulation.fleet.hosts where host.isServing && host.isReachable {
            if outcome == .succeeded { #expect(host.release == target || faulted.contains(name), "\(name)") }
            if outcome == .rolledBack { #expect(host.release != target, "\(name)") }
        }
    }

    /// What a journal of one pool holds says nothing of tiers, and one of tiers says all of them again.
    @Test func plansAreWrittenAndReadWithAndWithoutTiers() throws {
        let plan = try Self.simulation(ap: 1, worker: 1).plan
        #expect(try Coding.roundTrip(plan) == plan)
        var one = plan
        one.tiers = nil
        let text = NoteJSON.text(one)
        #expect(!text.contains("tiers") && !text.contains("isBalanced"))
    }

    // MARK: fleets

    private static func simulation(
        ap: Int, worker: Int, order: [String] = ["worker", "ap"], minimum: Int? = nil, shared: String? = nil
    ) throws -> Simulation {
        var groups: [String: [HostName]] = [:]
        for (name, count) in [("ap", ap), ("worker", worker)] {
            groups[name] = try (0..<count).map { try HostName("\(name)\($0 + 1)") }
        }
        if let shared { groups["worker"]?.append(try HostName(shared)) }
        let tiers = order.map { name in
            TierPlan(
                name, hosts: groups[name] ?? [],
                policy: RolloutPolicy(canary: 1, batch: .hosts(1), minimumInService: name == "worker" ? minimum : nil),
                isBalanced: name == "ap")
        }
        return Simulation.over(tiers, seed: 1)
    }

    private static func any(seed: UInt64) throws -> Simulation {
        var random = Dice(seed)
        var tiers: [TierPlan] = []
        for index in 0..<Int.random(in: 1...4, using: &random) {
            var hosts = try (0..<Int.random(in: 1...5, using: &random)).map { try HostName("t\(index)h\($0)") }
            if let other = tiers.last?.hosts.first, Int.random(in: 0..<3, using: &random) == 0 { hosts.append(other) }
            let policy = RolloutPolicy(
                canary: .hosts(Int.random(in: 0...2, using: &random)),
                batch: .percent([25, 50, 100].randomElement(using: &random) ?? 50),
                budget: 0)
            tiers.append(TierPlan("t\(index)", hosts: hosts, policy: policy, isBalanced: Bool.random(using: &random)))
        }
        var simulation = Simulation.over(tiers, seed: seed, budget: Int.random(in: 0...2, using: &random))
        for name in simulation.plan.hosts {
            if Int.random(in: 0..<12, using: &random) == 0 { simulation.fleet.hosts[name]?.isReachable = false }
            if Int.random(in: 0..<12, using: &random) == 0 { simulation.fleet.ill.insert(name.description) }
            if Int.random(in: 0..<15, using: &random) == 0 { simulation.fleet.hosts[name]?.isServing = false }
        }
        if let victim = simulation.plan.hosts.randomElement(using: &random), Int.random(in: 0..<4, using: &random) == 0
        {
            simulation.fleet.vanishing[victim] = Int.random(in: 0..<60, using: &random)
        }
        return simulation
    }
}

extension Simulation {
    /// A rollout over tiers whose hosts all run the build before.
    static func over(_ tiers: [TierPlan], seed: UInt64, budget: Int = 0) -> Simulation {
        var hosts: [HostName] = []
        for tier in tiers { hosts += tier.hosts.filter { !hosts.contains($0) } }
        var fleet = SimulatedFleet()
        for host in hosts { fleet.hosts[host] = .init(release: Builds.one.release, isServing: true) }
        var plan = RolloutPlan(
            stage: "production", build: Builds.two, baseline: Builds.one.release, hosts: hosts,
            policy: RolloutPolicy(budget: budget))
        plan.tiers = tiers
        return Simulation(plan, fleet, seed: seed &+ 7)
    }

    fileprivate func places(_ isMeant: (RolloutEvent) -> Bool) -> [Int] {
        journal.indices.filter { isMeant(journal[$0].event) }
    }
}
