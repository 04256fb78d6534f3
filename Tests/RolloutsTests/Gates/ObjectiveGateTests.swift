import Fleet
import TestSupport
import Testing

@testable import Rollouts

@Suite struct ObjectiveGateTests {
    /// Looks at growing samples, of which so many in a thousand are beyond the limit, up to `all`.
    private func answers(
        _ perMille: Int, of all: Int, allowed: Double, minimum: Int = 50
    ) -> [(verdict: Verdict, isOpen: Bool)] {
        var check = ObjectiveCheck(allowed: allowed, minimum: minimum, batch: 0)
        return stride(from: all / 10, through: all, by: all / 10).map { size in
            check.judge(size * perMille / 1000, of: size, isDue: size == all)
        }
    }

    @Test(
        arguments: [
            (0, 1000, 0.001, .pass, false), (0, 40, 0.001, .insufficient, false), (1, 1000, 0.001, .pass, false),
            // Above, and not surely so.
            (3, 1000, 0.001, .pass, true), (50, 1000, 0.001, .fail, false), (20, 1000, 0.01, .pass, true),
            (100, 200, 0.01, .fail, false), (1000, 10, 0.5, .insufficient, true), (1000, 100, 0.5, .fail, false),
        ] as [(Int, Int, Double, Verdict, Bool)])
    func onlyWhatIsSurelyTooMuchFails(
        _ perMille: Int, _ all: Int, _ allowed: Double, _ verdict: Verdict, _ isOpen: Bool
    ) throws {
        let answers = answers(perMille, of: all, allowed: allowed)
        let last = try #require(answers.first { $0.verdict == .fail } ?? answers.last)
        #expect(last.verdict == verdict && last.isOpen == isOpen)
    }

    /// Batches that are exactly as bad as they may be, looked at every half second, over and over.
    @Test func whatKeepsToItHardlyEverFails() {
        var dice = Dice(7)
        var alarms = 0
        for _ in 0..<2000 {
            var check = ObjectiveCheck(allowed: 0.02, minimum: 50, batch: 0)
            var (late, all) = (0, 0)
            for look in 0..<40 {
                for _ in 0..<25 { late += Double.random(in: 0..<1, using: &dice) < 0.02 ? 1 : 0 }
                all += 25
                if check.judge(late, of: all, isDue: look > 20).verdict == .fail {
                    alarms += 1
                    break
                }
            }
        }
        #expect(alarms <= 20, "\(alarms) of 2000")
    }

    private func requests(_ times: [Double]) -> OwnRequests {
        var requests = OwnRequests()
        requests.times = [host(named: "ap1"): times]
        return requests
    }

    @Test func timesAreHeldAgainstEachShare() {
        let objective = ServiceObjective(
            path: "/",
            latencies: [
                LatencyTarget(share: 0.5, limit: .milliseconds(50)),
                LatencyTarget(share: 0.99, limit: .milliseconds(300)),
            ])
        let ap1 = [host(named: "ap1")]
        func judge(_ times: [Double]) -> GateAnswer {
            var check = TimesCheck(objective, ObjectiveGate(requests: 100), batch: 0)
            return check.judge(requests(times), of: ap1, isDue: true)
        }
        let fast = [Double](repeating: 10, count: 100)
        #expect(judge(fast).verdict == .pass && !judge(fast).isOpen)
        #expect(judge(Array(fast.prefix(60))).verdict == .insufficient && judge(Array(fast.prefix(60))).isOpen)
        // One in a hundred may be late; two are not surely more than that.
        #expect(judge(fast.dropLast(2) + [400, 400]).verdict == .pass)
        #expect(judge(fast.dropLast(2) + [400, 400]).isOpen)
        let slow = judge(fast.dropLast(15) + [Double](repeating: 400, count: 15))
        #expect(slow.verdict == .fail)
        #expect(slow.reason == "p99 is 400.0 ms of 100 requests, at most 300ms may be")
        let usual = judge([Double](repeating: 60, count: 100))
        #expect(usual.verdict == .fail && usual.reason.hasPrefix("p50 is 60.0 ms"))
    }

    private func view(_ good: Int, _ failed: Int) throws -> BalancerView {
        let counters = TrafficCounters(answers: [0, 0, good, 0, 0, failed], chosen: good + failed)
        let member = RunningMember(
            host: host(named: "ap1"), address: "10.0.0.1", port: 80, state: .up, counters: counters)
        return BalancerView(balancer: host(named: "lb1"), running: [member])
    }

    @Test(
        arguments: [
            (500, 0, .pass, "0 of 500 requests (0 %) of the batch failed, at most 0.1 % may"),
            (
                20, 0, .insufficient,
                "0 of 20 requests (0 %) of the batch failed, at most 0.1 % may: fewer than 50 tell nothing"
            ),
            (90, 10, .fail, "10 of 100 requests (10 %) of the batch failed, at most 0.1 % may"),
        ] as [(Int, Int, Verdict, String)])
    func failuresAreThoseThatBalancersCount(
        _ good: Int, _ failed: Int, _ verdict: Verdict, _ reason: String
    ) async throws {
        let watch = GateWatch([host(named: "ap1")])
        let question = await Gate.objective(errors: 0.001, ObjectiveGate()).begin(watch)
        watch.traffic.take([try view(0, 0)])
        watch.traffic.take([try view(good, failed)])
        let answer = await question(GateMoment(elapsed: .seconds(30), isDue: true))
        #expect(answer.verdict == verdict)
        #expect(answer.reason == reason)
        #expect(answer.figures?.batch.requests == good + failed)
    }
}
