import Foundation
import TestSupport
import Testing

extension FaultEndToEndTests {
    /// Whatever goes wrong in whatever moment: one build at the end, balancers as they should be, and no request lost but
    /// those that the fault itself killed. `make chaos RUNS=60` runs more of them.
    @Test(.timeLimit(.minutes(6)), arguments: ChaosRun.all)
    func chaos(_ run: ChaosRun) async throws {
        let lab = try FaultLab.shared
        let begun = ContinuousClock.now
        let (outcome, load) = try await lab.counting(rate: 150) { try await run.play(on: lab) }
        let foreign = load.failed.filter { !run.fault.isOwn($0, host: run.host, lab) }
        let own = load.failed.filter { run.fault.isOwn($0, host: run.host, lab) }
        let seconds = (ContinuousClock.now - begun).components.seconds
        try Self.note(run, outcome, load, foreign: foreign.count, seconds: Int(seconds))
        #expect(foreign.isEmpty, "\(foreign.prefix(20))\n\(outcome.story)")
        if !run.fault.isOutageOfABalancer {
            // A busy machine answers late, so that more of them wait at the moment of the fault.
            #expect(own.count <= ChaosFault.inFlight || own.wereInFlightAtOnce, "\(own.prefix(20))")
        }
        #expect(![132, 133, 134, 139].contains(outcome.rollout.status), "crashed\n\(outcome.story)")
        #expect(outcome.remedies.last?.transcript.status == 0, "\(outcome.story)")
        try await lab.expectWhole()
        try await lab.mend()
    }

    /// One line a run at the end of `.build/chaos.log`.
    private static func note(
        _ run: ChaosRun, _ outcome: ChaosRun.Outcome, _ load: LoadCount, foreign: Int, seconds: Int
    ) throws {
        let remedies = outcome.remedies.map { "\($0.words)=\($0.transcript.status)" }.joined(separator: ", ")
        let line =
            "\(run.testDescription): rollout=\(outcome.rollout.status), \(remedies), \(seconds) s, "
            + "\(load.sent) requests, \(load.failed.count) failed, \(foreign) of them not the fault's own"
        try BuildLog("chaos.log").append(line)
    }
}
