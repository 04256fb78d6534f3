import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// Where a build comes from that hosts lack and this machine does not have.
@Suite struct BuildSearchTests {
    /// A stage of two hosts of which the second lacks the build, which lies in `archive`.
    private struct Scene {
        let rig: StageRig
        let build: BuildDigest
        let archive: String
        /// The folder of the store that is shared.
        let shared: URL

        func host(_ name: String) throws -> HostName { try HostName(name) }

        func rollOut() async throws -> RolloutState {
            try await rig.session.rollOut(
                build, .rollout, policy: RolloutPolicy(canary: 0, batch: .percent(100), bake: .zero))
        }

        var fetches: [String] { rig.deeds.filter { $0.hasPrefix("fetch") } }
        var isHere: Bool { rig.session.drivers.builds.find(build) != nil }
    }

    private func withScene(
        after: String? = nil, isShared: Bool = false, _ body: (Scene) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let archive = folder.path + "/shop.tar.gz"
            try await DroverProgram.run(["tar", "-czf", archive, "-C", "/etc", "hostname"]).succeeded()
            let build = try await BuildStore(stateFolder: folder.path + "/other").add(archive).digest
            let store = folder.appendingPathComponent("shared")
            try FileManager.default.createDirectory(at: store, withIntermediateDirectories: true)
            let transport = LocalHostTransport(
                shell: LocalShellTransport(host: try HostName("localhost")), programs: folder)
            let shared = SharedBuilds(.folder(store.path), service: "shop") { transport }
            let rig = try StageRig(
                in: folder, members: 2, running: Builds.one.release, after: after, shared: isShared ? shared : nil)
            rig.fleet.set { $0.lacking = [rig.fleet.pool.members[1].host] }
            _ = try await rig.journal.add(
                BuildRecord(digest: build, name: "shop.tar.gz", size: 1, addedAt: Timestamp(milliseconds: 1)))
            try await body(Scene(rig: rig, build: build, archive: archive, shared: store))
        }
    }

    @Test func nothingIsTouchedForABuildThatIsNowhereToBeHad() async throws {
        try await withScene(isShared: true) { scene in
            let error = await #expect(throws: StageError.self) { try await scene.rollOut() }
            #expect(error?.code == .missingBuild)
            let message = error?.message ?? ""
            #expect(message.hasPrefix("build shop.tar.gz (\(scene.build.release)) is nowhere to be had: not in "))
            for place in [
                "not in \(scene.shared.path);", "none of 2 hosts of production holds it;",
                "none of 2 hosts of staging holds it",
            ] {
                #expect(message.contains(place), "\(message)")
            }
            #expect(scene.rig.deeds == [])
            let runs = try await scene.rig.journal.runs(stage: "production", limit: 9)
            #expect(runs.isEmpty, "no run is left open")
        }
    }

    @Test func hostsThatHaveTheReleaseNeedNoBuildFromAnywhere() async throws {
        try await withScene { scene in
            scene.rig.fleet.set { $0.lacking = [] }
            let state = try await scene.rollOut()
            #expect(state.outcome == .succeeded)
            #expect(!scene.isHere && scene.fetches == [])
        }
    }

    @Test func theStagesOwnHostsAreAskedFirst() async throws {
        try await withScene { scene in
            let hosts = [try scene.host("web1"), try scene.host("stg1")]
            scene.rig.fleet.set { inside in for host in hosts { inside.archives[host] = scene.archive } }
            let state = try await scene.rollOut()
            #expect(state.outcome == .succeeded)
            #expect(scene.fetches == ["fetch web1"] && scene.isHere)
            #expect(scene.rig.events.contains { $0.contains("web1 of production") && $0.contains("isDone: true") })
        }
    }

    @Test func theStageBeforeHasWhatIsPromotedAndWhoFailsIsPassedOver() async throws {
        try await withScene(after: "staging") { scene in
            let hosts = [try scene.host("stg1"), try scene.host("stg2")]
            scene.rig.fleet.set { inside in
                for host in hosts { inside.archives[host] = scene.archive }
                inside.faults["fetch stg1"] = RolloutError(.command, host: hosts[0], "the archive is damaged there")
            }
            let state = try await scene.rollOut()
            #expect(state.outcome == .succeeded)
            #expect(scene.fetches == ["fetch stg1", "fetch stg2"] && scene.isHere)
            #expect(scene.rig.events.contains { $0.hasPrefix("unavailable") && $0.contains("damaged") })
        }
    }

    @Test func whatIsSharedComesBeforeHosts() async throws {
        try await withScene(isShared: true) { scene in
            let record = try await scene.rig.journal.build(scene.build.description)
            try await scene.rig.session.drivers.sharedBuilds?.add(scene.archive, record)
            let host = try scene.host("web1")
            scene.rig.fleet.set { $0.archives[host] = scene.archive }
            let state = try await scene.rollOut()
            #expect(state.outcome == .succeeded)
            #expect(scene.fetches == [] && scene.isHere)
            let use = try await scene.rig.session.drivers.sharedBuilds?.index().uses["production"]
            #expect(use?.current == scene.build, "nobody lets go of it there")
        }
    }

    @Test func aStoreThatIsAwayIsNoObstacleWhereHostsHaveTheBuild() async throws {
        try await withScene(isShared: true) { scene in
            try FileManager.default.removeItem(at: scene.shared)
            let host = try scene.host("web1")
            scene.rig.fleet.set { $0.archives[host] = scene.archive }
            let state = try await scene.rollOut()
            #expect(state.outcome == .succeeded)
            #expect(scene.fetches == ["fetch web1"])
            #expect(scene.rig.events.contains { $0.hasPrefix("unavailable") && $0.contains("there is no folder") })
            #expect(scene.rig.events.contains { $0.hasPrefix("useUnnoted") })
        }
    }

    @Test func aDamagedBuildOfTheStoreIsNamedAndNeverUsed() async throws {
        try await withScene(isShared: true) { scene in
            let record = try await scene.rig.journal.build(scene.build.description)
            try await scene.rig.session.drivers.sharedBuilds?.add(scene.archive, record)
            let path = "\(scene.shared.path)/shop/\(scene.build)"
            try Data(contentsOf: URL(fileURLWithPath: path)).dropLast().write(to: URL(fileURLWithPath: path))
            let error = await #expect(throws: StageError.self) { try await scene.rollOut() }
            #expect(error?.message.contains("build \(scene.build.release) is damaged there") == true)
            #expect(!scene.isHere && scene.rig.deeds == [])
        }
    }

    @Test func whoIsSilentIsNotWaitedForWithABuild() async throws {
        try await withScene { scene in
            let hosts = scene.rig.fleet.pool.members.map(\.host)
            scene.rig.fleet.set { $0.silent = Set(hosts) }
            let state = try await scene.rollOut()
            #expect(state.outcome == .succeeded)
            #expect(!scene.isHere)
        }
    }

    @Test func anInterruptedRolloutIsNotTakenUpWithoutItsBuild() async throws {
        try await withScene { scene in
            scene.rig.fleet.set { $0.lacking = [] }
            scene.rig.session.stop.raise()
            let state = try await scene.rollOut()
            #expect(state.outcome == nil)
            let lacking = scene.rig.fleet.pool.members[1].host
            scene.rig.fleet.set { $0.lacking = [lacking] }
            let other = StageSession(scene.rig.session.site, scene.rig.session.drivers)
            let error = await #expect(throws: StageError.self) { try await other.resume() }
            #expect(error?.code == .missingBuild)
            scene.rig.fleet.set { $0.archives[lacking] = scene.archive }
            // What failed is not tried again within one command.
            let drivers = scene.rig.session.drivers
            var later = StageDrivers(
                drivers.connections, web: drivers.web, journal: drivers.journal, builds: drivers.builds,
                controller: drivers.controller)
            later.openReleases = drivers.openReleases
            #expect(try await StageSession(scene.rig.session.site, later).resume().outcome == .succeeded)
            #expect(scene.fetches == ["fetch web2"])
        }
    }
}
