import Fleet
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// The order of an apply: hosts that left the inventory leave, the playbooks run, pool and build follow.
@Suite struct StageConvergenceTests {
    private static let nothing = Provisioning(playbooks: ["site.yml"], hosts: [])

    /// The stage is recorded to run build two.
    private func record(_ build: BuildDigest, _ rig: StageRig) async throws {
        try await rig.journal.set(
            StageRecord(stage: "production", current: build, updatedAt: Timestamp(milliseconds: 1)))
    }

    private func apply(
        _ rig: StageRig, _ departures: Departures = Departures(), goesOn: Bool = true
    ) async throws -> Bool {
        try await StageConvergence(rig.session, departures).apply { _ in
            rig.fleet.set { $0.calls.append("playbooks") }
            return ("done", goesOn, Self.nothing)
        }.isComplete
    }

    @Test func whoLeftGoesBeforeThePlaybooksAndTheBuildComesAfterThem() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 2, left: ["old1"], running: Builds.one.release)
            try await record(Builds.two, rig)
            #expect(try await apply(rig))
            #expect(
                rig.deeds.prefix(4) == ["drain old1", "remove old1", "retire old1", "playbooks"], "\(rig.deeds)")
            #expect(rig.deeds.dropFirst(4).contains("activate web1 2"))
            #expect(rig.fleet.inside.withLock { $0.current.values.allSatisfy { $0 == Builds.two.release } })
            let runs = try await rig.journal.runs(stage: "production", limit: 9)
            #expect(runs.map(\.kind) == [.apply, .provisioning, .apply])
            #expect(runs.allSatisfy { $0.outcome == .succeeded })
            #expect(runs.map(\.build) == [Builds.two, nil, nil])
            #expect(try await rig.journal.lease(stage: "production") == nil)
        }
    }

    @Test func whatPlaybooksBreakGetsNoTraffic() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 2, running: Builds.one.release)
            try await record(Builds.two, rig)
            #expect(try await !apply(rig, goesOn: false))
            #expect(rig.deeds == ["playbooks"])
        }
    }

    @Test func aStopDuringThePlaybooksLeavesTheRest() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 2, running: Builds.one.release)
            try await record(Builds.two, rig)
            let done = try await StageConvergence(rig.session).apply { stop in
                stop.raise()
                return ("stopped", true, Self.nothing)
            }
            #expect(!done.isComplete && done.outcome == "stopped")
            #expect(rig.deeds == [])
            #expect(rig.events.last { $0.hasPrefix("remainder") } != nil, "\(rig.events)")
        }
    }

    @Test func tooManyWhoLeaveAreRefusedBeforeAnythingIsTouched() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 1, left: ["old1", "old2"], running: Builds.one.release)
            await #expect(throws: FleetShortage.self) { try await apply(rig) }
            #expect(rig.deeds == [])
            #expect(try await apply(rig, Departures(allowsBelow: true)))
            #expect(rig.deeds.filter { $0.contains("old") || $0 == "playbooks" }.first == "playbooks")
            #expect(rig.deeds.contains("retire old2"), "whose place others would have to take first goes last")
        }
    }

    @Test func whoCannotBeRetiredIsRememberedUntilItIsForgotten() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 2, left: ["old1"], running: Builds.one.release)
            try await record(Builds.one, rig)
            let old = try HostName("old1")
            rig.fleet.set { $0.faults["retire old1"] = RolloutError(.unreachable, host: old, "gone") }
            #expect(try await apply(rig), "a host that is gone is no failure")
            #expect(rig.deeds.contains("tell old1 may still run"))
            #expect(
                try await rig.journal.members(stage: "production").map(\.host.description) == ["old1", "web1", "web2"])
            let report = try await StageReading(rig.session).report()
            #expect(report.stillRunning.map(\.host) == [old])
            #expect(report.next == [.apply])
            #expect(try await apply(rig, Departures(forgotten: [old])))
            #expect(try await rig.journal.members(stage: "production").map(\.host.description) == ["web1", "web2"])
        }
    }

    @Test func whoIsInTheInventoryIsNotForgotten() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 1, running: Builds.one.release)
            let departures = Departures(forgotten: [try HostName("web1")])
            let error = await #expect(throws: InputError.self) { try await apply(rig, departures) }
            #expect(error?.message.contains("web1 is in the inventory") == true)
        }
    }

    @Test func anInterruptedRolloutComesFirstAndAKilledApplyDoesNot() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 1, running: Builds.one.release)
            try await record(Builds.one, rig)
            let at = Timestamp(milliseconds: 1)
            let killed = try await rig.journal.begin(
                NewRun(.apply, stage: "production", holder: "me@here:99"), under: nil, at: at)
            #expect(try await apply(rig))
            #expect(try await rig.journal.run(killed.id)?.outcome == .superseded)
            let lease = try await rig.journal.acquireLease(
                stage: "production", holder: "me@here:99", timeToLive: .seconds(30), now: at)
            let plan = RolloutPlan(stage: "production", build: Builds.two, hosts: [try HostName("web1")])
            _ = try await rig.session.ledger.begin(plan, under: lease)
            let error = await #expect(throws: StageError.self) { try await apply(rig) }
            #expect(error?.code == .unfinished, "and the lease of a dead process is no hindrance")
        }
    }

    @Test func aStageWithoutABuildSaysSo() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 1, running: nil)
            #expect(try await apply(rig))
            #expect(rig.deeds == ["playbooks", "tell no build"])
            let plan = try await StageConvergence(rig.session).plan()
            #expect(plan.build == nil && !plan.hasChanges)
            let report = try await StageReading(rig.session).report()
            #expect(report.health.state == .noBuild && report.next == [.rollOut])
        }
    }
}
