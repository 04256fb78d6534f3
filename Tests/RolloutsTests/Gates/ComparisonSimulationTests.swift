import Fleet
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// The comparisons' false alarms and power, by simulation: three hosts behind two balancers at 200 requests/s, bakes of 3 s as
/// in the repository's drover.yml, a canary and then the other two hosts.
@Suite struct ComparisonSimulationTests {
    /// What became of a rollout.
    struct Outcome {
        var failed: [String] = []
        /// For how long the canary was watched.
        var canary = Duration.zero
    }

    private static let bake = Duration.seconds(3)

    /// Takes a canary and the others through the gates; `good` is how hosts behave on the former release, `bad` on the
    /// build.
    private static func rollOut(
        _ good: [SimulatedTraffic.Behaviour], _ bad: [SimulatedTraffic.Behaviour], rate: Double = 200, seed: UInt64,
        policy: NoDataPolicy = .fail, reloads: Bool = false
    ) async -> Outcome {
        let clock = TestClock()
        let traffic = Mutex(SimulatedTraffic(good, rate: rate, Dice(seed)))
        traffic.withLock { $0.run(for: 20) }
        let keeper = GateKeeper(
            gates: [.errors(ErrorLimits(onNoData: policy)), .latency(LatencyLimits(onNoData: policy))], bake: bake,
            clock: clock)
        let hosts = traffic.withLock { $0.hosts }
        var outcome = Outcome()
        var reports: [GateReport] = []
        for (number, batch) in [[0], [1, 2]].enumerated() {
            traffic.withLock { traffic in for host in batch { traffic.behaviours[host] = bad[host] } }
            let begin = clock.now
            let last = Mutex(clock.now)
            let watch = GateWatch(
                batch.map { hosts[$0] }, rest: number == 0 ? Array(hosts[1...]) : [], batch: number,
                hasForerunner: true, earlier: reports)
            watch.traffic.take(traffic.withLock { $0.views })
            let itself = Gate(name: "itself", watching: .throughout) { _ in
                let passed = last.withLock { last in
                    defer { last = clock.now }
                    return last.duration(to: clock.now)
                }
                traffic.withLock { traffic in
                    traffic.run(for: passed / .seconds(1))
                    if reloads, clock.now.offset > .seconds(1) { traffic.reload(0) }
                    watch.traffic.take(traffic.views)
                }
                return (.pass, reason: "")
            }
            let report = await keeper.judge(watch, itself)
            if number == 0 { outcome.canary = begin.duration(to: clock.now) }
            reports.append(report)
            if report.verdict != .pass {
                outcome.failed.append("\(number): \(report.objection?.gate ?? "") \(report.objection?.reason ?? "")")
                break
            }
        }
        return outcome
    }

    struct Kind: Sendable, CustomTestStringConvertible {
        let errorRate: Double, median: Double, spread: Double
        var rate = 200.0
        var testDescription: String {
            "\(errorRate * 100) % errors, \(median) ms ± \(spread), \(rate)/s"
        }

        /// Hosts a bit unlike one another.
        func hosts(_ dice: inout Dice) -> [SimulatedTraffic.Behaviour] {
            (0..<3).map { _ in
                func about(_ value: Double, _ most: Double) -> Double {
                    value * (1 + most * (Double(dice.below(2001)) / 1000 - 1))
                }
                return .init(errorRate: about(errorRate, 0.25), median: about(median, 0.15), spread: spread)
            }
        }
    }

    static let kinds = [
        Kind(errorRate: 0.001, median: 5, spread: 0.5), Kind(errorRate: 0.005, median: 20, spread: 1),
        Kind(errorRate: 0.02, median: 80, spread: 1), Kind(errorRate: 0.01, median: 40, spread: 1.5),
        Kind(errorRate: 0.01, median: 10, spread: 1, rate: 2000),
    ]

    @Test(arguments: kinds)
    func identicalBuildsHardlyEverFail(_ kind: Kind) async {
        let count = kind.rate > 1000 ? 20 : 200
        var alarms: [String] = []
        for seed in 1...count {
            var dice = Dice(UInt64(seed))
            let hosts = kind.hosts(&dice)
            alarms += await Self.rollOut(hosts, hosts, rate: kind.rate, seed: UInt64(seed) &* 7919).failed
        }
        #expect(alarms.count * 100 <= count, "\(alarms)")
    }

    @Test(arguments: kinds.prefix(2))
    func aCanaryThatFailsOneRequestInTwentyIsStopped(_ kind: Kind) async {
        await Self.expectStopped(kind) { $0.errorRate += 0.05 }
    }

    @Test(arguments: kinds.prefix(4))
    func aCanaryThatIsSlowerIsStopped(_ kind: Kind) async {
        await Self.expectStopped(kind) { $0.delay = 300 }
    }

    /// `leastconn` sends a slow host little.
    @Test func aSlowCanaryThatHardlyGetsTrafficIsStopped() async {
        await Self.expectStopped(Self.kinds[0]) { ($0.delay, $0.weight) = (300, 0.06) }
    }

    private static func expectStopped(_ kind: Kind, _ spoil: (inout SimulatedTraffic.Behaviour) -> Void) async {
        var missed = 0
        var late = Duration.zero
        for seed in UInt64(1)...100 {
            var dice = Dice(seed)
            let hosts = kind.hosts(&dice)
            var bad = hosts
            for host in bad.indices { spoil(&bad[host]) }
            let outcome = await rollOut(hosts, bad, seed: seed &* 104_729)
            late = max(late, outcome.canary)
            if outcome.failed.first?.hasPrefix("0") != true { missed += 1 }
        }
        #expect(missed <= 1, "the canary passed")
        #expect(late < .seconds(19))
    }

    @Test func reloadsOfABalancerAreNoAlarm() async {
        for seed in UInt64(1)...50 {
            var dice = Dice(seed)
            let hosts = Self.kinds[1].hosts(&dice)
            #expect(await Self.rollOut(hosts, hosts, seed: seed, policy: .pass, reloads: true).failed == [])
        }
    }
}
