import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

@Suite struct ComparisonTests {
    /// A table of failures, and the tail as R's `fisher.test(…, alternative = "greater")` has it.
    struct Table: Sendable, CustomTestStringConvertible {
        let failed: Int, requests: Int, restFailed: Int, restRequests: Int, tail: Double
        var testDescription: String { "\(failed) of \(requests), \(restFailed) of \(restRequests)" }
    }

    @Test(arguments: [
        Table(failed: 3, requests: 4, restFailed: 1, restRequests: 4, tail: 17.0 / 70),
        Table(failed: 10, requests: 10, restFailed: 0, restRequests: 20, tail: 1 / 30_045_015.0),
        Table(failed: 0, requests: 100, restFailed: 5, restRequests: 100, tail: 1),
        Table(failed: 5, requests: 5, restFailed: 5, restRequests: 5, tail: 1),
        Table(failed: 5, requests: 0, restFailed: 0, restRequests: 0, tail: 1),
        Table(failed: 2, requests: 10, restFailed: 0, restRequests: 10, tail: 45.0 / 190),
    ])
    func fishersTailIsExact(_ table: Table) {
        let tail = FisherTest.upperTail(
            failed: table.failed, of: table.requests, against: table.restFailed, of: table.restRequests)
        #expect(abs(tail - table.tail) < 1e-9, "\(tail)")
    }

    @Test func fishersTailStandsGreatNumbers() {
        let equal = FisherTest.upperTail(failed: 20_000, of: 2_000_000, against: 40_000, of: 4_000_000)
        #expect(equal > 0.4 && equal < 0.6, "\(equal)")
        #expect(FisherTest.upperTail(failed: 22_000, of: 2_000_000, against: 40_000, of: 4_000_000) < 1e-20)
    }

    @Test(
        arguments: [
            ([4, 5, 6], [1, 2, 3], 1.0 / 20), ([1, 2, 3], [4, 5, 6], 1), ([3], [1, 2], 1.0 / 3),
            ([2], [1, 3], 2.0 / 3),
            ([1, 1], [1, 1], 1), ([], [1], 1), ([5, 9], [1, 2, 6], 2.0 / 10),
        ] as [([Double], [Double], Double)])
    func ranksAreComparedExactly(_ sample: [Double], _ rest: [Double], _ tail: Double) {
        let found = RankTest.upperTail(sample, against: rest)
        #expect(abs(found - tail) < 1e-9, "\(found)")
    }

    @Test func manyRanksAreComparedNearlyAsExactly() {
        let rest = (1...200).map(Double.init)
        #expect(RankTest.upperTail((101...200).map(Double.init), against: rest) < 1e-10)
        let equal = RankTest.upperTail((1...200).map { Double($0) + 0.5 }, against: rest)
        #expect(equal > 0.3 && equal < 0.6, "\(equal)")
    }

    @Test func allLooksTogetherSpendWhatIsPermitted() {
        var spent = 0.0
        for batch in 0..<2000 {
            var schedule = LookSchedule(batch: batch, first: 5)
            for size in 1...400 { spent += schedule.look(at: size * 10, isDue: size > 200) ?? 0 }
        }
        #expect(spent > 0 && spent <= LookSchedule.permitted)
    }

    /// The mean that HAProxy would print after these times.
    private func mean(_ times: [Int]) -> MovingMean {
        var sum = 0
        for (index, time) in times.enumerated() {
            if index + 1 > 512 { sum -= (sum + 511) / 512 }
            sum += time
        }
        let window = max(1, min(512, times.count))
        return MovingMean(requests: times.count, printed: (sum + window - 1) / window)
    }

    @Test(arguments: [0, 1, 100, 500, 512, 600, 5000], [8, 20, 100, 1000])
    func theMeanOfTheLastRequestsIsFound(_ earlier: Int, _ count: Int) throws {
        var dice = Dice(UInt64(earlier + count))
        let before = (0..<earlier).map { _ in dice.below(40) }
        let after = (0..<count).map { _ in 300 }
        let found = try #require(mean(before + after).mean(since: mean(before)))
        #expect(abs(found.milliseconds - 300) <= found.error + 2, "\(found)")
        #expect(mean(before).mean(since: mean(before)) == nil)
    }

    private func view(_ counters: TrafficCounters?, _ balancer: HostName = host(named: "lb1")) -> BalancerView {
        BalancerView(
            balancer: balancer,
            running: [
                RunningMember(host: host(named: "ap1"), address: "10.0.0.1", port: 80, state: .up, counters: counters)
            ])
    }

    private func counters(_ good: Int, _ bad: Int, time: Int = 5) -> TrafficCounters {
        TrafficCounters(answers: [0, 0, good, 0, 0, bad], chosen: good + bad, responseTime: time)
    }

    @Test func countingBeginsWithTheFirstAnswerAndAnewWithEachProcess() {
        var tally = TrafficTally()
        tally.take([view(counters(1000, 50)), view(counters(10, 0), host(named: "lb2"))])
        #expect(tally.sample(of: [host(named: "ap1")]).requests == 0)
        tally.take([view(counters(1010, 52)), view(counters(14, 0), host(named: "lb2"))])
        #expect(tally.sample(of: [host(named: "ap1")]).requests == 16)
        #expect(tally.sample(of: [host(named: "ap1")]).failed == 2)
        // One balancer was reloaded.
        tally.take([view(counters(3, 1)), view(counters(14, 0), host(named: "lb2"))])
        #expect(tally.sample(of: [host(named: "ap1")]).requests == 20)
        #expect(tally.sample(of: [host(named: "ap1")]).failed == 3)
        // The other does not answer for a while, and counts nothing then.
        tally.take([view(counters(3, 1)), BalancerView(balancer: host(named: "lb2"), fault: "silent")])
        tally.take([view(nil), view(counters(20, 0), host(named: "lb2"))])
        #expect(tally.sample(of: [host(named: "ap1")]).requests == 26)
        #expect(tally.sample(of: [host(named: "ap2")]).requests == 0)
    }

    private func judge(
        _ batch: (Int, Int), _ rest: (Int, Int)?, _ limits: ErrorLimits = ErrorLimits(), isRecorded: Bool = false
    ) -> GateAnswer {
        var comparison = ErrorComparison(limits, batch: 0)
        return comparison.judge(
            .init(requests: batch.1, failed: batch.0), against: rest.map { .init(requests: $0.1, failed: $0.0) },
            isRecorded: isRecorded, isDue: true)
    }

    @Test func errorsSayWhatTheySaw() {
        let answer = judge((12, 240), (0, 480))
        #expect(answer.verdict == .fail)
        #expect(
            answer.reason.hasPrefix(
                "12 of 240 requests (5 %) of the batch failed, 0 of 480 requests (0 %) of the rest; Fisher's exact test p = "
            ), "\(answer.reason)")
        #expect(answer.figures?.rest == .init(requests: 480, failed: 0))
        #expect(judge((12, 240), (0, 480), isRecorded: true).reason.contains("of the rest before"))
    }

    @Test(
        arguments: [
            // What is bad everywhere is no fault of the build's.
            ((100, 100), (200, 200), Verdict.pass), ((50, 100), (100, 200), .pass),
            // A few requests of an idle service tell when all of them fail.
            ((8, 8), (0, 20), .fail), ((1, 1), (0, 3), .insufficient), ((0, 10), (0, 1000), .insufficient),
            ((0, 1000), (0, 10), .insufficient), ((0, 100), (50, 100), .pass),
            // What is tolerated.
            ((9, 1000), (0, 2000), .pass), ((500, 50_000), (500, 100_000), .pass),
            ((1500, 50_000), (500, 100_000), .fail),
        ] as [((Int, Int), (Int, Int), Verdict)])
    func errorsAreCompared(_ batch: (Int, Int), _ rest: (Int, Int), _ verdict: Verdict) {
        let answer = judge(batch, rest)
        #expect(answer.verdict == verdict, "\(answer.reason)")
    }

    @Test func aLimitHoldsWhateverTheRestDoes() {
        let limits = ErrorLimits(limit: 0.2)
        #expect(judge((100, 100), (200, 200), limits).verdict == .fail)
        #expect(judge((100, 100), nil, limits).verdict == .fail)
        #expect(judge((20, 100), (40, 200), limits).verdict == .pass)
        #expect(judge((0, 100), nil, limits).verdict == .pass)
    }

    @Test func aFirstReleaseHasNothingToBeComparedWith() async {
        for gate in [Gate.errors(ErrorLimits()), Gate.latency(LatencyLimits())] {
            let watch = GateWatch([host(named: "ap1")])
            watch.traffic.take([view(counters(0, 0))])
            watch.traffic.take([view(counters(0, 500))])
            let answer = await gate.begin(watch)(GateMoment(elapsed: .seconds(5), isDue: true))
            #expect(answer.verdict == .pass, "\(answer.reason)")
        }
    }

    @Test func withoutCountersThereIsTooLittleToJudgeBy() async {
        let gate = Gate.errors(ErrorLimits())
        let watch = GateWatch([host(named: "ap1")], rest: [host(named: "ap2")], hasForerunner: true)
        watch.traffic.take([view(nil)])
        let answer = await gate.begin(watch)(GateMoment(elapsed: .seconds(5), isDue: true))
        #expect(answer.verdict == .insufficient && !answer.isOpen)
    }

    @Test func figuresAreBounded() throws {
        let sample = GateFigures.Sample(requests: 5000, times: (0..<5000).map { Double($0) / 3 })
        #expect(sample.times?.count == 100)
        let finding = GateReport.Finding(gate: "g", verdict: .pass, reason: "r", figures: .init(batch: sample))
        let again = try JSONDecoder().decode(GateReport.Finding.self, from: JSONEncoder().encode(finding))
        #expect(again == finding)
    }
}
