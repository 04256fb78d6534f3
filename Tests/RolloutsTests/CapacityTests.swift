import Fleet
import Testing

@testable import Rollouts

/// What members in service have to do, and how many may leave.
struct CapacityCase: Sendable, CustomTestStringConvertible {
    var cpu: Double?
    var inService = 5
    var queued = 0
    var leaving = 1
    var joining = 0
    var limit: Int? = 90
    /// What is said; `nil` where there is room.
    var says: String?
    /// How many have to stay.
    var needed: Int

    var testDescription: String { says ?? "\(inService) at \(cpu ?? -1), \(leaving) leave" }
}

@Suite struct CapacityTests {
    @Test(arguments: [
        CapacityCase(
            cpu: 0.7, leaving: 2,
            says: "5 in service at 70 % CPU, 2 leave: 3 would run at 117 %, and capacity is 90 %", needed: 4),
        CapacityCase(cpu: 0.7, leaving: 1, needed: 4),
        CapacityCase(cpu: 0.72, leaving: 1, needed: 4),
        CapacityCase(
            cpu: 0.73, leaving: 1,
            says: "5 in service at 73 % CPU, 1 leaves: 4 would run at 91 %, and capacity is 90 %", needed: 5),
        CapacityCase(cpu: 0.7, leaving: 2, joining: 1, needed: 4),
        CapacityCase(
            cpu: 0.9, leaving: 2, joining: 1,
            says: "5 in service at 90 % CPU, 2 leave, 1 joins: 4 would run at 113 %, and capacity is 90 %", needed: 5),
        CapacityCase(
            cpu: 0.1, inService: 1, leaving: 1,
            says: "1 in service at 10 % CPU, 1 leaves: none would be left, and capacity is 90 %", needed: 1),
        CapacityCase(
            cpu: 0.1, queued: 3, leaving: 1,
            says: "3 requests already wait for one of the 5 in service: none can be spared", needed: 5),
        CapacityCase(
            queued: 1, says: "1 request already waits for one of the 5 in service: none can be spared", needed: 5),
        // Nobody measures, or nobody answered.
        CapacityCase(cpu: 1, leaving: 4, limit: nil, needed: 6),
        CapacityCase(leaving: 4, needed: 0),
        CapacityCase(cpu: 1, leaving: 0, needed: 6),
    ])
    func theArithmeticIsShown(_ c: CapacityCase) {
        let load = PoolLoad(inService: c.inService, cpu: c.cpu, measured: c.cpu == nil ? 0 : 5, queued: c.queued)
        let strain = CapacityStrain(load, leaving: c.leaving, joining: c.joining, limit: c.limit)
        #expect(strain?.message == c.says)
        #expect(load.needed(limit: c.limit ?? 90) == c.needed)
    }

    /// For any load, those that must stay could carry it, and one fewer could not.
    @Test func asManyMustStayAsCanCarryIt() {
        for percent in 1...100 {
            for count in 1...20 {
                let load = PoolLoad(inService: count, cpu: Double(percent) / 100, measured: count)
                let needed = min(load.needed(limit: 80), count)
                for leaving in 1...count where count - leaving > 0 {
                    let isStrained = CapacityStrain(load, leaving: leaving, limit: 80) != nil
                    #expect(
                        isStrained == (count - leaving < load.needed(limit: 80)), "\(count) at \(percent), \(leaving)")
                }
                #expect(needed <= count)
            }
        }
    }

    @Test(arguments: [
        ("cpu  100 0 100 800 0 0 0 0 0 0\ncpu  150 0 150 900 0 0 0 0 0 0\n", 0.5),
        ("cpu  0 0 0 0 0 0 0 0\ncpu  10 0 0 0 90 0 0 0\n", 0.1),
    ])
    func aHostSaysHowBusyItIs(_ text: String, _ cpu: Double) throws {
        #expect(abs(try #require(LoadScript.load(text)).cpu - cpu) < 1e-9)
    }

    @Test(arguments: [
        "", "cpu", "cpu 1 2 3 4 5 6 7 8", "cpu 1 1 1 1 1 1 1 1\ncpu 1 1 1 1 1 1 1 1",
        "cpu 9 9 9 9 9 9 9 9\ncpu 1 1 1 1 1 1 1 1", "cpu nan 1 1 1 1 1 1 1\ncpu inf 1 1 1 1 1 1 1",
        "cpu0 1 1 1 1 1 1 1 1\ncpu0 2 2 2 2 2 2 2 2",
    ])
    func whatIsNoReadingIsNone(_ text: String) { #expect(LoadScript.load(text) == nil) }

    @Test func whatAJournalSaysOfALoadCrashesNothing() {
        for cpu in [1e308, -1e308, 0.0] {
            let load = PoolLoad(inService: 3, cpu: cpu, measured: 3)
            #expect(load.needed(limit: 1) >= 0)
            _ = CapacityStrain(load, leaving: 1, limit: 1)?.message
        }
    }

    // MARK: rollouts

    /// A rollout that takes hosts out two at a time keeps as many in service as the load needs.
    @Test func aRolloutKeepsWhatTheLoadNeeds() throws {
        let hosts = try RolloutRunnerTests.hosts(4)
        var policy = RolloutPolicy(canary: 0, batch: .hosts(4), minimumInService: 0)
        policy.capacity = 80
        var state = RolloutState(RolloutPlan(stage: "lab", build: Builds.two, hosts: hosts, policy: policy))
        var sequence: Int64 = 0
        func take(_ event: RolloutEvent) {
            sequence += 1
            state.apply(RolloutEntry(sequence: sequence, at: Timestamp(milliseconds: sequence), event: event))
        }
        take(.started(state.plan))
        for host in hosts {
            take(.sighted(host, Observation(release: Builds.one.release, digest: Builds.one, isServing: true)))
        }
        for host in hosts { take(.done(.deliver(host, Builds.two.release), note: nil)) }
        take(.batchOpened(hosts, isCanary: false))
        let load = PoolLoad(inService: 4, cpu: 0.55, measured: 4)
        take(.counted(Headcount(load: load)))
        // 2.2 hosts' worth at 80 % are 2.75: three stay.
        #expect(RolloutPlanner.next(state) == [.perform(.drain(hosts[0]))])
        take(.counted(Headcount(load: PoolLoad(inService: 4, cpu: 0.7, measured: 4))))
        guard case .record(.turnedBack(.shortage(let shortage)))? = RolloutPlanner.next(state).first else {
            Issue.record("\(RolloutPlanner.next(state))")
            return
        }
        #expect(
            shortage.description
                == "4 in service at 70 % CPU, 1 leaves: 3 would run at 93 %, and capacity is 80 %")
    }
}
