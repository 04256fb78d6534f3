import Fleet
import Insight
import Testing

struct ErrorBudgetTests {
    private static let quick = LatencyTarget(share: 0.99, limit: .milliseconds(200))
    private let home = ServiceObjective(path: "/", latencies: [quick], errors: 0.001)

    private func tally(_ requests: Int, failed: Int = 0, late: Int = 0, path: String = "/") -> PageTally {
        PageTally(path: path, requests: requests, failed: failed, late: [LateTally(target: Self.quick, count: late)])
    }

    @Test func whatIsLeftIsOfTheWholePeriod() throws {
        let budgets = home.budgets(
            [tally(10_000, failed: 4, late: 50), tally(9, failed: 9, path: "/other")], elapsed: 0.5)
        #expect(budgets.map(\.promise) == ["errors 0.1%", "p99 200ms"])
        // 20,000 requests are to be expected, of which 20 may fail and 200 be late.
        #expect(abs((budgets[0].left ?? 0) - 0.8) < 1e-9)
        #expect(abs((budgets[1].left ?? 0) - 0.75) < 1e-9)
        #expect(abs((budgets[0].burnRate ?? 0) - 0.4) < 1e-9)
        #expect(budgets[0].message == "/ errors 0.1%: 4 of 10000 (0.04 %, 0.1 % may), budget 80 % left")
    }

    @Test func nothingAllowedIsSpentByTheFirst() {
        let budget = ErrorBudget(path: "/", promise: "errors 0%", requests: 10, bad: 1, allowed: 0)
        #expect(budget.left == -1)
        #expect(ErrorBudget(path: "/", promise: "errors 0%", requests: 10, bad: 0, allowed: 0).left == 1)
        #expect(ErrorBudget(path: "/", promise: "errors 0%", requests: 0, bad: 0, allowed: 0.1).left == nil)
    }

    @Test(arguments: [
        (5000, 0, 20, ObjectiveJudgement.Outcome.pass), (5000, 20, 20, .fail), (5000, 5, 50, .pass),
        (5000, 6, 90, .fail), (50, 0, 0, .insufficient), (50, 3, 3, .fail), (0, 0, 0, .insufficient),
        (5000, 9, 50, .pass),
    ])
    func aGateIsSure(requests: Int, failed: Int, late: Int, outcome: ObjectiveJudgement.Outcome) {
        let judgement = ObjectiveJudgement([home], [tally(requests, failed: failed, late: late)])
        #expect(judgement.outcome == outcome, "\(judgement.message)")
    }

    @Test func worseIsNeverBetter() {
        let outcomes = (0...200).map { ObjectiveJudgement([home], [tally(3000, failed: $0)]).outcome }
        let firstFailure = outcomes.firstIndex(of: .fail) ?? outcomes.count
        #expect(outcomes[firstFailure...].allSatisfy { $0 == .fail })
        #expect(firstFailure == 9)
    }

    @Test func nothingPromisedIsNothingKept() {
        #expect(ObjectiveJudgement([], [tally(100)]).outcome == .insufficient)
    }

    @Test func countsBeyondAddingTrapNobody() {
        let huge = [tally(.max, failed: .max, late: .max), tally(.max, failed: .min, late: .max)]
        #expect(home.budgets(huge).allSatisfy { $0.requests == .max })
        #expect(ObjectiveJudgement([home], huge).outcome == .fail)
    }
}
