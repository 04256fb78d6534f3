import Fleet
import Rollouts
import Testing

/// A pool as the inventory has it beside what balancers serve, and what becomes of hosts that leave.
struct DepartureCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// The members wanted, by name and last number of the address.
    let wanted: [String: Int]
    /// The servers in rotation on both balancers.
    let serving: [String: Int]
    /// Servers that are there and get nothing.
    var out: [String: Int] = [:]
    /// Members that answer; all but these are silent. `nil` for all.
    var answering: Set<String>?
    /// Members that run the stage's build; the others run none. `nil` for all.
    var deployed: Set<String>?
    var hasBuild = true
    var minimum: Int?
    var allowsBelow = false
    var units: [String] = []
    var named: Set<String> = []
    var machines: Set<String> = []
    var remembered: [String: String] = [:]
    let changes: [String]
    var shortage: String?

    var testDescription: String { name }
}

@Suite struct FleetDepartureTests {
    static let three = ["ap1": 1, "ap2": 2, "ap3": 3]
    static let units = ["web.service"]

    @Test(arguments: [
        DepartureCase(
            name: "one of three leaves first", wanted: ["ap1": 1, "ap2": 2], serving: three, changes: ["remove ap3"]),
        DepartureCase(
            name: "two of three are refused", wanted: ["ap1": 1], serving: three,
            changes: ["remove ap2", "remove ap3"],
            shortage: "3 in service, 2 leave (ap2, ap3), none joins: 1 would be left, and at least 2 must stay"),
        DepartureCase(
            name: "two of three with leave to do so", wanted: ["ap1": 1], serving: three,
            allowsBelow: true, changes: ["remove ap2", "remove ap3"]),
        DepartureCase(
            name: "two of four may go", wanted: ["ap1": 1, "ap2": 2],
            serving: ["ap1": 1, "ap2": 2, "ap3": 3, "ap4": 4],
            changes: ["remove ap3", "remove ap4"]),
        DepartureCase(
            name: "a minimum refuses one", wanted: ["ap1": 1, "ap2": 2], serving: three,
            minimum: 3, changes: ["remove ap3"],
            shortage: "3 in service, 1 leaves (ap3), none joins: 2 would be left, and at least 3 must stay"),
        DepartureCase(
            name: "a low minimum does not allow what half forbids", wanted: ["ap1": 1], serving: three,
            minimum: 1, changes: ["remove ap2", "remove ap3"],
            shortage: "3 in service, 2 leave (ap2, ap3), none joins: 1 would be left, and at least 2 must stay"),
        DepartureCase(
            name: "hosts that serve nothing may all go", wanted: ["ap1": 1], serving: ["ap1": 1],
            out: ["ap2": 2, "ap3": 3], changes: ["remove ap2", "remove ap3"]),
        DepartureCase(
            name: "others join before the floor is broken", wanted: ["new1": 4, "new2": 5, "new3": 6], serving: three,
            deployed: [],
            changes: ["deploy new1", "deploy new2", "deploy new3", "remove ap1", "remove ap2", "remove ap3"]),
        DepartureCase(
            name: "joiners that do not answer count for nothing", wanted: ["new1": 4, "new2": 5, "new3": 6],
            serving: three, answering: ["new1"], deployed: [],
            changes: ["deploy new1", "remove ap1", "remove ap2", "remove ap3"],
            shortage: "3 in service, 3 leave (ap1, ap2, ap3), 1 joins: 1 would be left, and at least 2 must stay"),
        DepartureCase(
            name: "without a build nobody joins", wanted: ["new1": 4, "new2": 5, "new3": 6], serving: three,
            hasBuild: false, changes: ["remove ap1", "remove ap2", "remove ap3"],
            shortage: "3 in service, 3 leave (ap1, ap2, ap3), none joins: 0 would be left, and at least 2 must stay"),
        DepartureCase(
            name: "all are renamed", wanted: ["web1": 1, "web2": 2, "web3": 3], serving: three,
            units: units, machines: ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
            changes: ["rename web1", "rename web2", "rename web3"]),
        DepartureCase(
            name: "the only one is renamed, without a build and out of reach", wanted: ["web1": 1],
            serving: ["ap1": 1], answering: [], hasBuild: false, changes: ["rename web1"]),
        DepartureCase(
            name: "a renamed host gets the build afterwards", wanted: ["ap1": 1, "web2": 2],
            serving: ["ap1": 1, "ap2": 2], deployed: ["ap1"], changes: ["rename web2", "deploy web2"]),
        DepartureCase(
            name: "one that served nothing is not renamed", wanted: ["ap1": 1, "web2": 2], serving: ["ap1": 1],
            out: ["ap2": 2], changes: ["remove ap2", "admit web2"]),
        DepartureCase(
            name: "a rename that was cut short is ended", wanted: ["ap1": 1, "web2": 2],
            serving: ["ap1": 1, "ap2": 2, "web2": 2], changes: ["remove ap2"]),
        DepartureCase(
            name: "machines are counted, not names", wanted: ["ap1": 3], serving: three,
            changes: ["admit ap1", "remove ap2", "remove ap3"],
            shortage: "3 in service, 2 leave (ap1, ap2), none joins: 1 would be left, and at least 2 must stay"),
        DepartureCase(
            name: "a host that left is retired", wanted: ["ap1": 1, "ap2": 2], serving: three,
            units: units, changes: ["remove ap3", "retire ap3"]),
        DepartureCase(
            name: "one that the inventory has in another group keeps its units", wanted: ["ap1": 1, "ap2": 2],
            serving: three, units: units, named: ["ap3"], changes: ["remove ap3"]),
        DepartureCase(
            name: "one that serves another stage keeps its units", wanted: ["ap1": 1, "ap2": 2], serving: three,
            units: units, machines: ["10.0.0.3"], changes: ["remove ap3"]),
        DepartureCase(
            name: "one that left while it was off is remembered", wanted: ["ap1": 1], serving: ["ap1": 1],
            units: units, remembered: ["ap9": "10.0.0.9"], changes: ["retire ap9"]),
    ])
    func hostsLeaveInOrder(_ c: DepartureCase) throws {
        let pool = Pool(
            name: "shop", members: try c.wanted.sorted { $0.key < $1.key }.map(Self.member), configFile: "/pool.cfg")
        var hosts: [HostName: HostObservation] = [:]
        for member in pool.members {
            let name = member.host.description
            let isDeployed = c.deployed?.contains(name) ?? true
            hosts[member.host] =
                c.answering?.contains(name) ?? true
                ? .answered(HostSurvey(release: isDeployed ? Builds.two.release : nil))
                : .silent(RolloutError(.unreachable, host: member.host, "gone"))
        }
        let running = try Self.running(c.serving, .up) + Self.running(c.out, .maintenance)
        let balancers = try ["lb1", "lb2"].map { name in
            BalancerView(
                balancer: try HostName(name), running: running,
                configured: running.map { PoolMember(host: $0.host, address: $0.address, port: $0.port) })
        }
        var terms = FleetTerms(
            policy: RolloutPolicy(minimumInService: c.minimum), allowsBelow: c.allowsBelow, units: c.units,
            named: Set(try c.named.map { try HostName($0) }), machines: c.machines)
        for (name, address) in c.remembered { terms.remembered[try HostName(name)] = address }
        let plan = FleetPlanner.plan(
            pool, build: c.hasBuild ? Builds.two.release : nil,
            sight: FleetObservation(hosts: hosts, balancers: balancers), terms: terms)
        #expect(
            plan.changes.map { change in change.host.map { "\(change.kind) \($0)" } ?? change.kind.rawValue }
                == c.changes)
        #expect(plan.shortage?.message == c.shortage)
    }

    private static func member(_ name: String, _ number: Int) throws -> PoolMember {
        PoolMember(host: try HostName(name), address: "10.0.0.\(number)", port: 8080)
    }

    private static func running(_ servers: [String: Int], _ state: RunningMember.State) throws -> [RunningMember] {
        try servers.sorted { $0.key < $1.key }.map { name, number in
            let member = try member(name, number)
            return RunningMember(host: member.host, address: member.address, port: member.port, state: state)
        }
    }

    // MARK: doing

    @Test func aRefusalTouchesNothing() async throws {
        let fleet = RecordingFleet(try RolloutRunnerTests.hosts(1), running: Builds.two.release)
        let others = try Self.running(["ap2": 2, "ap3": 3], .up)
        fleet.set { $0.others = others }
        let convergence = FleetConvergence(
            stage: "production", releases: fleet, traffic: fleet, terms: FleetTerms())
        let plan = await convergence.planDepartures(build: Builds.two)
        fleet.set { $0.calls = [] }
        await #expect(throws: FleetShortage.self) {
            try await convergence.apply(
                plan, build: Builds.two,
                record: { event in RolloutEntry(sequence: 1, at: Timestamp(milliseconds: 0), event: event) })
        }
        #expect(fleet.calls.isEmpty)
    }

    @Test func aStoppedUnitIsStartedBeforeItsHostIsAdmitted() async throws {
        let hosts = try RolloutRunnerTests.hosts(2)
        let fleet = RecordingFleet(hosts, running: Builds.two.release)
        fleet.set { inside in
            inside.stopped[hosts[1]] = ["web.service"]
            inside.serving.remove(hosts[1])
        }
        let convergence = FleetConvergence(
            stage: "production", releases: fleet, traffic: fleet, terms: FleetTerms(units: Self.units))
        let plan = await convergence.plan(build: Builds.two)
        #expect(plan.changes == [.start(hosts[1], units: Self.units), .admit(hosts[1])])
        fleet.set { $0.calls = [] }
        let report = try await convergence.apply(
            plan, build: Builds.two, record: { [journal = RolloutRunnerTests.Journal()] in journal.record($0) })
        #expect(report.isComplete)
        #expect(fleet.calls.first == "start ap2")
        let changes = fleet.calls.filter { $0 == "start ap2" || $0 == "admit ap2" }
        #expect(changes == ["start ap2", "admit ap2"])
    }

    @Test func aHostWhoseUnitsStayDownIsNotAdmitted() async throws {
        let hosts = try RolloutRunnerTests.hosts(2)
        let fleet = RecordingFleet(hosts, running: Builds.two.release)
        fleet.set { inside in
            inside.stopped[hosts[1]] = ["web.service"]
            inside.serving.remove(hosts[1])
            inside.faults["start"] = RolloutError(.unhealthy, host: hosts[1], "web.service is failed")
        }
        let convergence = FleetConvergence(
            stage: "production", releases: fleet, traffic: fleet, terms: FleetTerms(units: Self.units))
        let report = try await convergence.apply(
            await convergence.plan(build: Builds.two), build: Builds.two,
            record: { [journal = RolloutRunnerTests.Journal()] in journal.record($0) })
        #expect(report.faults.map(\.host) == [hosts[1]])
        #expect(!fleet.calls.contains("admit ap2"))
    }

    @Test func aHostThatLeftIsRetiredAndOneOutOfReachIsNamed() async throws {
        let hosts = try RolloutRunnerTests.hosts(3)
        let fleet = RecordingFleet(hosts, running: Builds.two.release)
        let others = try Self.running(["ap4": 4], .up)
        let gone = try HostName("ap9")
        fleet.set { inside in
            inside.others = others
            inside.faults["retire ap9"] = RolloutError(.unreachable, host: gone, "gone")
        }
        let convergence = FleetConvergence(
            stage: "production", releases: fleet, traffic: fleet,
            terms: FleetTerms(units: Self.units, remembered: [gone: "10.0.0.9"]))
        let plan = await convergence.planDepartures(build: Builds.two)
        fleet.set { $0.calls = [] }
        let report = try await convergence.apply(
            plan.retirement, build: nil, record: { [journal = RolloutRunnerTests.Journal()] in journal.record($0) })
        #expect(fleet.calls == ["drain ap4", "remove ap4", "retire ap4", "retire ap9"])
        #expect(report.unretired.map(\.host) == [gone])
        #expect(report.isComplete)
    }

    /// A host that fails between the plan and its turn keeps the next one from leaving.
    @Test func theFloorHoldsWhateverHappenedMeanwhile() async throws {
        let hosts = try RolloutRunnerTests.hosts(2)
        let fleet = RecordingFleet(hosts, running: Builds.two.release)
        let others = try Self.running(["ap3": 3, "ap4": 4], .up)
        fleet.set { $0.others = others }
        let convergence = FleetConvergence(
            stage: "production", releases: fleet, traffic: fleet, terms: FleetTerms(units: Self.units))
        let plan = await convergence.planDepartures(build: Builds.two)
        #expect(plan.floor == 2 && plan.shortage == nil)
        fleet.set { inside in
            inside.calls = []
            inside.serving.remove(hosts[0])
        }
        let report = try await convergence.apply(
            plan.retirement, build: nil, record: { [journal = RolloutRunnerTests.Journal()] in journal.record($0) })
        #expect(fleet.calls == ["drain ap3", "remove ap3", "retire ap3"])
        #expect(report.faults.map(\.code) == [.blocked])
        #expect(report.faults.first?.message == "stays in the pool: 2 in service, 1 leaves, and at least 2 must stay")
    }

    /// The first Ctrl-C ends what is in hand, and what is left is not told as done.
    @Test func aStopLeavesTheOtherHostsWhereTheyAre() async throws {
        let hosts = try RolloutRunnerTests.hosts(2)
        let stop = StopSignal()
        let fleet = RecordingFleet(hosts, running: Builds.two.release) { call in
            if call == "remove ap3" { stop.raise() }
        }
        let others = try Self.running(["ap3": 3, "ap4": 4], .up)
        fleet.set { $0.others = others }
        let convergence = FleetConvergence(
            stage: "production", releases: fleet, traffic: fleet, terms: FleetTerms())
        let plan = await convergence.planDepartures(build: Builds.two)
        fleet.set { $0.calls = [] }
        let report = try await convergence.apply(
            plan.retirement, build: nil, record: { [journal = RolloutRunnerTests.Journal()] in journal.record($0) },
            stop: stop)
        #expect(fleet.calls == ["drain ap3", "remove ap3"])
        #expect(!report.isComplete && report.faults.isEmpty)
    }
}
