import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// Persons' word in a rollout, from the clone that drives it and from others.
@Suite struct StageControlTests {
    private func policy(_ approval: RolloutPolicy.ApprovalPoint? = nil) -> RolloutPolicy {
        var policy = RolloutPolicy(canary: 1, batch: .percent(50), bake: .zero)
        policy.approval = approval
        return policy
    }

    private func with(_ body: (_ one: StageRig, _ other: StageRig) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let one = try StageRig(in: folder, members: 4, running: Builds.one.release)
            for build in [Builds.one, Builds.two] {
                _ = try await one.journal.add(BuildRecord.test(build, "\(build.release)"))
            }
            let other = try StageRig(in: folder, members: 4, running: nil, beside: one, user: "you")
            try await body(one, other)
        }
    }

    @Test func whatWaitsForApprovalIsReservedAndAnyCloneApprovesIt() async throws {
        try await with { one, other in
            let held = try await one.session.rollOut(Builds.two, .rollout, policy: policy(.canary))
            #expect(held.outcome == nil && held.hold?.kind == .approval && held.hostsInHand.isEmpty)
            #expect(held.settled.count == 1)
            do {
                _ = try await other.session.rollOut(Builds.one, .rollout, policy: policy())
                Issue.record("the stage is reserved")
            } catch let error as StageError {
                #expect(error.code == .unfinished && error.message.contains("waits for approval"))
                #expect(error.hints.contains { $0.contains("drover rollout approve production") })
            }
            let standing = try #require(try await other.session.rolloutStanding())
            #expect(standing.state == .waiting && standing.progress?.done == held.settled)
            guard case .done(let end) = try await other.session.approve(reason: "seen") else {
                Issue.record("nobody drives it")
                return
            }
            #expect(end.outcome == .succeeded)
            #expect(one.fleet.inside.withLock { $0.current.values.allSatisfy { $0 == Builds.two.release } })
            #expect(one.fleet.calls.count { $0.hasPrefix("activate") } == 4, "none is switched twice")
            #expect(try await one.session.rolloutStanding()?.state == .ended)
            await #expect(throws: StageError.self) { try await one.session.approve(reason: nil) }
        }
    }

    @Test func whatWaitsIsAbortedByAnotherClone() async throws {
        try await with { one, other in
            _ = try await one.session.rollOut(Builds.two, .rollout, policy: policy(.canary))
            guard case .done(let end) = try await other.session.abort(reason: "no") else {
                Issue.record("nobody drives it")
                return
            }
            #expect(end.outcome == .rolledBack)
            #expect(one.fleet.inside.withLock { $0.current.values.allSatisfy { $0 == Builds.one.release } })
            await #expect(throws: StageError.self) { try await other.session.abort(reason: nil) }
        }
    }

    @Test func aPauseIsHeardByWhoeverDrivesAndResumedElsewhere() async throws {
        try await with { one, other in
            let run = Mutex<RunRecord?>(nil)
            one.fleet.set { inside in
                inside.interruption = RecordingFleet.Interruption(after: 12) { [inbox = one.session.inbox] in
                    guard let run = run.withLock({ $0 }) else { return }
                    inbox.put([RolloutRequest(.pause, of: .init(run), id: "1", by: "you@there:3", reason: "odd")])
                }
            }
            // Known as soon as the rollout has begun.
            let watch = Task {
                while !Task.isCancelled {
                    let found = try? await one.journal.runs(stage: "production", limit: 1).first
                    run.withLock { $0 = found ?? nil }
                    await Task.yield()
                }
            }
            defer { watch.cancel() }
            let held = try await one.session.rollOut(Builds.two, .rollout, policy: policy())
            if held.outcome == .succeeded { return }
            #expect(held.hold?.kind == .paused && held.hold?.by == "you@there:3" && held.hostsInHand.isEmpty)
            #expect(try await other.session.rolloutStanding()?.state == .paused)
            #expect(try await other.session.resume().outcome == .succeeded)
        }
    }

    @Test func aRolloutThatNobodyDrivesIsPausedHere() async throws {
        try await with { one, other in
            one.session.stop.raise()
            let stopped = try await one.session.rollOut(Builds.two, .rollout, policy: policy())
            #expect(stopped.outcome == nil && stopped.hold == nil)
            guard case .done(let held) = try await other.session.pause(reason: "lunch") else {
                Issue.record("nobody drives it")
                return
            }
            #expect(held.hold == RolloutHold(.paused, by: "you@here:1", reason: "lunch", batches: 0))
            await #expect(throws: StageError.self) { try await other.session.pause(reason: nil) }
            #expect(try await other.session.resume().outcome == .succeeded)
        }
    }

    @Test func aRequestStandsOnHostsForWhoeverHoldsTheLease() async throws {
        try await with { one, other in
            let heard = Mutex<[RolloutRequest]>([])
            let run = RunRecord.test
            let request = RolloutRequest(.abort, of: .init(run), id: "7", by: "you")
            let keeper = LeaseKeeper(
                journal: one.journal, notes: { one.session.notes(token: $0) }, holder: "me@here:1",
                now: one.session.controller.now, sleep: { _ in await Task.yield() },
                heard: { requests in heard.withLock { $0 += requests } })
            try await keeper.hold("production") { _, _ in
                let places = try await other.session.notes(token: 0).post(request)
                #expect(places == 5)
                while heard.withLock({ $0.isEmpty }) {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            }
            #expect(heard.withLock { $0.first } == request)
        }
    }

    @Test func aMigrationInDoubtIsNotRunTwiceByItself() async throws {
        try await with { one, other in
            var file = one.session.site
            file.stage.hooks = RolloutHooks(once: RolloutHooks.Hook("migrate", isCompatible: true))
            let session = StageSession(file, one.session.drivers)
            one.fleet.set { $0.faults["hook"] = RolloutError(.fenced, host: file.pool.members[0].host, "9") }
            await #expect(throws: RolloutError.self) {
                try await session.rollOut(Builds.two, .rollout, policy: policy())
            }
            one.fleet.set { $0.faults = [:] }
            do {
                _ = try await session.resume()
                Issue.record("it may have been run")
            } catch let error as StageError {
                #expect(error.code == .doubtfulHook)
            }
            var sure = session
            sure.rerunsHooks = true
            #expect(try await sure.resume().outcome == .succeeded)
            #expect(one.fleet.calls.filter { $0.hasPrefix("hook") }.count == 2)
        }
    }
}

extension RunRecord {
    fileprivate static let test = RunRecord(
        id: RunID(1), kind: .rollout, stage: "production", holder: "me@here:1", startedAt: Timestamp(milliseconds: 1))
}
