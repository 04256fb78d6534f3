import Fleet
import Foundation
import Inventories
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// Units that are restarted, stopped and started under the stage's lease.
@Suite struct UnitSessionTests {
    private func withRig(_ members: Int = 4, _ body: (StageRig, [HostName]) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: members, running: Builds.one.release)
            try await body(rig, rig.session.site.pool.members.map(\.host))
        }
    }

    @Test func aRestartGoesHostByHostAndIsJournaled() async throws {
        try await withRig(2) { rig, hosts in
            let report = try await rig.session.handle(.restart, on: hosts)
            #expect(report.isComplete && report.done == hosts)
            let each = hosts.flatMap { host in
                ["drain \(host)", "restart \(host)", "check \(host) \(Builds.one.release.short)", "admit \(host)"]
            }
            #expect(rig.deeds == each)
            let run = try #require(try await rig.journal.runs(stage: "production", limit: 1).first)
            #expect(run.kind == .restart && run.outcome == .succeeded && run.id == report.run)
            let names = try await rig.session.ledger.entries(of: run.id).map(\.event.name)
            #expect(names.filter { $0 == "intent" }.count == 8 && names.last == "finished")
            #expect(try await rig.journal.lease(stage: "production") == nil)
        }
    }

    @Test func aHostThatStaysIllStopsTheRestAndStaysOut() async throws {
        try await withRig { rig, hosts in
            rig.fleet.set {
                $0.faults["check web2"] = RolloutError(.unhealthy, host: hosts[1], "500 Broken", detail: ["a line"])
            }
            let report = try await rig.session.handle(.restart, on: hosts)
            #expect(report.done == [hosts[0]] && report.failed.map(\.host) == [hosts[1]])
            #expect(report.left == [hosts[2], hosts[3]])
            #expect(rig.fleet.inside.withLock { $0.serving } == [hosts[0], hosts[2], hosts[3]])
            #expect(!rig.deeds.contains("restart web3") && !rig.deeds.contains("admit web2"))
            #expect(rig.events.contains { $0.hasPrefix("standing") && $0.contains("web2") })
            #expect(try await rig.journal.run(report.run)?.outcome == .failed)
        }
    }

    @Test func whoeverWouldTakeTooManyOutIsRefusedBeforeAnythingIsTouched() async throws {
        try await withRig(2) { rig, hosts in
            let error = await #expect(throws: StageError.self) { try await rig.session.handle(.stop, on: hosts) }
            #expect(error?.code == .belowMinimum)
            #expect(error?.message == "2 in service; without web1, web2 0 would be left, and at least 1 must stay")
            #expect(rig.deeds.isEmpty)
            #expect(try await rig.journal.runs(stage: "production", limit: 5).isEmpty)
            let report = try await rig.session.handle(.stop, on: hosts, allowsBelow: true)
            #expect(report.isComplete && Set(rig.deeds) == ["drain web1", "stop web1", "drain web2", "stop web2"])
        }
    }

    @Test func whatWasStoppedIsStartedHealthyAndAdmitted() async throws {
        try await withRig { rig, hosts in
            #expect(try await rig.session.handle(.stop, on: [hosts[2]]).isComplete)
            #expect(rig.deeds == ["drain web3", "stop web3"])
            rig.fleet.set { $0.calls = [] }
            #expect(try await rig.session.handle(.start, on: [hosts[2]]).isComplete)
            #expect(rig.deeds == ["start web3", "check web3 \(Builds.one.release.short)", "admit web3"])
            #expect(rig.fleet.inside.withLock { $0.serving } == Set(hosts))
            let kinds = try await rig.journal.runs(stage: "production", limit: 2).map(\.kind)
            #expect(kinds == [.start, .stop])
        }
    }

    @Test func aRestartKeepsTheMinimumThatIsAskedFor() async throws {
        try await withRig(2) { rig, hosts in
            let refused = await #expect(throws: StageError.self) {
                try await rig.session.handle(.restart, on: hosts, minimum: 2)
            }
            #expect(refused?.code == .belowMinimum && refused?.hints.last?.contains("--minimum") == true)
            #expect(rig.deeds.isEmpty)
            rig.fleet.set { $0.serving = [hosts[0]] }
            // One in service of two, of which one must be: only fewer let the last one be restarted.
            let held = try await rig.session.handle(.restart, on: [hosts[1], hosts[0]], minimum: 2)
            #expect(held.done == [hosts[1]] && held.failed.map(\.host) == [hosts[0]], "\(rig.deeds)")
            #expect(try await rig.session.handle(.restart, on: hosts, minimum: 0).isComplete)
        }
    }

    @Test func whoIsOutByHandIsRestartedAndStaysOut() async throws {
        try await withRig(3) { rig, hosts in
            rig.fleet.set { inside in
                inside.serving.remove(hosts[2])
                inside.maintained = [hosts[2]]
            }
            let report = try await rig.session.handle(.restart, on: hosts)
            #expect(report.isComplete)
            #expect(rig.deeds.prefix(2) == ["restart web3", "check web3 \(Builds.one.release.short)"], "\(rig.deeds)")
            #expect(rig.fleet.inside.withLock { $0.maintained } == [hosts[2]])
        }
    }

    @Test func ctrlCLeavesTheRest() async throws {
        try await withRig { rig, hosts in
            rig.fleet.set { inside in
                inside.interruption = RecordingFleet.Interruption(after: 7) { [stop = rig.session.stop] in stop.raise()
                }
            }
            let report = try await rig.session.handle(.restart, on: hosts)
            #expect(report.done == [hosts[0]] && report.left == [hosts[1], hosts[2], hosts[3]], "\(rig.deeds)")
            #expect(rig.deeds.last == "admit web1", "the host in hand is finished")
        }
    }

    @Test func anUnfinishedRolloutComesFirstAndAKilledRestartDoesNot() async throws {
        try await withRig { rig, hosts in
            let at = Timestamp(milliseconds: 1)
            let killed = try await rig.journal.begin(
                NewRun(.restart, stage: "production", holder: "me@here:99"), under: nil, at: at)
            #expect(try await rig.session.handle(.restart, on: [hosts[0]]).isComplete)
            #expect(try await rig.journal.run(killed.id)?.outcome == .superseded)
            let lease = try await rig.journal.acquireLease(
                stage: "production", holder: "me@here:99", timeToLive: .seconds(30), now: at)
            let plan = RolloutPlan(stage: "production", build: Builds.two, hosts: hosts)
            _ = try await rig.session.ledger.begin(plan, under: lease)
            let error = await #expect(throws: StageError.self) { try await rig.session.handle(.restart, on: hosts) }
            #expect(error?.code == .unfinished)
        }
    }

    @Test func membersAreNamedAsHostsAndGroups() async throws {
        try await withTemporaryFolder { folder in
            let rig = try StageRig(in: folder, members: 3, running: nil)
            let inventory = try Inventory.load(sources: [folder.path + "/hosts.yml"])
            let site = rig.session.site
            #expect(try site.members(matching: nil, of: inventory).count == 3)
            #expect(try site.members(matching: "web", of: inventory).count == 3)
            #expect(try site.members(matching: "all:!web2", of: inventory).map(\.description) == ["web1", "web3"])
            let misspelt = #expect(throws: InputError.self) { try site.members(matching: "wbe2", of: inventory) }
            #expect(misspelt?.hints.contains { $0.contains("did you mean 'web2'") } == true, "\(misspelt?.hints ?? [])")
            let foreign = #expect(throws: InputError.self) { try site.members(matching: "lb", of: inventory) }
            #expect(foreign?.hints == ["members: web1, web2, web3"])
        }
    }
}
