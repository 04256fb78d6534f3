import Fleet
import Rollouts
import Synchronization
import Testing

/// One stage as it is, and what has to be done.
struct FleetCase: Sendable, CustomTestStringConvertible {
    let name: String
    var members = ["ap1", "ap2"]
    /// Release of each host; `nil` for none, absent for one that does not answer.
    var hosts: [String: ReleaseID?] = ["ap1": Builds.two.release, "ap2": Builds.two.release]
    /// Members that both balancers serve.
    var serving = ["ap1", "ap2"]
    var isEstablished = true
    var silent: Set<String> = []
    var build: ReleaseID? = Builds.two.release
    let changes: [String]

    var testDescription: String { name }
}

@Suite struct FleetPlannerTests {
    @Test(arguments: [
        FleetCase(name: "nothing to do", changes: []),
        FleetCase(
            name: "a host was added", members: ["ap1", "ap2", "ap3"],
            hosts: ["ap1": Builds.two.release, "ap2": Builds.two.release, "ap3": ReleaseID?.none],
            changes: ["deploy ap3"]),
        FleetCase(
            name: "a host was removed", members: ["ap1"], hosts: ["ap1": Builds.two.release],
            changes: ["remove ap2"]),
        FleetCase(
            name: "a host runs another build", hosts: ["ap1": Builds.two.release, "ap2": Builds.one.release],
            changes: ["deploy ap2"]),
        FleetCase(name: "a healthy host gets no traffic", serving: ["ap1"], changes: ["admit ap2"]),
        FleetCase(name: "a balancer lost its settings", isEstablished: false, changes: ["establish"]),
        FleetCase(
            name: "the host that leaves goes first", members: ["ap1", "ap3"],
            hosts: ["ap1": Builds.two.release, "ap3": ReleaseID?.none], isEstablished: false,
            changes: ["remove ap2", "establish", "deploy ap3"]),
        FleetCase(
            name: "a host that does not answer is left alone", hosts: ["ap1": Builds.two.release], serving: ["ap1"],
            changes: []),
        FleetCase(
            name: "before the first rollout no host is admitted",
            hosts: ["ap1": ReleaseID?.none, "ap2": ReleaseID?.none], serving: [], isEstablished: false, build: nil,
            changes: ["establish"]),
        FleetCase(name: "nothing is concluded from a silent balancer", silent: ["lb1", "lb2"], changes: []),
    ])
    func changesAreInOrder(_ c: FleetCase) throws {
        let pool = Pool(name: "bookmark", members: try c.members.map(Self.member), configFile: "/pool.cfg")
        var hosts: [HostName: HostObservation] = [:]
        for member in pool.members {
            if let release = c.hosts[member.host.description] {
                hosts[member.host] = .answered(HostSurvey(release: release))
            } else {
                hosts[member.host] = .silent(RolloutError(.unreachable, host: member.host, "gone"))
            }
        }
        let served = try c.serving.map(Self.member)
        let balancers = try ["lb1", "lb2"].map { name in
            BalancerView(
                balancer: try HostName(name),
                running: served.map {
                    RunningMember(host: $0.host, address: $0.address, port: $0.port, state: .up)
                }, configured: served, isEstablished: c.isEstablished, fault: c.silent.contains(name) ? "gone" : nil)
        }
        let plan = FleetPlanner.plan(
            pool, build: c.build, sight: FleetObservation(hosts: hosts, balancers: balancers))
        #expect(plan.changes.map(Self.text) == c.changes)
        #expect(plan.silentBalancers.count == c.silent.count)
        #expect(plan.unreachable.count == c.members.count - c.hosts.count)
    }

    private static func member(_ name: String) throws -> PoolMember {
        PoolMember(host: try HostName(name), address: "10.0.0.\(name.suffix(1))", port: 8080)
    }

    private static func text(_ change: FleetChange) -> String {
        change.host.map { "\(change.kind) \($0)" } ?? change.kind.rawValue
    }
}

@Suite struct FleetConvergenceTests {
    @Test func aNewHostGetsTheBuildThenTraffic() async throws {
        let hosts = try RolloutRunnerTests.hosts(3)
        let fleet = RecordingFleet(hosts, running: Builds.two.release)
        fleet.set { inside in
            inside.current[hosts[2]] = nil
            inside.serving.remove(hosts[2])
        }
        let journal = RolloutRunnerTests.Journal()
        let convergence = FleetConvergence(
            stage: "production", releases: fleet, traffic: fleet, terms: FleetTerms())
        let plan = await convergence.plan(build: Builds.two)
        #expect(plan.changes == [.deploy(hosts[2], Builds.two.release, running: nil)])
        fleet.set { $0.calls = [] }
        let report = try await convergence.apply(
            plan, build: Builds.two, record: { event in journal.record(event) })
        #expect(report.isComplete)
        #expect(
            fleet.calls.filter { !$0.hasPrefix("inspect") } == [
                "rejoin ap3", "survey ap3", "deliver ap3 2", "drain ap3", "activate ap3 2", "check ap3 2", "admit ap3",
            ])
        #expect(await convergence.plan(build: Builds.two).isConverged)
    }

    @Test func aHostThatDoesNotBecomeHealthyStaysOutAndIsReported() async throws {
        let hosts = try RolloutRunnerTests.hosts(2)
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        fleet.set { inside in
            inside.unhealthy = [Builds.two.release]
            inside.serving = [hosts[0]]
            inside.current[hosts[0]] = Builds.two.release
        }
        let convergence = FleetConvergence(
            stage: "production", releases: fleet, traffic: fleet, terms: FleetTerms())
        let journal = RolloutRunnerTests.Journal()
        let report = try await convergence.apply(
            await convergence.plan(build: Builds.two), build: Builds.two,
            record: { event in journal.record(event) })
        #expect(report.faults.map(\.host) == [hosts[1]])
        #expect(fleet.inside.withLock { $0.serving } == [hosts[0]])
    }
}
