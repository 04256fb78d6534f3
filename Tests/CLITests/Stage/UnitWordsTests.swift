import Fleet
import Testing

@testable import CLI
@testable import Rollouts

/// What is said of units that are worked on by hand.
@Suite struct UnitWordsTests {
    @Test func eachStepHasItsWords() throws {
        let host = try HostName("ap1")
        let done = UnitAction.allCases.map { RolloutWords.text(.done(.units($0, host), note: nil), took: .seconds(2)) }
        #expect(done == ["ap1: restarted (2.0s)", "ap1: stopped (2.0s)", "ap1: started (2.0s)"])
        #expect(RolloutWords.intent(.intent(.units(.stop, host))) == "about to: stopping the units on ap1")
        let error = RolloutError(.unhealthy, host: host, "shop.service is failed", detail: ["a line"], hints: ["look"])
        let failed = RolloutWords.text(.failed(.units(.start, host), error), took: nil)
        #expect(failed == "ap1: cannot start: shop.service is failed\na line\nhint: look")
    }

    @Test func programsReadWhatWasDoneFailedAndLeft() throws {
        let hosts = try ["ap1", "ap2", "ap3"].map(HostName.init)
        var report = UnitReport(action: .restart, run: RunID(7))
        report.done = [hosts[0]]
        report.failed = [RolloutError(.unhealthy, host: hosts[1], "500 Broken")]
        report.left = [hosts[2]]
        let line = try EncodedJSON.line(UnitAnswer(report, stage: "production"))
        #expect(
            line == #"{"action":"restart","done":["ap1"],"event":"units","failed":["ap2"],"left":["ap3"],"run":7,"#
                + #""schema":"drover.units/1","stage":"production","version":1}"#)
    }
}
