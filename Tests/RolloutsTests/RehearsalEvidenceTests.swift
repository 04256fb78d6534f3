import Fleet
import Rollouts
import Testing

/// Whether what was done to a stage shows that a build can be gone back from.
@Suite struct RehearsalEvidenceTests {
    struct Past: Sendable, CustomTestStringConvertible {
        let testDescription: String, runs: [(RunKind, BuildDigest, RunOutcome)], isProven: Bool
    }

    static let pasts: [Past] = [
        Past(testDescription: "nothing was done", runs: [], isProven: false),
        Past(testDescription: "it only came", runs: [(.rollout, Builds.two, .succeeded)], isProven: false),
        Past(
            testDescription: "back and again",
            runs: [
                (.rollout, Builds.two, .succeeded), (.rollback, Builds.one, .succeeded),
                (.rollout, Builds.two, .succeeded),
            ], isProven: true),
        Past(
            testDescription: "back, and not again",
            runs: [(.rollout, Builds.two, .succeeded), (.rollback, Builds.one, .succeeded)], isProven: false),
        Past(
            testDescription: "back failed",
            runs: [
                (.rollout, Builds.two, .succeeded), (.rollback, Builds.one, .rollbackFailed),
                (.rollout, Builds.two, .succeeded),
            ], isProven: false),
        Past(
            testDescription: "another build was gone back from",
            runs: [
                (.rollout, Builds.three, .succeeded), (.rollback, Builds.one, .succeeded),
                (.rollout, Builds.two, .succeeded),
            ], isProven: false),
        Past(
            testDescription: "with a restart between",
            runs: [
                (.rollout, Builds.two, .succeeded), (.restart, Builds.two, .succeeded),
                (.rollback, Builds.one, .succeeded), (.rollout, Builds.two, .succeeded),
                (.rollout, Builds.three, .succeeded),
            ], isProven: true),
    ]

    @Test(arguments: pasts)
    func goingBackAndComingAgainIsTheProof(_ past: Past) {
        let runs = past.runs.enumerated().map { index, run in
            RunRecord(
                id: RunID(Int64(index + 1)), kind: run.0, stage: "staging", build: run.1, holder: "me",
                startedAt: Timestamp(milliseconds: Int64(index) * 1000),
                endedAt: Timestamp(milliseconds: Int64(index) * 1000 + 410), outcome: run.2)
        }
        let evidence = RehearsalEvidence(of: Builds.two, in: runs.reversed())
        #expect((evidence != nil) == past.isProven)
        if let evidence { #expect(evidence.took == .milliseconds(410)) }
    }
}
