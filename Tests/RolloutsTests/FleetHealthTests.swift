import Fleet
import Rollouts
import Testing

/// What hosts and balancers answer, and how the stage is said to do.
struct HealthCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// Hosts that balancers send traffic, by balancer; `nil` for a balancer that cannot be asked.
    var serving: [String: [String]?] = ["lb1": ["ap1", "ap2", "ap3"], "lb2": ["ap1", "ap2", "ap3"]]
    var silent: Set<String> = []
    var unverified: Set<String> = []
    var units: [String: String] = [:]
    var build: ReleaseID? = Builds.two.release
    var running: ReleaseID? = Builds.two.release
    var minimum: Int?
    let state: FleetHealth.State
    var isAlarming = false
    var fewest = 3
    /// The hosts in their order, with their states.
    let hosts: [String]

    var testDescription: String { name }
}

@Suite struct FleetHealthTests {
    @Test(arguments: [
        HealthCase(name: "all is well", state: .up, hosts: ["ap1 up", "ap2 up", "ap3 up"]),
        HealthCase(
            name: "nobody serves", serving: ["lb1": [], "lb2": []], state: .down, isAlarming: true, fewest: 0,
            hosts: ["ap1 out", "ap2 out", "ap3 out"]),
        HealthCase(
            name: "nobody serves and one is off", serving: ["lb1": [], "lb2": []], silent: ["ap2"], state: .down,
            isAlarming: true, fewest: 0, hosts: ["ap2 off", "ap1 out", "ap3 out"]),
        HealthCase(
            name: "one is out, above the minimum", serving: ["lb1": ["ap1", "ap3"], "lb2": ["ap1", "ap3"]],
            state: .degraded, fewest: 2, hosts: ["ap2 out", "ap1 up", "ap3 up"]),
        HealthCase(
            name: "one is out, below the minimum", serving: ["lb1": ["ap1", "ap3"], "lb2": ["ap1", "ap3"]],
            minimum: 3, state: .belowMinimum, isAlarming: true, fewest: 2, hosts: ["ap2 out", "ap1 up", "ap3 up"]),
        HealthCase(
            name: "one balancer serves nobody", serving: ["lb1": ["ap1", "ap2", "ap3"], "lb2": []],
            state: .belowMinimum, isAlarming: true, fewest: 0, hosts: ["ap1 partly", "ap2 partly", "ap3 partly"]),
        HealthCase(
            name: "one balancer cannot be asked", serving: ["lb1": ["ap1", "ap2", "ap3"], "lb2": .none],
            state: .degraded, isAlarming: true, hosts: ["ap1 up", "ap2 up", "ap3 up"]),
        HealthCase(
            name: "no balancer can be asked", serving: ["lb1": .none, "lb2": .none], state: .down, isAlarming: true,
            fewest: 0, hosts: ["ap1 unknown", "ap2 unknown", "ap3 unknown"]),
        HealthCase(
            name: "a host that does not answer and is served", silent: ["ap3"], state: .degraded,
            hosts: ["ap3 unasked", "ap1 up", "ap2 up"]),
        HealthCase(
            name: "a host that is off and not missed yet", silent: ["ap3"], unverified: ["ap3"], state: .degraded,
            fewest: 2, hosts: ["ap3 off", "ap1 up", "ap2 up"]),
        HealthCase(
            name: "a unit has failed", units: ["worker.service": "failed"], state: .degraded,
            hosts: ["ap1 odd", "ap2 odd", "ap3 odd"]),
        HealthCase(
            name: "before the first rollout", serving: ["lb1": [], "lb2": []], build: nil, running: nil,
            state: .noBuild, fewest: 0, hosts: ["ap1 out", "ap2 out", "ap3 out"]),
        HealthCase(
            name: "before the first rollout no balancer answers", serving: ["lb1": .none, "lb2": .none], build: nil,
            running: nil, state: .down, isAlarming: true, fewest: 0,
            hosts: ["ap1 unknown", "ap2 unknown", "ap3 unknown"]),
        HealthCase(
            name: "the journal was lost, and the service is down", serving: ["lb1": [], "lb2": []], build: nil,
            state: .down, isAlarming: true, fewest: 0, hosts: ["ap1 out", "ap2 out", "ap3 out"]),
    ])
    func aStageIsToldAsItIs(_ c: HealthCase) throws {
        let members = try (1...3).map {
            PoolMember(host: try HostName("ap\($0)"), address: "10.0.0.\($0)", port: 8080)
        }
        var hosts: [HostName: HostObservation] = [:]
        for member in members {
            hosts[member.host] =
                c.silent.contains(member.host.description)
                ? .silent(RolloutError(.unreachable, host: member.host, "gone"))
                : .answered(HostSurvey(release: c.running, units: c.units))
        }
        let balancers = try c.serving.sorted { $0.key < $1.key }.map { name, serving in
            let running = members.map { member in
                RunningMember(
                    host: member.host, address: member.address, port: member.port,
                    state: serving?.contains(member.host.description) == true ? .up : .down)
            }
            return BalancerView(
                balancer: try HostName(name), running: serving == nil ? [] : running, configured: members,
                fault: serving == nil ? "gone" : nil)
        }
        let health = FleetHealth(
            Pool(name: "shop", members: members, configFile: "/pool.cfg"), build: c.build,
            policy: RolloutPolicy(minimumInService: c.minimum),
            sight: FleetObservation(hosts: hosts, balancers: balancers),
            unverified: Set(try c.unverified.map { try HostName($0) }))
        #expect(health.state == c.state)
        #expect(health.isAlarming == c.isAlarming)
        #expect(health.fewest == c.fewest)
        #expect(health.hosts.map { "\($0.host) \($0.state.rawValue)" } == c.hosts)
        // Whatever is not as it should be is said.
        #expect(health.problems.isEmpty == (health.state == .up || health.state == .noBuild))
    }

    @Test func aHostThatWasStoppedSaysByWhom() throws {
        let member = PoolMember(host: try HostName("ap1"), address: "10.0.0.1", port: 8080)
        let stop = UnitStop(by: "anna@laptop:7", since: Timestamp(milliseconds: 1_780_000_000_000))
        func health(_ units: String, _ state: RunningMember.State) throws -> FleetHealth.Host? {
            let running = RunningMember(host: member.host, address: member.address, port: 8080, state: state)
            let view = BalancerView(balancer: try HostName("lb1"), running: [running], configured: [member])
            let survey = HostSurvey(release: Builds.two.release, units: ["a.service": units], stopped: stop)
            return FleetHealth(
                Pool(name: "shop", members: [member], configFile: "/pool.cfg"), build: Builds.two.release,
                policy: RolloutPolicy(),
                sight: FleetObservation(hosts: [member.host: .answered(survey)], balancers: [view])
            ).hosts.first
        }
        let down = try health("inactive", .draining)
        #expect(down?.remarks == ["stopped since 2026-05-28T20:26:40Z by anna@laptop:7"] && down?.stopped == stop)
        let booted = try health("active", .draining)
        #expect(booted?.remarks.first?.hasSuffix("; a.service runs again, without traffic") == true)
        let back = try health("active", .up)
        #expect(back?.state == .up && back?.stopped == nil)
    }

    /// What a balancer has not found out is not shown as if it were so.
    @Test func aHostThatIsOffIsNotShownAsUp() throws {
        let member = PoolMember(host: try HostName("ap1"), address: "10.0.0.1", port: 8080)
        let view = BalancerView(
            balancer: try HostName("lb1"),
            running: [RunningMember(host: member.host, address: member.address, port: 8080, state: .up)],
            configured: [member])
        let sight = FleetObservation(
            hosts: [member.host: .silent(RolloutError(.unreachable, host: member.host, "gone"))], balancers: [view])
        let health = FleetHealth(
            Pool(name: "shop", members: [member], configFile: "/pool.cfg"), build: Builds.two.release,
            policy: RolloutPolicy(), sight: sight, unverified: [member.host])
        #expect(health.state == .down)
        #expect(health.hosts.first?.balancers == [view.balancer: .down])
    }
}
