import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// Rollouts, restarts, applies and status over two tiers, of which one has no balancer.
@Suite struct TierStageTests {
    private func withRig(
        _ file: String = TierRig.file, _ body: (TierRig) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in try await body(try TierRig(in: folder, file: file)) }
    }

    private func hosts(_ names: String...) throws -> [HostName] { try names.map { try HostName($0) } }

    // MARK: rollouts

    @Test func aBuildGoesThroughTheTiersInTheirOrder() async throws {
        try await withRig { rig in
            let state = try await rig.rollOut(Builds.two)
            #expect(state.outcome == .succeeded)
            #expect(rig.running == ["web1 2", "web2 2", "worker1 2", "worker2 2"])
            let switches = rig.deeds.filter { $0.hasPrefix("activate") }.compactMap {
                $0.split(separator: " ").dropFirst().first
            }
            #expect(switches == ["web1", "web2", "worker1", "worker2"])
            // No balancer is asked for anything about workers.
            #expect(!rig.deeds.contains { $0.hasPrefix("drain worker") || $0.hasPrefix("admit worker") })
            #expect(rig.deeds.filter { $0.hasPrefix("drain") } == ["drain web1", "drain web2"])
            #expect(try await rig.journal.stage("production")?.current == Builds.two)
        }
    }

    @Test func aWorkerThatFailsTakesTheOtherTierBack() async throws {
        try await withRig { rig in
            let worker = try hosts("worker1")[0]
            rig.fleet.set { $0.faults["check worker1 2"] = RolloutError(.unhealthy, host: worker, "status 1") }
            let state = try await rig.rollOut(Builds.two)
            #expect(state.outcome == .rolledBack)
            #expect(rig.running == ["web1 1", "web2 1", "worker1 1", "worker2 1"])
            #expect(rig.fleet.inside.withLock { $0.serving.count } == 4)
            #expect(!rig.deeds.contains { $0.hasPrefix("activate worker2") })
        }
    }

    @Test func aTierInTheOtherOrderKeepsABadWorkerFromTheRest() async throws {
        let file = TierRig.file.replacing(
            "tiers:\n", with: "tiers:\n  first:\n    hosts: worker\n    units: [shop-worker.service]\n"
        )
        .replacing(
            "  worker:\n    hosts: worker\n    units: [shop-worker.service]\n    health: {command: shop-check}\n",
            with: "")
        try await withRig(file) { rig in
            let worker = try hosts("worker1")[0]
            rig.fleet.set { $0.faults["check worker1 2"] = RolloutError(.unhealthy, host: worker, "failed") }
            let state = try await rig.rollOut(Builds.two)
            #expect(state.outcome == .rolledBack)
            #expect(!rig.deeds.contains { $0.hasPrefix("drain") || $0.hasPrefix("activate web") })
        }
    }

    @Test func aRolloutOverTiersIsTakenUpByAnotherController() async throws {
        try await withRig { rig in
            rig.fleet.set { $0.interruption = .init(after: 40) { rig.session.stop.raise() } }
            let stopped = try await rig.rollOut(Builds.two)
            #expect(stopped.outcome == nil)
            let resumed = try await StageSession(rig.session.site, rig.session.drivers).resume()
            #expect(resumed.outcome == .succeeded)
            #expect(rig.running == ["web1 2", "web2 2", "worker1 2", "worker2 2"])
        }
    }

    @Test func aRollbackGoesOverAllTiers() async throws {
        try await withRig { rig in
            _ = try await rig.rollOut(Builds.two)
            _ = try await rig.rollOut(Builds.three)
            guard case .ended(let state) = try await rig.session.goBack() else {
                Issue.record("nothing was done")
                return
            }
            #expect(state.outcome == .succeeded)
            #expect(rig.running == ["web1 2", "web2 2", "worker1 2", "worker2 2"])
        }
    }

    // MARK: units

    @Test func oneTierIsRestartedAndTheOtherLeftAlone() async throws {
        try await withRig { rig in
            let report = try await rig.session.handle(.restart, on: try hosts("worker1", "worker2"))
            #expect(report.isComplete)
            #expect(rig.deeds == ["restart worker1", "check worker1 1", "restart worker2", "check worker2 1"])
        }
    }

    @Test func aTierIsStoppedNoFurtherThanItsMinimum() async throws {
        try await withRig { rig in
            let workers = try hosts("worker1", "worker2")
            let error = await #expect(throws: StageError.self) { try await rig.session.handle(.stop, on: workers) }
            #expect(error?.code == .belowMinimum)
            #expect(rig.deeds.isEmpty)
            let report = try await rig.session.handle(.stop, on: [workers[0]] + (try hosts("web1")))
            #expect(report.isComplete && Set(rig.deeds) == ["drain web1", "stop web1", "stop worker1"])
        }
    }

    // MARK: apply and status

    @Test func whatATierLacksIsPlannedForItsHosts() async throws {
        try await withRig { rig in
            _ = try await rig.rollOut(Builds.two)
            rig.fleet.set { inside in
                for (host, release) in inside.current where host.description == "worker2" {
                    inside.current[host] = Builds.one.release
                    _ = release
                }
                inside.others = [
                    RunningMember(host: inside.current.keys.sorted()[2], address: "10.0.0.3", port: 8080, state: .up)
                ]
            }
            let plan = try await StageConvergence(rig.session).plan().fleet
            let worker = try hosts("worker1", "worker2")
            // A worker that is in the other tier's pool leaves that pool, and goes on working.
            #expect(plan.departures == [.remove(worker[0])])
            #expect(plan.rest == [.deploy(worker[1], Builds.two.release, running: Builds.one.release)])
        }
    }

    /// The last host of its tier, which it stays in.
    @Test func aHostThatMovedLeavesTheFormerPoolAlone() async throws {
        let inventory = TierRig.inventory.replacing(", worker2: {ansible_host: 10.0.0.4}", with: "")
        try await withTemporaryFolder { folder in
            let rig = try TierRig(in: folder, inventory: inventory)
            _ = try await rig.rollOut(Builds.two)
            let worker = try hosts("worker1")[0]
            rig.fleet.set {
                $0.others = [RunningMember(host: worker, address: "10.0.0.3", port: 8080, state: .up)]
                $0.calls = []
            }
            let ill = try await StageReading(rig.session).report().health
            #expect(ill.hosts.first?.state == .left && ill.hosts.first?.release == Builds.two.release)
            let end = try await StageConvergence(rig.session).apply { _ in
                ((), true, Provisioning(playbooks: [], hosts: []))
            }
            #expect(end.isComplete)
            #expect(rig.deeds == ["drain worker1", "remove worker1"])
        }
    }

    @Test func aStageDoesAsItsWorstTier() async throws {
        try await withRig { rig in
            _ = try await rig.rollOut(Builds.two)
            let well = try await StageReading(rig.session).report().health
            #expect(well.state == .up && well.tiers.map(\.inService) == [2, 2] && well.fewest == 4)
            #expect(well.hosts.map(\.tiers) == [["ap"], ["ap"], ["worker"], ["worker"]])
            rig.fleet.set { $0.unhealthy = [Builds.three.release] }
            rig.fleet.set { inside in
                for host in inside.current.keys where host.description == "worker2" {
                    inside.current[host] = Builds.three.release
                }
            }
            let ill = try await StageReading(rig.session).report().health
            #expect(ill.state == .degraded)
            #expect(
                ill.tiers.map { "\($0.name) \($0.state) \($0.inService) of \($0.members)" }
                    == ["ap up 2 of 2", "worker degraded 1 of 2"])
            #expect(ill.hosts.first?.host.description == "worker2" && ill.hosts.first?.state == .out)
        }
    }
}
