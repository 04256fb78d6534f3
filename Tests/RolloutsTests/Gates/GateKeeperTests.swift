import Fleet
import Rollouts
import Synchronization
import TestSupport
import Testing

@Suite struct GateKeeperTests {
    struct VerdictCase: Sendable, CustomTestStringConvertible {
        let findings: [Verdict], verdict: Verdict
        var testDescription: String { findings.map(\.rawValue).joined(separator: ", ") + " → \(verdict.rawValue)" }
    }

    @Test(arguments: [
        VerdictCase(findings: [], verdict: .pass),
        VerdictCase(findings: [.pass, .pass], verdict: .pass),
        VerdictCase(findings: [.pass, .insufficient], verdict: .insufficient),
        VerdictCase(findings: [.insufficient, .fail, .pass], verdict: .fail),
    ])
    func aFailureWinsOverTooLittle(_ c: VerdictCase) {
        let report = GateReport(c.findings.map { .init(gate: "g", verdict: $0, reason: "") })
        #expect(report.verdict == c.verdict)
        #expect(report.objection?.verdict == (c.verdict == .pass ? nil : c.verdict))
    }

    @Test func gatesAreAskedThroughoutTheBakeAndCommandsOnceAtTheEnd() async throws {
        let asked = Mutex<[String]>([])
        func gate(_ name: String, _ watching: Gate.Watching) -> Gate {
            Gate(name: name, watching: watching) { _ in
                asked.withLock { $0.append(name) }
                return (.pass, reason: "")
            }
        }
        let keeper = GateKeeper(
            gates: [gate("command", .atTheEnd), gate("http", .throughout)], bake: .seconds(2),
            interval: .milliseconds(500), clock: TestClock())
        let report = await keeper.judge(GateWatch([]))
        #expect(asked.withLock { $0 } == ["http", "http", "http", "http", "http", "command"])
        #expect(report.verdict == .pass)
    }

    struct BakeCase: Sendable, CustomTestStringConvertible {
        let answersIn: Duration, bake: Duration, questions: Int
        var testDescription: String { "bake \(bake), each answer takes \(answersIn)" }
    }

    @Test(arguments: [
        BakeCase(answersIn: .zero, bake: .zero, questions: 1),
        BakeCase(answersIn: .zero, bake: .seconds(2), questions: 5),
        BakeCase(answersIn: .milliseconds(1500), bake: .seconds(4), questions: 3),
        BakeCase(answersIn: .seconds(5), bake: .seconds(4), questions: 2),
        BakeCase(answersIn: .seconds(60), bake: .seconds(60), questions: 2),
    ])
    func theBakeIsTimeHoweverLongGatesTake(_ c: BakeCase) async {
        let clock = TestClock()
        let count = Mutex(0)
        let gate = Gate(name: "http", watching: .throughout) { _ in
            count.withLock { $0 += 1 }
            clock.advance(by: c.answersIn)
            return (.pass, reason: "")
        }
        let keeper = GateKeeper(gates: [gate], bake: c.bake, interval: .milliseconds(500), clock: clock)
        _ = await keeper.judge(GateWatch([]))
        #expect(count.withLock { $0 } == c.questions)
    }

    @Test func aFailureInTheLastMomentOfTheBakeIsSeen() async {
        let clock = TestClock()
        let gate = Gate(name: "http", watching: .throughout) { _ in
            (clock.now.offset >= .seconds(2) ? .fail : .pass, reason: "")
        }
        let keeper = GateKeeper(gates: [gate], bake: .seconds(2), interval: .milliseconds(1900), clock: clock)
        #expect(await keeper.judge(GateWatch([])).verdict == .fail)
    }

    @Test func theWatchEndsAtTheFirstFailure() async throws {
        let count = Mutex(0)
        let gate = Gate(name: "http", watching: .throughout) { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return (number == 3 ? .fail : .pass, reason: "\(number)")
        }
        let keeper = GateKeeper(
            gates: [gate], bake: .seconds(60), interval: .milliseconds(500), clock: TestClock())
        let report = await keeper.judge(GateWatch([]))
        #expect(report.objection?.reason == "3")
        #expect(count.withLock { $0 } == 3)
    }

    @Test func aGateThatWouldLookOnIsWaitedForAsLongAsItMay() async {
        let clock = TestClock()
        let gate = Gate(name: "errors", wait: .seconds(5)) { _ in
            { moment in
                let isKnown = moment.elapsed >= .seconds(4)
                return GateAnswer(isKnown ? .pass : .insufficient, "\(moment.elapsed)", isOpen: !isKnown)
            }
        }
        let keeper = GateKeeper(gates: [gate], bake: .seconds(1), clock: clock)
        #expect(await keeper.judge(GateWatch([])).verdict == .pass)
        #expect(clock.now.offset == .seconds(4))
    }

    @Test(arguments: [(NoDataPolicy.fail, Verdict.insufficient), (.pass, .pass)])
    func whatIsNeverKnownComesToWhatThePolicySays(_ policy: NoDataPolicy, _ verdict: Verdict) async {
        let clock = TestClock()
        let gate = Gate(name: "errors", onNoData: policy, wait: .seconds(5)) { _ in
            { _ in GateAnswer(.insufficient, "too few", isOpen: true) }
        }
        let report = await GateKeeper(gates: [gate], bake: .seconds(1), clock: clock).judge(GateWatch([]))
        #expect(report.verdict == verdict)
        #expect(clock.now.offset == .seconds(6))
    }

    @Test func aFailingGateWinsOverOneThatWaits() async {
        let clock = TestClock()
        let waiting = Gate(name: "errors", wait: .seconds(60)) { _ in
            { _ in GateAnswer(.insufficient, "too few", isOpen: true) }
        }
        let command = Gate(name: "command", watching: .atTheEnd) { _ in (.fail, reason: "exit status 1") }
        let report = await GateKeeper(gates: [waiting, command], bake: .seconds(1), clock: clock)
            .judge(GateWatch([]))
        #expect(report.objection?.gate == "command")
        #expect(clock.now.offset == .seconds(1))
    }
}
