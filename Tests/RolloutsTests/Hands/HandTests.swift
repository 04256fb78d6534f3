import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// What people do by hand to members, over a fleet of values.
@Suite struct HandTests {
    private let terms = HandTerms(reason: "new disks", patience: .seconds(1))

    private func with(_ body: (_ rig: StageRig, _ hosts: [HostName]) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 3, running: nil)
            for build in [Builds.one, Builds.two] { _ = try await rig.journal.add(BuildRecord.test(build, "\(build)")) }
            _ = try await rig.session.rollOut(
                Builds.one, .rollout, policy: RolloutPolicy(canary: 0, batch: .percent(100), bake: .zero))
            rig.fleet.set { $0.calls = [] }
            try await body(rig, rig.session.site.pool.members.map(\.host))
        }
    }

    @Test(arguments: [HandAction.drain, .maintenance])
    func whoIsTakenOutStaysOutUntilItIsLetIn(_ action: HandAction) async throws {
        try await with { rig, hosts in
            let report = try await rig.session.handle(action, on: [hosts[1]], terms)
            #expect(report.isComplete && report.done == [hosts[1]])
            let note = try #require(rig.fleet.inside.withLock { $0.kept[hosts[1]] })
            #expect(note.reason == "new disks" && note.by == "me@here:1" && note.since != nil)
            #expect(note.isMaintenance == (action == .maintenance))

            let state = try await rig.session.rollOut(
                Builds.two, .rollout, policy: RolloutPolicy(canary: 0, batch: .percent(100), bake: .zero))
            #expect(state.outcome == .succeeded && state.plan.keptOut == [hosts[1]])
            let played = { @Sendable (_: StopSignal) async throws in
                (outcome: true, goesOn: true, did: Provisioning(playbooks: [], hosts: []))
            }
            let applied = try await StageConvergence(rig.session).apply(playbooks: played)
            #expect(applied.isComplete)
            #expect(rig.fleet.inside.withLock { !$0.serving.contains(hosts[1]) })

            let end = try await rig.session.handle(.letIn(isMaintenance: false), on: [hosts[1]], terms)
            #expect(end.isComplete && rig.fleet.inside.withLock { $0.serving.contains(hosts[1]) })
        }
    }

    @Test func itIsJournaledWithItsReason() async throws {
        try await with { rig, hosts in
            let report = try await rig.session.handle(.maintenance, on: [hosts[0]], terms)
            let run = try #require(try await rig.journal.run(report.run))
            #expect(run.kind == .maintenanceOn && run.outcome == .succeeded)
            let entries = try await rig.journal.entries(of: run.id).map { try HandEntry($0) }
            #expect(entries.map(\.step) == [.begun, .done] && entries.allSatisfy { $0.host == hosts[0] })
            #expect(try await rig.session.ledger.reason(of: run) == "web1: new disks")
            let weighed = try await rig.session.handle(.weigh(50), on: [hosts[2]], HandTerms(patience: .zero))
            #expect(rig.fleet.inside.withLock { $0.weights } == [hosts[2]: 50])
            let second = try #require(try await rig.journal.run(weighed.run))
            #expect(try await rig.session.ledger.reason(of: second) == "web3 to 50")
        }
    }

    @Test func theMinimumIsKeptUnlessSomebodySaysOtherwise() async throws {
        try await with { rig, hosts in
            let refused = await #expect(throws: StageError.self) {
                try await rig.session.handle(.drain, on: hosts, terms)
            }
            #expect(refused?.code == .belowMinimum && rig.deeds.isEmpty, "\(rig.deeds)")
            let bold = HandTerms(patience: .seconds(1), allowsBelow: true)
            let report = try await rig.session.handle(.drain, on: hosts, bold)
            #expect(report.isComplete)
        }
    }

    @Test func whoRunsAnotherBuildOrWasStoppedIsNotLetIn() async throws {
        try await with { rig, hosts in
            _ = try await rig.session.handle(.drain, on: [hosts[0]], terms)
            rig.fleet.set { $0.current[hosts[0]] = Builds.two.release }
            let other = await #expect(throws: StageError.self) {
                try await rig.session.handle(.letIn(isMaintenance: false), on: [hosts[0]], terms)
            }
            #expect(other?.code == .otherRelease)
            _ = try await rig.session.handle(.stop, on: [hosts[1]])
            let stopped = await #expect(throws: StageError.self) {
                try await rig.session.handle(.letIn(isMaintenance: true), on: [hosts[1]], terms)
            }
            #expect(stopped?.code == .stopped)
        }
    }

    @Test func whatCouldNotBeDoneIsToldByMember() async throws {
        try await with { rig, hosts in
            rig.fleet.set { $0.faults["keepOut web1"] = RolloutError(.command, host: hosts[0], "no such server") }
            let report = try await rig.session.handle(.drain, on: [hosts[0]], terms)
            #expect(report.failed.first?.message.hasSuffix("no such server") == true && report.done.isEmpty)
            let run = try #require(try await rig.journal.run(report.run))
            #expect(run.outcome == .failed)
            #expect(try await rig.session.ledger.reason(of: run)?.hasSuffix("web1: no such server") == true)
        }
    }
}
