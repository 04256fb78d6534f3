import Fleet
import Rollouts
import TestSupport
import Testing

/// Rules that hold for every fleet; a failing seed is the name of its case.
@Suite struct RolloutPropertyTests {
    @Test(arguments: 0..<150 as Range<UInt64>)
    func endsWithoutBreakingARule(seed: UInt64) throws {
        var simulation = try Simulation.any(seed: seed, isHealthy: false)
        let end = simulation.run()
        #expect(simulation.breaches == [])
        guard case .finished(let outcome) = end else {
            Issue.record("seed \(seed) ended as \(end)")
            return
        }
        let target = simulation.plan.build.release
        let faulted = RolloutState(replaying: simulation.journal)?.faulted ?? []
        for (name, host) in simulation.fleet.hosts where outcome == .succeeded {
            if host.isServing { #expect(host.release == target, "\(name) serves another build") }
            let isRight = host.isServing && host.isReachable && host.release == target
            #expect(isRight || faulted.contains(name), "\(name) is not as it should be, and nobody says so")
        }
        if outcome == .rolledBack {
            for (name, host) in simulation.fleet.hosts where host.isServing {
                #expect(host.release != target, "\(name) still serves the build that was taken back")
            }
        }
    }

    /// Balancers that stop to answer for a while or for ever: it ends, and a host is never switched under traffic.
    @Test(arguments: 0..<80 as Range<UInt64>)
    func balancersThatVanishEndTheRollout(seed: UInt64) throws {
        var simulation = try Simulation.any(seed: seed, isHealthy: false)
        var random = Dice(seed &+ 99)
        let from = Int.random(in: 0..<60, using: &random)
        simulation.fleet.silence = from..<(from + (Bool.random(using: &random) ? 5 : 1000))
        let end = simulation.run()
        #expect(end != .endless && end != .stopped)
        #expect(simulation.breaches == [])
    }

    /// Hosts out of rotation are brought in first, and never keep a build from going out.
    @Test(arguments: 0..<60 as Range<UInt64>)
    func hostsThatAreOutAtTheStartComeIn(seed: UInt64) throws {
        var simulation = try Simulation.any(seed: seed, isHealthy: true)
        var random = Dice(seed &+ 5)
        for name in simulation.plan.hosts where Int.random(in: 0..<3, using: &random) == 0 {
            simulation.fleet.hosts[name]?.isServing = false
        }
        #expect(simulation.run() == .finished(.succeeded))
        #expect(simulation.breaches == [])
        let target = simulation.plan.build.release
        #expect(simulation.fleet.hosts.values.allSatisfy { $0.release == target && $0.isServing })
    }

    /// Wherever a confirmed host dies, the floor holds, and a build that goes to the end names the host.
    @Test(arguments: 0..<60 as Range<UInt64>)
    func aHostThatDiesAtAnyMomentIsNamed(seed: UInt64) throws {
        for moment in 0... {
            var simulation = try Simulation.any(seed: seed, isHealthy: true)
            guard simulation.plan.hosts.count > 2, let victim = simulation.plan.hosts.first else { return }
            simulation.fleet.vanishing[victim] = moment
            guard case .finished(let outcome) = simulation.run() else {
                Issue.record("seed \(seed), dying at \(moment), does not end")
                return
            }
            #expect(simulation.breaches == [], "dying at \(moment)")
            guard simulation.fleet.hosts[victim]?.isReachable == false else { return }
            let faulted = RolloutState(replaying: simulation.journal)?.faulted ?? []
            #expect(outcome != .succeeded || faulted == [victim], "dying at \(moment)")
            #expect(outcome != .succeeded || simulation.plan.policy.budget > 0, "dying at \(moment)")
        }
    }

    /// A build that ends a moment after its check reaches no host beyond the first batch.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func aCrashLoopIsStoppedInTheFirstBatch(seed: UInt64) throws {
        var simulation = try Simulation.any(seed: seed, isHealthy: true)
        let (policy, hosts) = (simulation.plan.policy, simulation.plan.hosts.count)
        let first = policy.hasCanary ? policy.canary.count(of: hosts) : hosts
        simulation.fleet.crashing = [simulation.plan.build.release]
        let end = simulation.run()
        #expect(end == .finished(.rolledBack))
        let switched = Set(
            simulation.journal.compactMap { entry -> HostName? in
                guard case .intent(.activate(let host, simulation.plan.build.release)) = entry.event else { return nil }
                return host
            })
        #expect(switched.count <= first)
        #expect(simulation.fleet.hosts.values.allSatisfy { $0.release == Builds.one.release && $0.isServing })
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func replayYieldsTheSameStateAndIsIdempotent(seed: UInt64) throws {
        var simulation = try Simulation.any(seed: seed, isHealthy: false)
        _ = simulation.run()
        var once = RolloutState(simulation.plan)
        for entry in simulation.journal { once.apply(entry) }
        var twice = RolloutState(simulation.plan)
        for entry in simulation.journal { twice.apply(entry); twice.apply(entry) }
        for entry in simulation.journal { twice.apply(entry) }
        #expect(once == twice)
        #expect(RolloutState(replaying: simulation.journal) == once)
    }

    @Test(arguments: 0..<8 as Range<UInt64>, [true, false])
    func crashAtAnyEntryThenResumeReachesOneBuildAndFullMembership(seed: UInt64, timersFire: Bool) throws {
        for moment in 1... {
            var simulation = try Simulation.any(seed: seed, isHealthy: true)
            guard simulation.run(dyingAfter: moment) == .crashed else { return }
            if timersFire { simulation.fleet.letTimersFire() }
            let end = simulation.run()
            #expect(end == .finished(.succeeded), "crash after entry \(moment)")
            #expect(simulation.breaches == [])
            for (name, host) in simulation.fleet.hosts {
                #expect(host.release == simulation.plan.build.release, "\(name), crash after entry \(moment)")
                #expect(host.isServing, "\(name), crash after entry \(moment)")
                #expect(host.revertsTo == nil, "\(name) is unconfirmed, crash after entry \(moment)")
            }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>, [true, false])
    func crashAtAnyEntryThenRollbackReachesTheFormerBuildAndFullMembership(seed: UInt64, timersFire: Bool) throws {
        for moment in 2... {
            var simulation = try Simulation.any(seed: seed, isHealthy: true)
            let before = simulation.fleet.hosts.mapValues(\.release)
            guard simulation.run(dyingAfter: moment) == .crashed else { return }
            if timersFire { simulation.fleet.letTimersFire() }
            let sequence = Int64(simulation.journal.count + 1)
            simulation.journal.append(
                RolloutEntry(
                    sequence: sequence, at: Timestamp(milliseconds: sequence), event: .turnedBack(.asked(by: "me"))))
            let end = simulation.run()
            #expect(end == .finished(.rolledBack) || end == .finished(.failed), "crash after entry \(moment)")
            #expect(simulation.breaches == [])
            for (name, host) in simulation.fleet.hosts {
                #expect(host.release == before[name], "\(name), crash after entry \(moment)")
                #expect(host.isServing, "\(name), crash after entry \(moment)")
            }
        }
    }

    @Test(arguments: 0..<25 as Range<UInt64>)
    func crashesOneAfterAnotherStillEnd(seed: UInt64) throws {
        var simulation = try Simulation.any(seed: seed, isHealthy: true)
        var random = Dice(seed &+ 1000)
        for _ in 0..<6 where simulation.run(dyingAfter: Int.random(in: 2...25, using: &random)) == .crashed {
            if Bool.random(using: &random) { simulation.fleet.letTimersFire() }
        }
        let isOver = simulation.journal.contains { $0.event == .finished(.succeeded) }
        #expect(isOver || simulation.run() == .finished(.succeeded))
        #expect(simulation.breaches == [])
        #expect(
            simulation.fleet.hosts.values.allSatisfy { $0.release == simulation.plan.build.release && $0.isServing })
    }

    @Test(arguments: 0..<6 as Range<UInt64>, [RolloutPlan.Kind.rollback, .convergence])
    func aDirectRolloutSurvivesACrashAtAnyEntry(seed: UInt64, kind: RolloutPlan.Kind) throws {
        for moment in 1... {
            var simulation = try Simulation.any(seed: seed, isHealthy: true, kind: kind)
            guard simulation.run(dyingAfter: moment) == .crashed else { return }
            #expect(simulation.run() == .finished(.succeeded), "crash after entry \(moment)")
            #expect(simulation.breaches == [])
            let target = simulation.plan.build.release
            #expect(simulation.fleet.hosts.values.allSatisfy { $0.release == target && $0.isServing })
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func stoppingLeavesNoHostHalfDone(seed: UInt64) throws {
        var simulation = try Simulation.any(seed: seed, isHealthy: true)
        #expect(simulation.run(dyingAfter: 12) == .crashed || simulation.plan.hosts.count < 3)
        let end = simulation.run(isStopping: true)
        #expect(end == .stopped || end == .finished(.succeeded))
        #expect(simulation.fleet.hosts.values.allSatisfy { $0.isServing && $0.revertsTo == nil })
    }
}

extension Simulation {
    /// Any fleet of 1 to 12 hosts; a healthy one loses no host and takes its build well.
    static func any(
        seed: UInt64, isHealthy: Bool, kind: RolloutPlan.Kind = .rollout
    ) throws -> Simulation {
        var random = Dice(seed)
        let names = try (1...Int.random(in: 1...12, using: &random)).map { try HostName("ap\($0)") }
        let old = Builds.one.release
        let isFirst = !isHealthy && Int.random(in: 0..<8, using: &random) == 0
        var fleet = SimulatedFleet()
        for name in names { fleet.hosts[name] = .init(release: isFirst ? nil : old, isServing: !isFirst) }
        if !isHealthy {
            for name in names where Int.random(in: 0..<8, using: &random) == 0 {
                fleet.hosts[name]?.isReachable = false
                fleet.hosts[name]?.isServing = Bool.random(using: &random)
            }
            if let victim = names.randomElement(using: &random), Int.random(in: 0..<3, using: &random) == 0 {
                fleet.vanishing[victim] = Int.random(in: 0..<40, using: &random)
            }
            if Int.random(in: 0..<4, using: &random) == 0 { fleet.faulty = [Builds.two.release] }
            if Int.random(in: 0..<6, using: &random) == 0 { fleet.crashing = [Builds.two.release] }
            for name in names where Int.random(in: 0..<12, using: &random) == 0 { fleet.full.insert(name) }
            for name in names where Int.random(in: 0..<10, using: &random) == 0 {
                fleet.hosts[name]?.isServing = false
            }
            fleet.objections[Builds.two.release] = [.pass, .pass, .fail, .insufficient].randomElement(using: &random)
        }
        let policy = RolloutPolicy(
            canary: .hosts(Int.random(in: 0...2, using: &random)),
            batch: Bool.random(using: &random) ? .hosts(Int.random(in: 1...5, using: &random)) : .percent(50),
            budget: Int.random(in: 0...3, using: &random))
        let plan = RolloutPlan(
            stage: "production", kind: kind, build: Builds.two, baseline: isFirst ? nil : old, hosts: names,
            policy: policy)
        return Simulation(plan, fleet, seed: seed &+ 7)
    }
}

/// Builds that tests speak of.
enum Builds {
    static let one = digest("1")
    static let two = digest("2")
    static let three = digest("3")

    private static func digest(_ digit: Character) -> BuildDigest {
        do { return try BuildDigest(String(repeating: digit, count: 64)) } catch { fatalError("\(error)") }
    }
}
