import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// Controllers with journals of their own that change one stage by turns.
@Suite struct SharedStageTests {
    private let careless = RolloutPolicy(canary: 0, batch: .percent(100), bake: .zero)

    /// Two controllers; the second knows nothing.
    private func with(
        members: Int = 3, clock: any Clock<Duration> = ContinuousClock(),
        _ body: (_ one: StageRig, _ other: StageRig) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let one = try StageRig(in: folder, members: members, running: nil, clock: clock)
            _ = try await one.journal.add(BuildRecord.test(Builds.one, "one.tar.gz"))
            _ = try await one.journal.add(BuildRecord.test(Builds.two, "two.tar.gz"))
            let other = try StageRig(in: folder, members: members, running: nil, beside: one, user: "you")
            try await body(one, other)
        }
    }

    @Test func whatOneDidTheOtherKnows() async throws {
        try await with { one, other in
            _ = try await one.session.rollOut(Builds.one, .rollout, policy: careless)
            _ = try await one.session.rollOut(Builds.two, .rollout, policy: careless)
            try await other.session.learn()
            let record = try await other.journal.stage("production")
            #expect(record?.current == Builds.two && record?.previous == Builds.one)
            #expect(try await other.journal.builds(prefix: "").map(\.name).sorted() == ["one.tar.gz", "two.tar.gz"])
            let runs = try await other.journal.runs(stage: "production", limit: 9)
            #expect(runs.map(\.build) == [Builds.two, Builds.one] && runs.allSatisfy { $0.outcome == .succeeded })
            #expect(runs.allSatisfy { $0.holder == "me@here:1" })
            #expect(try await other.journal.evidence(build: Builds.two, stage: "production").count == 1)
            try await other.session.learn()
            #expect(try await other.journal.runs(stage: "production", limit: 9).count == 2, "once")
        }
    }

    @Test func theOtherGoesBackFromWhatOneBrought() async throws {
        try await with { one, other in
            _ = try await one.session.rollOut(Builds.one, .rollout, policy: careless)
            _ = try await one.session.rollOut(Builds.two, .rollout, policy: careless)
            guard case .ended(let back) = try await other.session.goBack() else {
                Issue.record("there was something to go back from")
                return
            }
            #expect(back.plan.build == Builds.one && back.outcome == .succeeded)
            // And the first knows that, and goes nowhere: it runs what it would go back to.
            guard case .nothing(let build) = try await one.session.goBack() else {
                Issue.record("the stage is back already")
                return
            }
            #expect(build == Builds.one)
        }
    }

    /// What a migration did is taken back, or nobody goes back over it, wherever the rollout was driven.
    @Test(arguments: [nil, "back"])
    func theOtherKnowsWhatWasRunOnce(_ undo: String?) async throws {
        try await with { one, other in
            _ = try await one.session.rollOut(Builds.one, .rollout, policy: careless)
            var site = one.session.site
            site.stage.hooks = RolloutHooks(once: RolloutHooks.Hook("migrate", undo: undo))
            let session = StageSession(site, one.session.drivers)
            _ = try await session.rollOut(Builds.two, .rollout, policy: careless)
            do {
                _ = try await other.session.goBack()
                #expect(undo != nil)
            } catch let error as StageError { #expect(undo == nil && error.code == .irreversible, "\(error)") }
            let undone = one.fleet.calls.filter { $0.hasPrefix("hook") && $0.hasSuffix(" back") }
            #expect(undone.count == (undo == nil ? 0 : 1))
            if undo == nil {
                var sure = other.session
                sure.goesOverHooks = true
                _ = try await sure.goBack()
            }
            #expect(one.fleet.inside.withLock { $0.current.values.allSatisfy { $0 == Builds.one.release } })
        }
    }

    @Test func whoHasMadeFewerRunsIsNotLockedOut() async throws {
        try await with { one, other in
            for build in [Builds.one, Builds.two, Builds.one] {
                _ = try await one.session.rollOut(build, .rollout, policy: careless)
            }
            #expect(try await other.session.rollOut(Builds.two, .rollout, policy: careless).outcome == .succeeded)
            #expect(try await one.session.rollOut(Builds.one, .rollout, policy: careless).outcome == .succeeded)
            let tokens = try await (
                one.journal.lastToken(stage: "production"), other.journal.lastToken(stage: "production")
            )
            #expect(tokens.0 == 5 && tokens.1 == 4)
        }
    }

    /// Interrupted at every step by turns: the other one ends what the first began, forward or back.
    @Test(arguments: 1..<16, [false, true])
    func theOtherEndsWhatOneBegan(_ step: Int, _ goesBack: Bool) async throws {
        try await with { one, other in
            _ = try await one.session.rollOut(Builds.one, .rollout, policy: careless)
            let before = one.fleet.calls.count
            let rollout = Task { [session = one.session] in
                try await session.rollOut(
                    Builds.two, .rollout, policy: RolloutPolicy(canary: 1, batch: .hosts(1), bake: .zero))
            }
            one.fleet.set { $0.interruption = .init(after: before + 2 * step) { rollout.cancel() } }
            // One that was over before is as good as any.
            if let whole = try? await rollout.value, whole.outcome != nil { return }
            one.fleet.set { $0.interruption = nil }
            let unfinished = await #expect(throws: StageError.self) {
                try await other.session.rollOut(Builds.one, .rollout, policy: careless)
            }
            #expect(unfinished?.code == .unfinished)
            let wanted = goesBack ? Builds.one : Builds.two
            if goesBack {
                _ = try await other.session.goBack()
            } else {
                #expect(try await other.session.resume().outcome == .succeeded)
            }
            let current = one.fleet.inside.withLock { $0.current }
            #expect(current.values.allSatisfy { $0 == wanted.release }, "\(current)")
            #expect(try await other.journal.stage("production")?.current == wanted)
            // The first finds it ended.
            try await one.session.learn()
            #expect(try await one.journal.runs(stage: "production", limit: 9).allSatisfy { !$0.isOpen })
            #expect(try await one.journal.stage("production")?.current == wanted)
        }
    }

    /// Several controllers of one state folder ask at the same moment.
    @Test func whatManyLearnAtOnceIsNotedOnce() async throws {
        try await withTemporaryFolder { folder in
            let one = try StageRig(in: folder, members: 3, running: nil)
            _ = try await one.journal.add(BuildRecord.test(Builds.one, "one.tar.gz"))
            for build in [Builds.one, Builds.one] {
                _ = try await one.session.rollOut(build, .rollout, policy: careless)
            }
            for _ in 0..<30 {
                let journal = MemoryJournal()
                let learners = try (0..<6).map { _ in
                    try StageRig(in: folder, members: 3, running: nil, beside: one, user: "you", journal: journal)
                }
                await withThrowingTaskGroup(of: Void.self) { group in
                    for learner in learners { group.addTask { try await learner.session.learn() } }
                }
                let runs = try await journal.runs(stage: "production", limit: 99)
                #expect(runs.count == 2 && runs.allSatisfy { !$0.isOpen }, "\(runs.count)")
                #expect(try await journal.evidence(build: Builds.one, stage: "production").count == 2)
            }
        }
    }

    // MARK: leases

    @Test func whoComesWhileAnotherHoldsTheLeaseIsToldWhoThatIs() async throws {
        try await with { one, other in
            try await one.session.changing("rollout") { _ in
                let error = await #expect(throws: JournalError.self) {
                    try await other.session.changing("apply") { _ in Issue.record("it was let through") }
                }
                #expect(error?.code == .leaseHeld)
                #expect(error?.message.hasPrefix("me@here:1 is changing this stage (rollout)") == true)
            }
            try await other.session.changing("apply") { _ in }
        }
    }

    @Test(arguments: [(silent: 1, isForced: false, isTaken: true), (2, false, false), (2, true, true), (3, true, true)])
    func aLeaseIsHeldByMoreThanHalf(_ c: (silent: Int, isForced: Bool, isTaken: Bool)) async throws {
        try await with { one, _ in
            for number in 0..<c.silent {
                one.fleet.board.change(try HostName("web\(number + 1)")) { $0.isSilent = true }
            }
            let session = StageSession(
                one.session.site, one.session.drivers, lock: LockTerms(force: c.isForced ? "they burn" : nil))
            do {
                try await session.changing { _ in #expect(c.isTaken) }
            } catch let error as StageError {
                #expect(!c.isTaken && error.code == .noMajority, "\(error.message)")
            }
            #expect(try await one.journal.lease(stage: "production") == nil)
            #expect(one.fleet.board[try HostName("lb1")].lease == nil)
            let forced = try await one.journal.runs(stage: "production", limit: 9).filter { $0.kind == .lockForced }
            #expect(forced.map(\.outcome) == (c.isForced ? [.succeeded] : []))
            for run in forced {
                let note = try LeaseOverride(try #require(try await one.journal.entries(of: run.id).first))
                #expect(note.reason == "they burn" && note.holder == run.holder)
            }
        }
    }

    @Test func aHostThatCannotHoldTheLeaseIsToldAndTheOthersGoOn() async throws {
        try await with { one, _ in
            let full = try HostName("web2")
            one.fleet.board.change(full) { $0.fault = RolloutError(.command, host: full, "No space left on device") }
            try await one.session.changing { _ in
                #expect(one.fleet.board[full].lease == nil)
            }
            #expect(one.events.contains { $0.hasPrefix("failed") && $0.contains("No space left") }, "\(one.events)")
        }
    }

    @Test func aLeaseThatIsReleasedByForceIsLostAtTheNextHeartbeat() async throws {
        try await with(clock: TestClock()) { one, other in
            let lost = await #expect(throws: JournalError.self) {
                try await one.session.changing("rollout") { _ in
                    _ = try await StageLock(other.session).release(reason: "it hangs", isForced: true)
                    let (silence, voice) = AsyncStream<Void>.makeStream()
                    for await _ in silence {}
                    voice.finish()
                    try Task.checkCancellation()
                }
            }
            #expect(lost?.code == .leaseLost)
        }
    }
}

extension BuildRecord {
    static func test(_ digest: BuildDigest, _ name: String) -> BuildRecord {
        BuildRecord(digest: digest, name: name, size: 1, addedAt: Timestamp(milliseconds: 1))
    }
}
