import Fleet
import Insight
import Sampling
import Testing

/// Several tiers at once: which of them the trouble comes from.
struct StageTests {
    private let busy: [Metric: Double] = [.busyProcessors: 1.95, .cpuPressure: 80]

    @Test func theLowestTierThatIsShortIsTheCause() {
        let database = Staging.host("db1", busy, addresses: ["10.0.0.9"])
        let waiting = [CallObservation(address: "10.0.0.9", port: 3306, connections: 40, waiting: 30, waited: 300)]
        let hosts = (1...2).map { Staging.host("ap\($0)", calls: waiting) }
        let diagnosis = Diagnosis.of(
            Staging.stage([
                Staging.tier("lb", hosts: Staging.hosts("lb", 1)),
                Staging.tier("ap", hosts: hosts, members: Staging.members("ap", 2, time: 900, sessions: 45)),
                Staging.tier("db", hosts: [database]),
            ]))
        #expect(diagnosis.tier == "db")
        #expect(diagnosis.cause == .processor)
        #expect(diagnosis.verdict(of: "ap")?.cause == .dependency)
        #expect(diagnosis.verdict(of: "ap")?.waitsFor == "db")
        #expect(diagnosis.verdict(of: "lb")?.cause == .healthy)
        #expect(diagnosis.waiting == ["ap"])
        #expect(diagnosis.verdict(of: "db")?.advice.contains { $0.hostsHelp == false } == true)
    }

    @Test func aFullPoolAboveATierAtItsLimitOnlyWaits() {
        let diagnosis = Diagnosis.of(
            Staging.stage([
                Staging.tier("ap", members: Staging.members("ap", 2, time: 900, sessions: 20, limit: 20, queued: 30)),
                Staging.tier("db", hosts: [Staging.host("db1", [.ioPressure: 60, .ioPressureFull: 50])]),
            ]))
        #expect(diagnosis.tier == "db")
        #expect(diagnosis.cause == .disk)
        #expect(diagnosis.verdict(of: "ap")?.cause == .dependency)
        #expect(diagnosis.verdict(of: "ap")?.also == [.connections])
    }

    @Test func aDependencyThatAnswersSlowlyIsNamed() {
        let calls = [CallObservation(address: "10.0.0.77", port: 3307, connections: 40, waiting: 36, waited: 400)]
        let hosts = (1...2).map { Staging.host("ap\($0)", calls: calls) }
        let diagnosis = Diagnosis.of(
            Staging.stage([
                Staging.tier("ap", hosts: hosts, members: Staging.members("ap", 2, time: 900, sessions: 40)),
                Staging.tier("db", hosts: [Staging.host("db1", addresses: ["10.0.0.9"])]),
            ]))
        #expect(diagnosis.tier == "ap")
        #expect(diagnosis.cause == .dependency)
        #expect(diagnosis.waitsFor == "10.0.0.77:3307")
    }

    @Test func whatIdlesOnAConnectionIsNoDependency() {
        let calls = [CallObservation(address: "10.0.0.77", port: 3307, connections: 1, waiting: 1, waited: 264_000)]
        let members = [Staging.member("ap1", time: 5300, sessions: 0), Staging.member("ap2", time: 5300, sessions: 0)]
        let hosts = [Staging.host("ap1", calls: calls), Staging.host("ap2", calls: calls)]
        #expect(Staging.verdict(Staging.tier("ap", hosts: hosts, members: members))?.cause != .dependency)
    }

    @Test func aCacheThatIsStoppedIsWhatItsCallersWaitFor() {
        let stopped = ServiceObservation(host: Staging.name("cache1"), isStopped: true)
        let diagnosis = Diagnosis.of(
            Staging.stage([
                Staging.tier("ap", members: Staging.members("ap", 2, time: 900, sessions: 40)),
                Staging.tier("cache", hosts: Staging.hosts("cache", 1), services: [stopped]),
                Staging.tier("db", hosts: Staging.hosts("db", 1)),
            ]))
        #expect(diagnosis.cause == .dependency)
        #expect(diagnosis.tier == "ap")
        #expect(diagnosis.waitsFor == "cache")
        #expect(diagnosis.verdict(of: "cache")?.cause == .unknown)
        #expect(diagnosis.verdict(of: "ap")?.advice.first?.action == .start)
    }

    @Test func whoWaitsWithinItsTimeIsHealthy() {
        let calls = [CallObservation(address: "10.0.0.9", port: 3306, connections: 9, waiting: 3, waited: 4)]
        let diagnosis = Diagnosis.of(
            Staging.stage([
                Staging.tier("lb", hosts: Staging.hosts("lb", 1)),
                Staging.tier("ap", hosts: [Staging.host("ap1", calls: calls)], members: Staging.members("ap", 1)),
                Staging.tier("db", hosts: [Staging.host("db1", addresses: ["10.0.0.9"])]),
            ]))
        #expect(diagnosis.cause == .healthy)
        #expect(diagnosis.verdicts.allSatisfy { $0.cause == .healthy })
    }

    @Test func tooLittleTrafficIsNotCalledHealthy() {
        let members = Staging.members("ap", 2, requests: 0.1)
        let diagnosis = Diagnosis.of(Staging.stage([Staging.tier("ap", members: members)]))
        #expect(diagnosis.cause == .unknown)
        #expect(diagnosis.verdicts.first?.advice.first?.action == .measure)
    }

    @Test func aBacklogIsNotWhatPagesWaitFor() {
        let queue = RabbitFigures(queues: [RabbitQueue(name: "jobs", ready: 500, consumers: 0, growth: 4)])
        let diagnosis = Diagnosis.of(
            Staging.stage([
                Staging.tier("ap", members: Staging.members("ap", 2)),
                Staging.tier(
                    "queue", hosts: Staging.hosts("queue", 1), services: [Staging.service("queue1", .rabbit(queue))]),
                Staging.tier("worker"), Staging.tier("db", hosts: Staging.hosts("db", 1)),
            ]))
        #expect(diagnosis.cause == .backlog)
        #expect(diagnosis.tier == "queue")
        #expect(diagnosis.waiting.isEmpty)
        #expect(diagnosis.verdict(of: "queue")?.advice.first?.action == .start)
        #expect(diagnosis.verdict(of: "queue")?.advice.first?.tier == "worker")
    }

    @Test func workersAreCountedByWhatNodesCount() {
        var one = RabbitFigures(queues: [
            RabbitQueue(name: "shop/jobs", ready: 6000, unacknowledged: 2, consumers: 2, growth: 15)
        ])
        (one.published, one.acknowledged) = (12, 5)
        var other = RabbitFigures(queues: [RabbitQueue(name: "shop/dead", ready: 40, consumers: 0)])
        (other.published, other.acknowledged) = (8, 0)
        let services = [Staging.service("queue1", .rabbit(one)), Staging.service("queue2", .rabbit(other))]
        let verdict = Staging.verdict(Staging.tier("queue", services: services))
        #expect(verdict?.cause == .backlog)
        #expect(verdict?.advice.first?.hosts?.needed == 15)
        let dead = [Staging.service("queue2", .rabbit(other))]
        #expect(Staging.verdict(Staging.tier("queue", services: dead))?.cause == .healthy)
    }

    @Test func hostsOfTheStageAreNotOneAnothersNeighbours() {
        let diagnosis = Diagnosis.of(
            Staging.stage([
                Staging.tier("ap", hosts: Staging.hosts("ap", 1, busy)),
                Staging.tier("db", hosts: [Staging.host("db1", [.cpuPressure: 60])]),
            ]))
        #expect(diagnosis.tier == "ap")
        #expect(diagnosis.cause == .processor)
        #expect(diagnosis.verdict(of: "db")?.cause == .healthy)
    }

    @Test func oneSlowMemberIsAMatterOfBalance() {
        let members = [
            Staging.member("ap1"), Staging.member("ap2"), Staging.member("ap3", time: 140),
        ]
        let verdict = Staging.verdict(Staging.tier("ap", hosts: Staging.hosts("ap", 3), members: members))
        #expect(verdict?.cause == .imbalance)
        #expect(verdict?.hosts == ["ap3"])
    }

    @Test func oneHostWithoutProcessorsIsAMatterOfBalance() {
        let hosts = [
            Staging.host("ap1"), Staging.host("ap2"),
            Staging.host("ap3", [.busyProcessors: 0.2, .allowedProcessors: 0.2, .throttled: 90, .cpuPressure: 70]),
        ]
        let verdict = Staging.verdict(Staging.tier("ap", hosts: hosts, members: Staging.members("ap", 3)))
        #expect(verdict?.cause == .imbalance)
        #expect(verdict?.hosts == ["ap3"])
    }

    @Test func aStrangerThatTakesAHostsProcessorsIsNamed() {
        let app = ThreadActivity(name: "app", process: 7, thread: 7, busy: 0.1)
        let hog = ThreadActivity(name: "stress-ng-cpu", process: 99, thread: 99, busy: 0.95)
        let hosts = [
            Staging.host("ap1", threads: [app]), Staging.host("ap2", threads: [app]),
            Staging.host("ap3", busy, threads: [hog, hog, app]),
        ]
        let verdict = Staging.verdict(Staging.tier("ap", hosts: hosts, members: Staging.members("ap", 3)))
        #expect(verdict?.cause == .neighbour)
        #expect(verdict?.hosts == ["ap3"])
        #expect(verdict?.summary.contains("stress-ng-cpu") == true)
    }

    @Test func whoGetsAllTheTrafficHasNoStranger() {
        let app = ThreadActivity(name: "app", process: 7, thread: 7, busy: 0.95)
        let hosts = [Staging.host("ap1", busy, threads: [app, app]), Staging.host("ap2"), Staging.host("ap3")]
        let members = [
            Staging.member("ap1", requests: 90), Staging.member("ap2", requests: 1), Staging.member("ap3", requests: 1),
        ]
        #expect(Staging.verdict(Staging.tier("ap", hosts: hosts, members: members))?.cause == .imbalance)
        #expect(Staging.verdict(Staging.tier("ap", hosts: hosts))?.cause == .imbalance)
    }

    @Test func oneThreadThatNobodyWaitsForIsNoLimit() {
        let backup = ThreadActivity(name: "gzip", process: 7, thread: 7, busy: 0.99)
        let hosts = [Staging.host("ap1", [.busyProcessors: 1.1], threads: [backup])]
        #expect(Staging.verdict(Staging.tier("ap", hosts: hosts, members: Staging.members("ap", 1)))?.cause == .healthy)
        let late = Staging.members("ap", 1, time: 900)
        #expect(Staging.verdict(Staging.tier("ap", hosts: hosts, members: late))?.cause == .workers)
    }

    @Test func aSecondPoolThatNobodyAsksIsNoDoubt() {
        let diagnosis = Diagnosis.of(
            Staging.stage([
                Staging.tier("ap", members: Staging.members("ap", 2)),
                Staging.tier("admin", members: Staging.members("admin", 2, requests: 0)),
            ]))
        #expect(diagnosis.cause == .healthy)
        #expect(diagnosis.verdict(of: "admin")?.cause == .unknown)
    }

    @Test(arguments: [
        ("lb", TierRole.balancer), ("ap", .application), ("webservers", .application), ("cache", .cache),
        ("queue", .queue),
        ("workers", .worker), ("db", .database), ("mariadb", .database), ("proxy", .proxy), ("bookstore", .other),
        ("maps", .other), ("storage", .storage), ("haproxy", .balancer), ("rabbitmq", .queue),
    ])
    func aGroupPlaysThePartThatItsNameSays(group: String, role: TierRole) { #expect(TierRole(group: group) == role) }

    @Test func whoIsSlowOrFullForGettingMoreIsSaidToGetMore() {
        let hosts = [
            Staging.host("ap1", [.busyProcessors: 0.2, .allowedProcessors: 0.2, .throttled: 90, .cpuPressure: 70]),
            Staging.host("ap2", [.busyProcessors: 0.05, .allowedProcessors: 0.2]),
            Staging.host("ap3", [.busyProcessors: 0.05, .allowedProcessors: 0.2]),
        ]
        let members = [
            Staging.member("ap1", requests: 90, time: 900, weight: 100),
            Staging.member("ap2", requests: 10, weight: 10), Staging.member("ap3", requests: 10, weight: 10),
        ]
        let verdict = Staging.verdict(Staging.tier("ap", hosts: hosts, members: members))
        #expect(verdict?.cause == .imbalance)
        #expect(verdict?.summary == "weights are unequal: one member gets far more")
    }

    /// What waits at one host that is full says nothing of workers, connections or others, whatever the tier's mean is.
    @Test(arguments: [nil, 512.0], [0.0, 400])
    func whatWaitsAtAFullHostIsNotSaidOfIdleOnes(limit: Double?, calling: Double) {
        let calls = [CallObservation(address: "10.0.0.9", port: 3306, connections: calling, waiting: calling)]
        let queue = ListenQueue(port: 8080, waiting: 469, limit: 4096)
        let idle: [Metric: Double] = [.busyProcessors: 0.02, .allowedProcessors: 0.2]
        let hosts = [
            Staging.host(
                "ap1", [.busyProcessors: 0.2, .allowedProcessors: 0.2, .throttled: 90, .cpuPressure: 70],
                listeners: [queue], calls: calls),
            Staging.host("ap2", idle), Staging.host("ap3", idle),
        ]
        let members = [
            Staging.member("ap1", requests: 90, time: 5600, sessions: 512, limit: limit, queued: 3),
            Staging.member("ap2", requests: 10, sessions: 1), Staging.member("ap3", requests: 10, sessions: 1),
        ]
        #expect(Staging.verdict(Staging.tier("ap", hosts: hosts, members: members))?.cause == .imbalance)
    }

    /// A few connections wait for a moment at anybody's.
    @Test(arguments: [(2, Cause.healthy), (7, .healthy), (8, .workers)])
    func aListenQueueOfAMomentIsNoLimit(waiting: Int, cause: Cause) {
        let queue = ListenQueue(port: 80, waiting: waiting, limit: 4096, working: 446)
        let verdict = Staging.verdict(Staging.tier("lb", hosts: [Staging.host("lb1", listeners: [queue])]))
        #expect(verdict?.cause == cause)
    }

    @Test func unequalWeightsThatTellAreNamed() {
        let members = [
            Staging.member("ap1", requests: 90, weight: 100), Staging.member("ap2", requests: 10, weight: 10),
        ]
        let hosts = [Staging.host("ap1", [.busyProcessors: 1.2]), Staging.host("ap2", [.busyProcessors: 0.1])]
        #expect(Staging.verdict(Staging.tier("ap", hosts: hosts, members: members))?.cause == .imbalance)
        #expect(Staging.verdict(Staging.tier("ap", members: members))?.cause == .healthy)
    }

    @Test func aBusyPrimaryIsNotUneven() {
        let hosts = [Staging.host("db1", busy), Staging.host("db2"), Staging.host("db3")]
        #expect(Staging.verdict(Staging.tier("db", hosts: hosts))?.cause == .processor)
    }

    @Test func aStageThatNobodyCouldAskIsUnknown() {
        let host = HostMeasurement(host: Staging.name("ap1"), error: "connection refused")
        let diagnosis = Diagnosis.of(Staging.stage([Staging.tier("ap", hosts: [host])]))
        #expect(diagnosis.cause == .unknown)
        #expect(diagnosis.notes == ["ap: ap1: connection refused"])
        #expect(Diagnosis.of(Staging.stage([])).cause == .unknown)
    }

    @Test func hostsAreAddedForTheTarget() {
        let objective = ServiceObjective(path: "/", latencies: [LatencyTarget(share: 0.99, limit: .milliseconds(100))])
        let tier = Staging.tier(
            "ap", hosts: Staging.hosts("ap", 2, busy), members: Staging.members("ap", 2, time: 300),
            objectives: [objective])
        let advice = Staging.verdict(tier)?.advice.first
        #expect(advice?.action == .addHosts)
        #expect(advice?.hosts?.isAtLeast == true)
        #expect((advice?.hosts?.needed ?? 0) >= 3)
        #expect((advice?.hosts?.high ?? 0) <= 2 * (advice?.hosts?.needed ?? 0))
    }
}
