import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// Builds that are sent as what differs from one that a host keeps.
@Suite struct BuildDeltaTests {
    /// A host, builds of 2 MiB of which each differs from the one before by little, and what was told of whole ones.
    private final class Scene: Sendable {
        let host: ReleaseHost
        let store: BuildStore
        let deltas: BuildDeltas
        let told = Mutex<[String]>([])

        init(_ folder: URL) throws {
            host = try ReleaseHost(in: folder)
            store = BuildStore(stateFolder: folder.path + "/here")
            deltas = BuildDeltas(store: store)
        }

        var delivery: DeltaDelivery {
            DeltaDelivery(
                deltas: deltas, findBase: { [store] in store.find($0) },
                tellWhole: { [self] error in told.withLock { $0.append(error.message) } })
        }

        /// A build whose VERSION says so, and whose data is all but the same as every other's.
        func build(_ version: Int, _ kind: ArchiveKind) async throws -> StoredBuild {
            let path = "\(host.folder.path)/\(version).\(kind.rawValue)"
            let flag = [ArchiveKind.gzip: "-z", .zstd: "--zstd", .plain: "--no-auto-compress"][kind] ?? ""
            let script = """
                mkdir -p work; cd work; [ -f data ] || head -c 2000000 /dev/urandom >data; echo -n \(version) >VERSION
                head -c 9000 /dev/urandom | dd of=data conv=notrunc bs=1000 seek=\(version * 13) status=none
                tar \(flag) -cf \(path) .
                """
            try await DroverProgram.run(["env", "-C", host.folder.path, "sh", "-ec", script]).succeeded()
            return try #require(store.find(try await store.add(path).digest))
        }

        /// Brings a build and switches to it.
        func bring(_ build: StoredBuild, delivery: DeltaDelivery? = nil) async throws -> String {
            let releases = host.releases(builds: [build], delivery: delivery ?? self.delivery)
            let note = try await releases.deliver(build.digest, to: host.name)
            try await releases.activate(build.digest.release, on: host.name, revertAfter: nil)
            try await releases.confirm(build.digest.release, on: host.name)
            return note
        }
    }

    private func withScene(_ body: (Scene) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in try await body(try Scene(folder)) }
    }

    @Test(arguments: ArchiveKind.allCases)
    func onlyWhatDiffersIsSent(_ kind: ArchiveKind) async throws {
        try await withScene { scene in
            #expect(try await scene.bring(scene.build(1, kind)) == "uploaded, verified and unpacked")
            // The second time the base is a tar that the host made itself.
            for version in [2, 3] {
                let build = try await scene.build(version, kind)
                let note = try await scene.bring(build)
                #expect(note.contains(" sent, what differs from "), "\(note) \(scene.told.withLock(\.self))")
                let sent = try #require(note.split(separator: " ").first.flatMap { Double($0) })
                #expect(note.contains(" KiB of ") && sent < 40, "\(note)")
                #expect(scene.host.version == "\(version)")
                let made = scene.host.layout.folder(of: build.digest.release) + "/data"
                #expect(FileManager.default.contentsEqual(atPath: made, andPath: scene.host.folder.path + "/work/data"))
                let holding = try await scene.host.releases().holding(of: build.digest, on: scene.host.name)
                #expect(holding.hasRelease && (holding.repacked?.tar == build.tar) == (kind != .plain))
                #expect((holding.archiveSize != nil) == (kind == .plain), "a tar is its own file")
            }
            #expect(scene.told.withLock(\.self) == [])
            #expect(try scene.host.releaseNames.count == 3, "nothing is left behind")
        }
    }

    /// Nobody else has the build's file then.
    @Test func aBuildIsHadBackFromAHostThatMadeIt() async throws {
        try await withScene { scene in
            for version in [1, 2] { _ = try await scene.bring(scene.build(version, .gzip)) }
            let build = try await scene.build(3, .gzip)
            let tar = try #require(build.tar)
            _ = try await scene.bring(build)
            let releases = scene.host.releases()
            let repacked = try #require(
                try await releases.holding(of: build.digest, on: scene.host.name).repacked)
            let other = BuildStore(stateFolder: scene.host.folder.path + "/other")
            try await releases.fetch(build.digest, repacked: repacked, from: scene.host.name, into: other)
            let found = try #require(other.find(build.digest))
            #expect(found.isRepacked && found.tar == tar)
            try await other.check(build.digest)
            // It goes on to a host that has nothing.
            let second = try ReleaseHost(in: scene.host.folder.appendingPathComponent("second"))
            let elsewhere = second.releases(builds: [found])
            _ = try await elsewhere.deliver(build.digest, to: second.name)
            try await elsewhere.activate(build.digest.release, on: second.name, revertAfter: nil)
            #expect(second.version == "3")
            #expect(try await elsewhere.holding(of: build.digest, on: second.name).repacked?.tar == tar)
            let wrong = RepackedArchive(
                tar: try #require(TarDigest(String(repeating: "a", count: 64))), size: repacked.size)
            await #expect(throws: RolloutError.self) {
                try await releases.fetch(build.digest, repacked: wrong, from: scene.host.name, into: other)
            }
        }
    }

    /// A release of other settings is unpacked from what the host made.
    @Test func whatAHostMadeIsUnpackedAgain() async throws {
        try await withScene { scene in
            for version in [1, 2] { _ = try await scene.bring(scene.build(version, .zstd)) }
            let build = try await scene.build(3, .zstd)
            _ = try await scene.bring(build)
            let settings = ["one", "two"].map { SettingsFile([Setting("LEVEL", $0)], salt: Secret($0)) }
            let releases = scene.host.releases(builds: [], settings: settings)
            let first = build.digest.with(settings[0].id)
            #expect(try await releases.deliver(first, to: scene.host.name) == "unpacked from what is there")
            let archive = try #require(build.tar.map { scene.host.layout.tarArchive(build.digest, $0) })
            try await DroverProgram.run(["sh", "-c", "echo more >>$1", "sh", archive]).succeeded()
            let other = scene.host.releases(builds: [build], settings: settings)
            let again = try await other.deliver(build.digest.with(settings[1].id), to: scene.host.name)
            #expect(again == "uploaded, verified and unpacked", "a damaged one is not used")
        }
    }

    @Test func aBaseThatIsNotWhatItShouldBeCostsOnlyTheWhole() async throws {
        try await withScene { scene in
            let (one, two) = (try await scene.build(1, .gzip), try await scene.build(2, .gzip))
            _ = try await scene.bring(one)
            let script = "head -c 3000000 /dev/zero | gzip >\"$1\""
            try await DroverProgram.run(["sh", "-c", script, "sh", scene.host.layout.archive(one.digest)]).succeeded()
            #expect(try await scene.bring(two) == "uploaded, verified and unpacked")
            #expect(scene.host.version == "2")
            let told = scene.told.withLock(\.self)
            #expect(told.count == 1 && told[0].hasPrefix("could not make the build of what differs"), "\(told)")
            #expect(try scene.host.releaseNames.count == 2)
        }
    }

    @Test func anOldZstdIsToldOnce() async throws {
        try await withScene { scene in
            try scene.host.replace("zstd", by: "echo 'an old one'")
            for version in 1...3 {
                #expect(try await scene.bring(scene.build(version, .gzip)) == "uploaded, verified and unpacked")
            }
            #expect(
                scene.told.withLock(\.self) == [
                    "there is a zstd older than 1.4.5, so the whole build is sent and not only what differs"
                ])
        }
    }

    @Test func aBaseThatIsNotHereIsTold() async throws {
        try await withScene { scene in
            _ = try await scene.bring(scene.build(1, .gzip))
            let delivery = DeltaDelivery(
                deltas: scene.deltas, findBase: { _ in nil }, tellWhole: scene.delivery.tellWhole)
            #expect(try await scene.bring(scene.build(2, .gzip), delivery: delivery).hasPrefix("uploaded"))
            #expect(
                scene.told.withLock(\.self) == [
                    "the whole build is sent: no build that hosts have is here to compare with"
                ])
        }
    }

    @Test(
        arguments: [
            (["delta=ready", "memory=1024", "base=\(String(repeating: "a", count: 64))"], 1, Int64(1 << 20)),
            (["delta=odd", "memory=-3", "base=../../etc", "base="], 0, nil),
            (["memory=99999999999999999999"], 0, nil),
        ] as [([String], Int, Int64?)])
    func whatAHostSaysIsReadWithCare(_ lines: [String], _ bases: Int, _ memory: Int64?) {
        let ground = DeltaGround(parsing: lines.map { $0[...] })
        #expect(ground.bases.count == bases && ground.memory == memory)
        #expect((ground.tool == .ready) == (bases > 0))
    }

    @Test func theWindowCoversEveryTar() {
        for size in [1, 1 << 20, 1 << 27, 200_000_000, 1 << 30] as [Int64] {
            let window = BuildDelta.window(size)
            #expect((27...31).contains(window) && Int64(1) << window >= size)
        }
    }
}
