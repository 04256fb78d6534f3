import Insight
import Sampling
import Testing

/// A tier as it was seen, and what is to be said of it.
struct TierCase: Sendable, CustomTestStringConvertible {
    let name: String
    let tier: TierObservation
    let cause: Cause

    init(_ name: String, _ cause: Cause, _ tier: TierObservation) {
        (self.name, self.cause, self.tier) = (name, cause, tier)
    }

    var testDescription: String { name }
}

/// What staged bottlenecks showed on real hosts, by the figures that were measured there; each beside what it must not be taken
/// for.
enum StagedCases {
    private static func one(
        _ name: String, _ cause: Cause, _ figures: [Metric: Double], tier: String = "ap", disks: [DiskSample] = [],
        usual: Sample? = nil, fileSystems: [FileSystemSample] = [], scope: SampleScope = .controlGroup,
        threads: [ThreadActivity] = [], listeners: [ListenQueue] = [], services: [ServiceFigures] = []
    ) -> TierCase {
        let host = Staging.host(
            "\(tier)1", figures, scope: scope, disks: disks, usual: usual, fileSystems: fileSystems, threads: threads,
            listeners: listeners)
        return TierCase(
            name, cause,
            Staging.tier(tier, hosts: [host], services: services.map { Staging.service("\(tier)1", $0) }))
    }

    static let processors: [TierCase] = [
        one(
            "1: a quota of 0.2 processors", .processor,
            [
                .busyProcessors: 0.17, .allowedProcessors: 0.2, .throttled: 95, .cpuPressure: 75,
                .cpuPressureFull: 75,
            ]),
        one(
            "2: one processor, two busy threads", .processor,
            [.busyProcessors: 1, .allowedProcessors: 1, .cpuPressure: 99]),
        one(
            "3: one busy thread of a program that has one", .workers, [.busyProcessors: 1, .cpuPressure: 2],
            threads: [ThreadActivity(name: "app", process: 9, thread: 9, busy: 0.99)]),
        one("4: a neighbour, one thread", .neighbour, [.busyProcessors: 0.2, .cpuPressure: 48]),
        one(
            "4: a neighbour, four threads", .neighbour,
            [.busyProcessors: 0.27, .cpuPressure: 97, .cpuPressureFull: 84]),
        one("4: a neighbour of a machine", .neighbour, [.steal: 25], scope: .machine),
        one("busy, and nobody waits", .healthy, [.busyProcessors: 1.7, .cpuPressure: 4]),
        one("busy, and hardly anybody waits", .healthy, [.busyProcessors: 1.4, .cpuPressure: 20]),
        one("held back now and then", .healthy, [.busyProcessors: 0.9, .allowedProcessors: 1.5, .throttled: 12]),
        one("bursts against a quota", .processor, [.busyProcessors: 0.35, .allowedProcessors: 0.5, .throttled: 60]),
        one(
            "no pressure figures", .processor, [.busyProcessors: 1.97, .cpuPressure: .nan, .throttled: .nan],
            scope: .machine),
        one("no pressure figures, busy", .healthy, [.busyProcessors: 1.7, .cpuPressure: .nan], scope: .machine),
        one(
            "waits while its own quota holds it", .healthy,
            [.busyProcessors: 0.1, .allowedProcessors: 0.2, .throttled: 15, .cpuPressure: 45]),
    ]

    static let disks: [TierCase] = [
        one("5: slow reads", .disk, [.busyProcessors: 0.002, .ioPressure: 38, .ioPressureFull: 38]),
        one("6: slow writes", .disk, [.ioPressure: 50, .ioPressureFull: 50]),
        one(
            "7: bound by fsync", .disk, [.busyProcessors: 0.001, .ioPressure: 1, .ioPressureFull: 1, .iowait: 0.2],
            tier: "db", disks: [DiskSample(name: "sda", transfers: 230, queue: 0.9, wait: 4, utilisation: 94)],
            scope: .machine),
        one(
            "iowait by itself", .healthy, [.iowait: 45, .user: 5, .system: 2, .busyProcessors: .nan], scope: .machine),
        one(
            "a solid-state disk at its ease", .healthy, [:],
            disks: [DiskSample(name: "nvme0n1", wait: 0.12, utilisation: 96)], scope: .machine),
        one(
            "busy as ever", .healthy, [:], disks: [DiskSample(name: "sda", wait: 5, utilisation: 85)],
            usual: Staging.sample(disks: [DiskSample(name: "sda", wait: 4, utilisation: 40)]), scope: .machine),
        one(
            "twice as slow as usual", .disk, [:], disks: [DiskSample(name: "sda", wait: 9, utilisation: 85)],
            usual: Staging.sample(disks: [DiskSample(name: "sda", wait: 4, utilisation: 40)]), scope: .machine),
        one("some wait now and then", .healthy, [.ioPressure: 12, .ioPressureFull: 6]),
    ]

    static let memory: [TierCase] = [
        one(
            "8: page cache too small", .pageCache,
            [
                .refaults: 6053, .memoryPressure: 6.4, .ioPressure: 24, .ioPressureFull: 24, .memoryTotal: 131_072,
                .memoryAnonymous: 20_000,
            ]),
        one(
            "8: page cache too small, a slow disk", .pageCache,
            [
                .refaults: 187, .memoryPressure: 0.2, .ioPressure: 40, .ioPressureFull: 38, .sectorsRead: 1496,
                .memoryTotal: 131_072,
            ]),
        one("9: read once in order", .healthy, [.pagedIn: 300_000, .memoryAvailable: 20_000, .ioPressure: 3]),
        one(
            "10: read in order again and again", .pageCache,
            [.refaults: 368_000, .memoryPressure: 5.5, .ioPressure: 33, .ioPressureFull: 20]),
        one(
            "11: full, and all that is used fits", .healthy,
            [.memoryTotal: 131_072, .memoryAvailable: 3000, .memoryCached: 125_000, .memoryFree: 900, .refaults: 2]),
        one(
            "12: a heap, and nothing else", .healthy,
            [.memoryTotal: 131_072, .memoryAnonymous: 102_400, .memoryCached: 17_000]),
        one(
            "12 and 8: a heap leaves no cache", .pageCache,
            [
                .memoryTotal: 131_072, .memoryAnonymous: 102_400, .refaults: 5000, .ioPressure: 20,
                .ioPressureFull: 15,
            ]),
        one("13: a heap over the limit", .memory, [.outOfMemoryKills: 1.0 / 60]),
        one("swapping", .memory, [.swapIn: 400, .swapOut: 380, .memoryPressure: 20, .memoryPressureFull: 12]),
        one("swapped out long ago", .healthy, [.swapOut: 40, .swapTotal: 1_000_000, .swapFree: 300_000]),
        one("few refaults of much reading", .healthy, [.refaults: 120, .sectorsRead: 200_000, .ioPressure: 8]),
        one("refaults that nobody waits for", .healthy, [.refaults: 900, .ioPressure: 1, .memoryPressure: 0.5]),
        one(
            "a log disk that is full", .space, [:],
            fileSystems: [FileSystemSample(path: "/var/log", totalKiB: 65_536, availableKiB: 0)]),
        one(
            "no file may be made any more", .space, [:],
            fileSystems: [FileSystemSample(path: "/", totalKiB: 2e7, availableKiB: 1e7, filesUsed: 100)]),
        one(
            "nearly full", .healthy, [:],
            fileSystems: [FileSystemSample(path: "/", totalKiB: 2e7, availableKiB: 8e5)]),
    ]

    static let connections: [TierCase] = [
        one("14: a slow link", .network, [.segmentsOut: 4795 / 60, .retransmits: 295 / 60]),
        one("a few segments sent again", .healthy, [.segmentsOut: 5000, .retransmits: 12]),
        one("a host that is off is asked again and again", .healthy, [.segmentsOut: 25, .retransmits: 0.9]),
        one("hardly anything is sent", .healthy, [.segmentsOut: 3, .retransmits: 1]),
        one("15: nobody accepts", .connections, [.listenOverflows: 0.8, .listenDrops: 0.8]),
        TierCase(
            "16: a limit of 20 for each member", .connections,
            Staging.tier("ap", members: Staging.members("ap", 2, sessions: 20, limit: 20, queued: 55))),
        TierCase(
            "16: the same while processors are all in use", .processor,
            Staging.tier(
                "ap", hosts: Staging.hosts("ap", 2, [.busyProcessors: 1.95, .cpuPressure: 70]),
                members: Staging.members("ap", 2, sessions: 20, limit: 20, queued: 55))),
        one("17: max_connections of 5", .connections, [:], tier: "db", services: [.maria(full)]),
        one(
            "18: a buffer pool of 5 MB", .pageCache, [.ioPressure: 22, .ioPressureFull: 5], tier: "db",
            services: [.maria(starved)]),
        one(
            "19: memcached with 2 MB", .pageCache, [:], tier: "cache",
            services: [.memcached(MemcachedFigures(sets: 1, evictions: 0.5, items: 30, limitBytes: 2_097_152))]),
        one(
            "a memcached that is full, with what is asked for in it", .healthy, [:], tier: "cache",
            services: [
                .memcached(
                    MemcachedFigures(gets: 500, hitShare: 0.97, sets: 15, evictions: 15, bytes: 2e6, limitBytes: 2.1e6))
            ]),
        one(
            "memcached with as many clients as may be", .connections, [:], tier: "cache",
            services: [.memcached(MemcachedFigures(gets: 100, connections: 1020, connectionLimit: 1024, refusals: 2))]),
        one(
            "20: workers stopped", .backlog, [:], tier: "queue",
            services: [
                .rabbit(RabbitFigures(queues: [RabbitQueue(name: "jobs", ready: 900, consumers: 0, growth: 15)]))
            ]),
        one(
            "20: workers too few", .backlog, [:], tier: "queue",
            services: [
                .rabbit(
                    RabbitFigures(queues: [
                        RabbitQueue(
                            name: "jobs", ready: 900, unacknowledged: 2, consumers: 2, growth: 15, published: 20,
                            acknowledged: 5)
                    ]))
            ]),
        one(
            "jobs wait, and are done as they come", .healthy, [:], tier: "queue",
            services: [
                .rabbit(
                    RabbitFigures(queues: [
                        RabbitQueue(
                            name: "jobs", ready: 40, consumers: 4, growth: 0.02, published: 20, acknowledged: 20)
                    ]))
            ]),
        TierCase(
            "22: workers that sleep", .workers,
            Staging.tier(
                "ap",
                hosts: [
                    Staging.host("ap1", listeners: [ListenQueue(port: 8080, waiting: 30, limit: 128, working: 4)]),
                    Staging.host("ap2", listeners: [ListenQueue(port: 8080, waiting: 28, limit: 128, working: 4)]),
                ], members: Staging.members("ap", 2, time: 2400, sessions: 35))),
    ]

    private static var full: MariaFigures {
        var figures = MariaFigures()
        (figures.connections, figures.connectionLimit, figures.refusals) = (6, 5, 3)
        return figures
    }

    private static var starved: MariaFigures {
        var figures = MariaFigures()
        (figures.pageRequests, figures.pageReads, figures.poolWaits) = (40_000, 9000, 12)
        (figures.poolBytes, figures.connections, figures.connectionLimit) = (5_242_880, 4, 151)
        return figures
    }

    static let all = processors + disks + memory + connections
}

struct StagedCaseTests {
    @Test(arguments: StagedCases.all)
    func eachCaseHasItsVerdict(_ one: TierCase) throws {
        let verdict = try #require(Staging.verdict(one.tier))
        #expect(verdict.cause == one.cause, "\(verdict.message): \(verdict.evidence.map(\.message))")
    }

    @Test(arguments: StagedCases.all)
    func whoeverIsShortIsToldByWhichFiguresAndWhatMendsIt(_ one: TierCase) throws {
        let diagnosis = Diagnosis.of(Staging.stage([one.tier]))
        let verdict = try #require(diagnosis.verdicts.first)
        guard one.cause.isShortage else { return #expect(verdict.advice.isEmpty) }
        #expect(!verdict.advice.isEmpty)
        #expect(verdict.evidence.contains { $0.limit != nil }, "\(verdict.evidence.map(\.message))")
        #expect(verdict.evidence.allSatisfy { $0.window == Staging.window })
        #expect(diagnosis.tier == one.tier.name)
    }
}
