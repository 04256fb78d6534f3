import Fleet
import Foundation
import Rollouts
import TestSupport
import Testing

/// Rules that hold whatever persons, the clock, balancers and hosts do to a rollout, and wherever its controllers die. Each
/// case tries many seeds; a failing one is named.
@Suite struct RolloutControlPropertyTests {
    /// Two thousand seeds; ten thousand where there is time.
    private static let hundreds =
        0..<(ProcessInfo.processInfo.environment["DROVER_LONG_TESTS"] == "1" ? 100 : 20) as Range<UInt64>

    /// How often somebody has to take a rollout up before it counts as endless.
    private static let mostTurns = 24

    @Test(arguments: hundreds)
    func everyRolloutEndsOrWaitsForAPersonWithoutBreakingARule(hundred: UInt64) throws {
        for seed in hundred * 100..<hundred * 100 + 100 {
            var simulation = try Simulation.disturbed(seed: seed)
            simulation.replayedEvery = 8
            let end = Self.driveToItsEnd(&simulation, seed)
            #expect(simulation.breaches == [], "seed \(seed): \(simulation.plan)\n\(simulation.story)")
            guard case .finished(let outcome) = end else {
                Issue.record("seed \(seed) ended as \(end)")
                continue
            }
            Self.expectOneBuild(simulation, outcome, seed)
        }
    }

    /// Takes it up again whenever it stands still or its controller died, as persons would.
    private static func driveToItsEnd(_ simulation: inout Simulation, _ seed: UInt64) -> Simulation.End {
        var random = Dice(seed &+ 31)
        var end = Simulation.End.endless
        for turn in 0..<mostTurns {
            // After a while nobody interferes any more.
            if turn > 10 { (simulation.talk, simulation.overdueAfter) = ([:], nil) }
            end = simulation.run(
                dyingAfter: turn < 4 && Bool.random(using: &random) ? Int.random(in: 1..<60, using: &random) : .max,
                isStopping: turn < 8 && Int.random(in: 0..<10, using: &random) == 0)
            switch end {
            case .finished: return end
            case .held where turn > 10 || Int.random(in: 0..<6, using: &random) > 0: simulation.say(.approve)
            case .held: simulation.say(.abort)
            case .halted where turn > 14: simulation.say(.abort)
            case .crashed where Bool.random(using: &random): simulation.fleet.letTimersFire()
            case .halted, .crashed, .stopped, .endless: break
            }
        }
        return end
    }

    /// Nobody gets traffic of two builds, but from hosts that are named.
    private static func expectOneBuild(_ simulation: Simulation, _ outcome: RolloutOutcome, _ seed: UInt64) {
        let target = simulation.plan.build.release
        let faulted = simulation.state.faulted
        for (name, host) in simulation.fleet.hosts where host.isServing && host.isReachable {
            switch outcome {
            case .succeeded: #expect(host.release == target || faulted.contains(name), "seed \(seed): \(name)")
            case .rolledBack: #expect(host.release != target, "seed \(seed): \(name)")
            case .failed, .rollbackFailed:
                #expect(host.release != target || faulted.contains(name), "seed \(seed): \(name)")
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>, [RolloutPolicy.FailureResponse.stop, .rollbackBatch])
    func aFailedBatchAloneLeavesTheOthersAsTheyAre(
        seed: UInt64, response: RolloutPolicy.FailureResponse
    ) throws {
        var simulation = try Simulation.any(seed: seed, isHealthy: true)
        simulation.plan.policy.onFailure = response
        simulation.objectsAfter = 1
        simulation.fleet.objections[simulation.plan.build.release] = .pass
        let end = simulation.run()
        let target = simulation.plan.build.release
        guard end == .halted else {
            #expect(end == .finished(.succeeded), "there was one batch")
            return
        }
        let state = try #require(RolloutState(replaying: simulation.journal))
        #expect(simulation.breaches == [])
        #expect(state.batches.count == 2)
        for name in state.batches[0].hosts {
            #expect(simulation.fleet.hosts[name]?.release == target && simulation.fleet.hosts[name]?.isServing == true)
        }
        for name in state.batches[1].hosts {
            let host = try #require(simulation.fleet.hosts[name])
            #expect(host.isServing == (response == .rollbackBatch), "\(name)")
            if host.isServing { #expect(host.release != target, "\(name)") }
        }
        simulation.objectsAfter = nil
        simulation.fleet.objections = [:]
        #expect(simulation.run() == .finished(.succeeded), "whoever resumes it tries again")
        #expect(simulation.fleet.hosts.values.allSatisfy { $0.release == target && $0.isServing })
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func aPauseTakesEffectBetweenBatchesAndLeavesNoHostHalfDone(seed: UInt64) throws {
        for moment in stride(from: 1 + Int(seed % 7), to: 200, by: 17) {
            var simulation = try Simulation.any(seed: seed, isHealthy: true)
            simulation.talk = [moment: .pause]
            let end = simulation.run()
            #expect(end == .held || end == .finished(.succeeded), "paused at \(moment)")
            #expect(simulation.fleet.hosts.values.allSatisfy { $0.isServing && $0.revertsTo == nil }, "at \(moment)")
            guard end == .held else { return }
            simulation.talk = [:]
            #expect(simulation.run() == .finished(.succeeded), "resumed")
        }
    }

    @Test(arguments: RolloutPolicy.ApprovalPoint.allCases, 0..<10 as Range<UInt64>)
    func approvalIsWaitedForOnlyAfterTheGates(point: RolloutPolicy.ApprovalPoint, seed: UInt64) throws {
        var simulation = try Simulation.any(seed: seed, isHealthy: true)
        simulation.plan.policy.approval = point
        var waits = 0
        var end = simulation.run()
        while end == .held, waits < 50 {
            waits += 1
            let state = try #require(RolloutState(replaying: simulation.journal))
            #expect(state.batches.allSatisfy { $0.report?.verdict == .pass })
            #expect(state.hostsInHand.isEmpty)
            simulation.say(.approve)
            end = simulation.run()
        }
        let batches = try #require(RolloutState(replaying: simulation.journal)).batches.count
        #expect(end == .finished(.succeeded))
        switch point {
        case .canary: #expect(waits == (batches > 1 ? 1 : 0))
        case .batch: #expect(waits == batches - 1)
        case .end: #expect(waits == 1)
        }
        var failing = try Simulation.any(seed: seed, isHealthy: true)
        failing.plan.policy.approval = point
        failing.fleet.objections[failing.plan.build.release] = .fail
        #expect(failing.run() == .finished(.rolledBack), "a failing gate wins over a waiting one")
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func aMigrationRunsOnceBeforeAnyHostIsChanged(seed: UInt64) throws {
        for moment in stride(from: 1 + Int(seed % 5), to: 120, by: 15) {
            var simulation = try Simulation.any(seed: seed, isHealthy: true)
            simulation.plan.hooks = RolloutHooks(once: RolloutHooks.Hook("migrate", undo: "back", isIdempotent: true))
            if simulation.run(dyingAfter: moment) == .crashed { #expect(simulation.run() == .finished(.succeeded)) }
            let events = simulation.journal.map(\.event)
            let done = events.indices.filter { index in
                if case .done(.hook(.once, _), _) = events[index] { true } else { false }
            }
            #expect(done.count == 1, "died at \(moment)")
            let drained = events.firstIndex { event in
                if case .intent(.drain) = event { true } else { false }
            }
            #expect(drained.map { done[0] < $0 } ?? true)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func whatAMigrationDidIsTakenBackAfterTheHosts(seed: UInt64) throws {
        var simulation = try Simulation.any(seed: seed, isHealthy: true)
        simulation.plan.hooks = RolloutHooks(once: RolloutHooks.Hook("migrate", undo: "back"))
        simulation.fleet.objections[simulation.plan.build.release] = .fail
        #expect(simulation.run() == .finished(.rolledBack))
        let events = simulation.journal.map(\.event)
        let undone = try #require(
            events.firstIndex { event in
                if case .done(.hook(.undo, _), _) = event { true } else { false }
            })
        let admitted = try #require(
            events.lastIndex { event in
                if case .done(.admit, _) = event { true } else { false }
            })
        #expect(admitted < undone)
        var blocked = try Simulation.any(seed: seed, isHealthy: true)
        blocked.plan.hooks = RolloutHooks(once: RolloutHooks.Hook("migrate"))
        blocked.fleet.objections[blocked.plan.build.release] = .fail
        #expect(blocked.run() == .halted, "nothing goes back over what has no way back")
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func theForecastIsWhatHappens(seed: UInt64) throws {
        var simulation = try Simulation.any(seed: seed, isHealthy: true)
        let hosts = simulation.fleet.hosts.mapValues { host in
            HostObservation.answered(HostSurvey(release: host.release))
        }
        let running = simulation.fleet.hosts.map { name, host in
            RunningMember(host: name, address: "10.0.0.1", port: 80, state: host.isServing ? .up : .down)
        }
        let view = BalancerView(balancer: try HostName("lb1"), running: running)
        let forecast = RolloutForecast(
            RolloutState(simulation.plan), FleetObservation(hosts: hosts, balancers: [view]), holding: [])
        #expect(simulation.run() == .finished(.succeeded))
        let opened = simulation.journal.compactMap { entry -> [HostName]? in
            if case .batchOpened(let hosts, _) = entry.event { hosts } else { nil }
        }
        let foreseen = forecast.steps.compactMap { step -> (hosts: [HostName], staying: Int)? in
            if case .batch(let hosts, _, let staying) = step { (hosts, staying) } else { nil }
        }
        #expect(foreseen.map(\.hosts) == opened)
        #expect(foreseen.allSatisfy { $0.staying >= simulation.plan.floor })
    }
}

extension Simulation {
    /// Any fleet, with whatever can happen to a rollout.
    static func disturbed(seed: UInt64) throws -> Simulation {
        var simulation = try Simulation.any(seed: seed, isHealthy: seed.isMultiple(of: 3))
        var random = Dice(seed &+ 17)
        var policy = simulation.plan.policy
        policy.batches =
            [[1, 5, .percent(25)], [.percent(10), .percent(50)], [2]].randomElement(using: &random) ?? [1]
        if Bool.random(using: &random) { policy.canary = .percent(10) }
        if Bool.random(using: &random) {
            policy.maxUnavailable =
                Bool.random(using: &random) ? .percent(25) : .hosts(Int.random(in: 1...3, using: &random))
        }
        policy.onFailure = RolloutPolicy.FailureResponse.allCases.randomElement(using: &random) ?? .rollback
        policy.approval = ([nil] + RolloutPolicy.ApprovalPoint.allCases).randomElement(using: &random) ?? nil
        simulation.plan.policy = policy
        if Int.random(in: 0..<3, using: &random) == 0 {
            simulation.plan.hooks = RolloutHooks(
                once: RolloutHooks.Hook("migrate", undo: Bool.random(using: &random) ? "back" : nil))
        }
        for kind in RolloutRequest.Kind.allCases where Int.random(in: 0..<4, using: &random) == 0 {
            simulation.talk[Int.random(in: 1..<120, using: &random)] = kind
        }
        if Int.random(in: 0..<6, using: &random) == 0 {
            simulation.overdueAfter = Int.random(in: 5..<80, using: &random)
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            let from = Int.random(in: 0..<80, using: &random)
            simulation.fleet.silence = from..<(from + Int.random(in: 1..<12, using: &random))
        }
        if let victim = simulation.plan.hosts.randomElement(using: &random), Int.random(in: 0..<3, using: &random) == 0
        {
            simulation.fleet.vanishing[victim] = Int.random(in: 0..<80, using: &random)
        }
        return simulation
    }
}
