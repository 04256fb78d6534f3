import Fleet
import TestSupport
import Testing

@testable import Rollouts

/// What a stage is rolled out to, resumed and brought back under its lease.
@Suite struct StageSessionTests {
    private let careless = RolloutPolicy(canary: 0, batch: .percent(100), bake: .zero)

    @Test func aRolloutIsDrivenToItsEndAndRecorded() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 2, running: Builds.one.release)
            let state = try await rig.session.rollOut(Builds.two, .rollout, policy: careless)
            #expect(state.outcome == .succeeded)
            #expect(try await rig.journal.stage("production")?.current == Builds.two)
            #expect(try await rig.journal.evidence(build: Builds.two, stage: "production").count == 1)
            #expect(try await rig.journal.lease(stage: "production") == nil)
            #expect(rig.events.contains { $0.hasPrefix("recorded") && $0.contains("finished") })
        }
    }

    @Test func aStoppedRolloutIsResumedAndNothingIsTwice() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 2, running: Builds.one.release)
            rig.session.stop.raise()
            let stopped = try await rig.session.rollOut(Builds.two, .rollout, policy: careless)
            #expect(stopped.outcome == nil)
            let error = await #expect(throws: StageError.self) {
                try await rig.session.rollOut(Builds.three, .rollout, policy: careless)
            }
            #expect(error?.code == .unfinished)
            let named = await #expect(throws: StageError.self) { try await rig.session.goBack(to: Builds.one) }
            #expect(named?.code == .unfinished, "a build is named only where nothing has to be ended first")
            let other = StageSession(rig.session.site, rig.session.drivers)
            #expect(try await other.resume().outcome == .succeeded)
            let again = await #expect(throws: StageError.self) { try await other.resume() }
            #expect(again?.code == .nothingToResume)
        }
    }

    @Test func goingBackEndsWhatWasInterruptedElseGoesToTheBuildBefore() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 2, running: nil)
            for build in [Builds.one, Builds.two] {
                _ = try await rig.session.rollOut(build, .rollout, policy: careless)
            }
            guard case .ended(let back) = try await rig.session.goBack() else {
                Issue.record("there was nothing to go back")
                return
            }
            #expect(back.outcome == .succeeded && back.plan.build == Builds.one && back.plan.kind == .rollback)
            guard case .nothing(let build) = try await rig.session.goBack(to: Builds.one) else {
                Issue.record("every host ran it already")
                return
            }
            #expect(build == Builds.one)
        }
    }

    struct EvidenceCase: Sendable, CustomTestStringConvertible {
        let testDescription: String, passed: Bool, baked: Duration, reason: String?, skips: String?, isRefused: Bool
        var bake = "60s"
    }

    @Test(arguments: [
        EvidenceCase(
            testDescription: "never passed", passed: false, baked: .zero, reason: nil, skips: nil, isRefused: true),
        EvidenceCase(
            testDescription: "never passed, with a reason", passed: false, baked: .zero, reason: "urgent",
            skips: "urgent", isRefused: false),
        EvidenceCase(
            testDescription: "baked too short", passed: true, baked: .seconds(59), reason: nil, skips: nil,
            isRefused: true),
        EvidenceCase(
            testDescription: "baked too short, with a reason", passed: true, baked: .seconds(59), reason: "urgent",
            skips: "urgent", isRefused: false),
        EvidenceCase(
            testDescription: "baked", passed: true, baked: .seconds(61), reason: "needless", skips: nil,
            isRefused: false),
        EvidenceCase(
            testDescription: "noted by a clock that is two hours ahead", passed: true, baked: .seconds(-7200),
            reason: nil, skips: nil, isRefused: false, bake: "0s"),
        EvidenceCase(
            testDescription: "noted by such a clock, and to bake", passed: true, baked: .seconds(-7200), reason: nil,
            skips: nil, isRefused: true),
    ])
    func evidenceIsAskedFor(_ c: EvidenceCase) async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 1, running: nil, after: "staging", bake: c.bake)
            let build = BuildRecord(
                digest: Builds.one, name: "one.tar", size: 1, addedAt: Timestamp(milliseconds: 1))
            if c.passed {
                let now = rig.session.controller.now()
                let at = Timestamp(milliseconds: now.milliseconds - c.baked.wholeMilliseconds)
                try await rig.journal.add(Evidence(build: Builds.one, stage: "staging", run: RunID(1), at: at))
            }
            do {
                #expect(try await rig.session.checkEvidence(of: build, skipping: c.reason) == c.skips)
                #expect(!c.isRefused)
            } catch let error as StageError {
                #expect(c.isRefused && error.code == .missingEvidence, "\(error.message)")
            }
        }
    }
}

/// Whose lease is taken away, and whose is not.
@Suite struct StageLockTests {
    struct Holder: Sendable, CustomTestStringConvertible {
        let testDescription: String, isReleased: Bool
        var isForced = false, beats = false
    }

    @Test(arguments: [
        Holder(testDescription: "me@here:7", isReleased: false),
        Holder(testDescription: "me@here:7", isReleased: true, isForced: true),
        Holder(testDescription: "me@here:99", isReleased: true),
        Holder(testDescription: "me@elsewhere:7", isReleased: true),
        Holder(testDescription: "me@elsewhere:7", isReleased: false, beats: true),
        Holder(testDescription: "nonsense", isReleased: true),
        Holder(testDescription: "a:b@here:7", isReleased: false),
    ])
    func onlyALivingHolderKeepsItsLease(_ c: Holder) async throws {
        let journal = MemoryJournal()
        let start = Timestamp(milliseconds: 0)
        let lease = try await journal.acquireLease(
            stage: "production", holder: c.testDescription, timeToLive: .seconds(60), now: start)
        let controller = Controller(user: "me", machine: "here", process: 1, now: { start }, isGone: { $0 == 99 })
        let keeper = LeaseKeeper(
            journal: journal, holder: controller.name, now: controller.now,
            sleep: { _ in
                if c.beats { _ = try await journal.renew(lease, timeToLive: .seconds(90), now: start) }
            })
        let lock = StageLock("production", journal: journal, controller: controller, keeper)
        do {
            let released = try await lock.release(reason: "it hangs", isForced: c.isForced)
            #expect(c.isReleased && released?.lease == lease)
            let run = try #require(try await journal.runs(stage: "production", limit: 1).first)
            #expect(run.kind == .lockRelease && run.outcome == .succeeded)
            let note = try LeaseOverride(try #require(try await journal.entries(of: run.id).first))
            #expect(note.holder == c.testDescription && note.reason == "it hangs")
            #expect(try await lock.release(reason: "again", isForced: false) == nil)
        } catch let error as StageError {
            #expect(!c.isReleased && error.code == .leaseInUse, "\(error.message)")
            #expect(try await journal.lease(stage: "production") != nil)
        }
    }
}
