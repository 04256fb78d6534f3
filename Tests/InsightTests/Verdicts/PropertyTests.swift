import Fleet
import Foundation
import Insight
import Sampling
import TestSupport
import Testing

/// Whatever is observed, a diagnosis comes out of it, and says no more than what was seen.
struct DiagnosisPropertyTests {
    /// Numbers as hosts may have them, some of which cannot be.
    private static func number(_ dice: inout Dice) -> Double {
        let odd = [Double.nan, .infinity, -.infinity, -1, 1e300, -1e300, 0, 1e-300]
        switch dice.below(6) {
        case 0: return dice.pick(odd)
        case 1: return Double(dice.below(1_000_000))
        case 2: return Double(dice.below(100)) / 7
        default: return Double(dice.below(101))
        }
    }

    private static func sample(_ dice: inout Dice) -> Sample {
        let scope: SampleScope = dice.below(2) == 0 ? .machine : .controlGroup
        var sample = Sample(time: Int64(dice.below(1 << 30)), interval: number(&dice), scope: scope)
        for metric in Metric.allCases where dice.below(3) > 0 { sample[metric] = number(&dice) }
        sample.disks = (0..<dice.below(3)).map {
            DiskSample(name: "sd\($0)", readKiB: number(&dice), wait: number(&dice), utilisation: number(&dice))
        }
        sample.fileSystems = (0..<dice.below(3)).map { _ in
            FileSystemSample(
                path: "/", totalKiB: number(&dice), availableKiB: number(&dice), filesUsed: number(&dice))
        }
        return sample
    }

    private static func host(_ name: String, _ dice: inout Dice) -> HostMeasurement {
        var host = HostMeasurement(
            host: Staging.name(name), samples: (0..<dice.below(4)).map { _ in sample(&dice) },
            usual: dice.below(3) == 0 ? sample(&dice) : nil, error: dice.below(9) == 0 ? "gone" : nil)
        host.threads = (0..<dice.below(3)).map {
            ThreadActivity(name: "t\($0)", process: .max, thread: .min, busy: number(&dice))
        }
        host.listeners = (0..<dice.below(3)).map { _ in
            ListenQueue(port: 80, waiting: dice.pick([0, 5, .max, .min]), limit: nil, working: number(&dice))
        }
        host.calls = (0..<dice.below(3)).map { _ in
            CallObservation(
                address: dice.pick(["a", "b", "::1"]), port: 3306, connections: number(&dice), waiting: number(&dice),
                waited: number(&dice), roundTrip: number(&dice))
        }
        host.addresses = dice.below(2) == 0 ? ["a"] : []
        return host
    }

    private static func service(_ host: String, _ dice: inout Dice) -> ServiceObservation {
        let figures: ServiceFigures
        switch dice.below(5) {
        case 0:
            figures = .memcached(
                MemcachedFigures(
                    gets: number(&dice), hitShare: number(&dice), sets: number(&dice), evictions: number(&dice),
                    limitBytes: number(&dice), connections: number(&dice), connectionLimit: number(&dice)))
        case 1:
            let queue = RabbitQueue(
                name: "q", ready: number(&dice), unacknowledged: number(&dice), consumers: number(&dice),
                growth: number(&dice), published: number(&dice), acknowledged: number(&dice))
            figures = .rabbit(RabbitFigures(queues: [queue], alarms: dice.pick([[], ["disk"], ["memory"]])))
        case 2:
            var maria = MariaFigures()
            (maria.connections, maria.connectionLimit) = (number(&dice), number(&dice))
            (maria.pageRequests, maria.pageReads, maria.poolWaits) = (number(&dice), number(&dice), number(&dice))
            (maria.poolBytes, maria.rowLockTime) = (number(&dice), number(&dice))
            figures = .maria(maria)
        case 3:
            figures = .varnish(
                VarnishFigures(
                    requests: number(&dice), hitShare: number(&dice), nuked: number(&dice), bytes: number(&dice)))
        default:
            var process = HAProxyProcess()
            (process.idle, process.connections, process.connectionLimit) = (number(&dice), number(&dice), number(&dice))
            figures = .haproxy(HAProxyFigures(process: process))
        }
        return ServiceObservation(host: Staging.name(host), figures: figures, isStopped: dice.below(9) == 0)
    }

    private static func stage(_ dice: inout Dice) -> StageObservation {
        let names = ["lb", "ap", "queue", "worker", "cache", "db", "other"].filter { _ in dice.below(3) > 0 }
        let tiers = names.map { name in
            let hosts = (0..<dice.below(4)).map { host("\(name)\($0)", &dice) }
            let members = (0..<dice.below(4)).map { place in
                var member = Staging.member(
                    "\(name)\(place)", requests: number(&dice), failed: number(&dice), time: number(&dice),
                    weight: dice.pick([nil, 0, 1, 100, .max]), sessions: number(&dice), limit: number(&dice),
                    queued: number(&dice))
                member.queueGrowth = number(&dice)
                return member
            }
            let objective = ServiceObjective(
                path: "/", latencies: [LatencyTarget(share: 0.99, limit: .milliseconds(dice.below(300)))], errors: 0.01)
            var tier = TierObservation(
                name: name, hosts: hosts, members: members,
                services: (0..<dice.below(2)).map { _ in service("\(name)0", &dice) },
                calls: dice.below(4) == 0 ? [dice.pick(["db", "nowhere", name])] : nil,
                objectives: dice.below(2) == 0 ? [objective] : [])
            tier.levels = (0..<dice.below(9)).map { _ in LoadLevel(hosts: number(&dice), throughput: number(&dice)) }
            return tier
        }
        let late = LateTally(target: LatencyTarget(share: 0.99, limit: .milliseconds(100)), count: dice.below(500))
        return StageObservation(
            stage: "s", window: ObservationWindow(from: 0, to: dice.pick([0, 60, .max])), tiers: tiers,
            pages: [PageTally(path: "/", requests: dice.below(1000), failed: dice.below(9), late: [late])])
    }

    @Test(arguments: 0..<30) func whateverIsSeenADiagnosisComesOut(seed: Int) {
        var dice = Dice(UInt64(seed))
        for _ in 0..<8 {
            let stage = Self.stage(&dice)
            let diagnosis = Diagnosis.of(stage, spare: dice.below(3))
            #expect(diagnosis.verdicts.map(\.tier) == stage.tiers.map(\.name))
            for verdict in diagnosis.verdicts {
                #expect(!verdict.message.isEmpty)
                _ = verdict.evidence.map(\.message)
                for hosts in verdict.advice.compactMap(\.hosts) {
                    #expect(hosts.low <= hosts.needed && hosts.needed <= hosts.high)
                }
            }
            if diagnosis.cause.isShortage { #expect(diagnosis.tier != nil) }
            // JSON has no word for what is no number.
            let encoder = JSONEncoder()
            #expect(throws: Never.self) { try encoder.encode(diagnosis) }
            #expect(throws: Never.self) { try encoder.encode(CapacityPlan(stage)) }
            #expect(throws: Never.self) { try encoder.encode(MemoryAdvice.of(stage)) }
        }
    }

    @Test(arguments: StagedCases.all) func withoutSamplesNothingIsClaimed(_ one: TierCase) throws {
        var tier = one.tier
        tier.hosts = tier.hosts.map { HostMeasurement(host: $0.host, error: "no route to host") }
        (tier.members, tier.services) = ([], [])
        let diagnosis = Diagnosis.of(Staging.stage([tier]))
        #expect(diagnosis.cause == .unknown)
        #expect(diagnosis.verdicts.first?.confidence == .low)
    }

    /// A figure that is not known never makes a tier short: each of a healthy host's is taken away.
    @Test(arguments: Metric.allCases) func aFigureThatIsMissingMakesNobodyShort(_ metric: Metric) {
        let verdict = Staging.verdict(Staging.tier("ap", hosts: Staging.hosts("ap", 2, [metric: .nan])))
        #expect(verdict?.cause == .healthy)
    }

    @Test func moreOfTheSameNeverHeals() {
        func causes(_ metric: Metric, _ values: [Double], with others: [Metric: Double] = [:]) -> [Bool] {
            values.map { value in
                let figures = others.merging([metric: value], uniquingKeysWith: { $1 })
                return Staging.verdict(Staging.tier("ap", hosts: Staging.hosts("ap", 2, figures)))?.cause.isShortage
                    ?? false
            }
        }
        let shares = stride(from: 0.0, through: 100, by: 2.5).map(\.self)
        let series = [
            causes(.busyProcessors, shares.map { $0 / 50 }, with: [.cpuPressure: 30]),
            causes(.cpuPressure, shares.map { $0 / 2.6 }, with: [.busyProcessors: 1.8]),
            causes(.throttled, shares, with: [.busyProcessors: 0.45, .allowedProcessors: 0.5]),
            causes(.ioPressureFull, shares), causes(.memoryPressureFull, shares),
            causes(.refaults, shares.map { $0 * 20 }, with: [.ioPressure: 20]), causes(.retransmits, shares),
            causes(.listenOverflows, shares), causes(.outOfMemoryKills, shares),
        ]
        for one in series {
            let first = one.firstIndex(of: true) ?? one.count
            #expect(one[first...].allSatisfy { $0 })
            #expect(one.contains(true) && one.contains(false))
        }
    }
}
