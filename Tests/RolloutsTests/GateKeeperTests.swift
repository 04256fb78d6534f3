import Fleet
import Rollouts
import Synchronization
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
            interval: .milliseconds(500), clock: ImmediateClock())
        let report = await keeper.judge([])
        #expect(asked.withLock { $0 } == ["http", "http", "http", "http", "command"])
        #expect(report.verdict == .pass)
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
            gates: [gate], bake: .seconds(60), interval: .milliseconds(500), clock: ImmediateClock())
        let report = await keeper.judge([])
        #expect(report.objection?.reason == "3")
        #expect(count.withLock { $0 } == 3)
    }
}

/// A clock on which every wait is over at once.
struct ImmediateClock: Clock {
    typealias Duration = Swift.Duration

    struct Instant: InstantProtocol {
        typealias Duration = Swift.Duration
        var offset = Duration.zero

        func advanced(by duration: Duration) -> Self { Self(offset: offset + duration) }
        func duration(to other: Self) -> Duration { other.offset - offset }
        static func < (left: Self, right: Self) -> Bool { left.offset < right.offset }
    }

    var now: Instant { Instant() }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws { try Task.checkCancellation() }
}
