import Crypto
import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// The archives that hosts keep beside their releases, and how they are had back.
@Suite struct KeptArchiveTests {
    private func withHost(
        keeps: Int = 3, _ body: (_ host: ReleaseHost, _ store: BuildStore) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await body(
                try ReleaseHost(in: folder, keeps: keeps), BuildStore(stateFolder: folder.path + "/elsewhere"))
        }
    }

    @Test func aBuildThatAHostRunsIsHadBack() async throws {
        try await withHost { host, store in
            let one = try await host.build("one")
            let releases = host.releases(builds: [one])
            #expect(try await releases.holding(of: one.digest, on: host.name) == HostHolding(hasRelease: false))
            _ = try await releases.deliver(one.digest, to: host.name)
            #expect(try host.releaseNames == [one.digest.release.description])
            let holding = try await releases.holding(of: one.digest, on: host.name)
            let size = try #require(holding.archiveSize)
            #expect(holding.hasRelease && size == BuildStore.size(of: one.path))
            try await releases.fetch(one.digest, size: size, from: host.name, into: store)
            #expect(FileManager.default.contentsEqual(atPath: one.path, andPath: store.path(of: one.digest)))
            let mode = try FileManager.default.attributesOfItem(atPath: host.layout.archive(one.digest))
            #expect(mode[.posixPermissions] as? Int == 0o600, "nobody else reads it")
        }
    }

    /// Larger than what is read at once, with an end that fills no slice.
    @Test func aLargeBuildComesInSlices() async throws {
        try await withHost { host, store in
            let path = host.folder.path + "/large.tar"
            let script = "head -c 5000001 /dev/urandom >data && tar -cf \(path) data && rm data"
            try await DroverProgram.run(["env", "-C", host.folder.path, "sh", "-c", script]).succeeded()
            let sum = try await DroverProgram.run(["sha256sum", path]).output
            let large = StoredBuild(digest: try BuildDigest(String(sum.prefix(64))), path: path, kind: .plain)
            let releases = host.releases(builds: [large])
            _ = try await releases.deliver(large.digest, to: host.name)
            let size = try #require(try await releases.holding(of: large.digest, on: host.name).archiveSize)
            try await releases.fetch(large.digest, size: size, from: host.name, into: store)
            #expect(FileManager.default.contentsEqual(atPath: path, andPath: store.path(of: large.digest)))
        }
    }

    @Test func anArchiveGoesWithItsRelease() async throws {
        try await withHost(keeps: 0) { host, _ in
            let (one, two) = (try await host.build("one"), try await host.build("two"))
            let releases = host.releases(builds: [one, two])
            for build in [one, two] { _ = try await releases.deliver(build.digest, to: host.name) }
            #expect(try host.archives == [one, two].map(\.digest.description).sorted())
            try await releases.activate(two.digest.release, on: host.name, revertAfter: nil)
            try await releases.confirm(two.digest.release, on: host.name)
            #expect(try host.archives == [two.digest.description])
        }
    }

    @Test func aReleaseOfAnEarlierVersionIsNoSourceAndIsNotSentAgain() async throws {
        try await withHost { host, _ in
            let one = try await host.build("one")
            let releases = host.releases(builds: [one])
            _ = try await releases.deliver(one.digest, to: host.name)
            try FileManager.default.removeItem(atPath: host.layout.archive(one.digest))
            #expect(try await releases.holding(of: one.digest, on: host.name) == HostHolding(hasRelease: true))
            #expect(try await releases.deliver(one.digest, to: host.name) == "already there")
            #expect(try host.archives == [])
        }
    }

    @Test func anArchiveWhoseReleaseAnEarlierVersionPrunedGoesWithTheNextUpload() async throws {
        try await withHost { host, _ in
            let (one, two) = (try await host.build("one"), try await host.build("two"))
            let releases = host.releases(builds: [one, two])
            _ = try await releases.deliver(one.digest, to: host.name)
            try FileManager.default.removeItem(atPath: host.layout.folder(of: one.digest.release))
            _ = try await releases.deliver(two.digest, to: host.name)
            #expect(try host.archives == [two.digest.description])
        }
    }

    @Test func aDamagedArchiveIsNamedAndNotKept() async throws {
        try await withHost { host, store in
            let one = try await host.build("one")
            let releases = host.releases(builds: [one])
            _ = try await releases.deliver(one.digest, to: host.name)
            let path = host.layout.archive(one.digest)
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[20] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            let error = await #expect(throws: RolloutError.self) {
                try await releases.fetch(one.digest, size: Int64(bytes.count), from: host.name, into: store)
            }
            #expect(error?.message.contains("the archive of build \(one.digest.release) is damaged there") == true)
            #expect(store.find(one.digest) == nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder) == [])
            let longer = await #expect(throws: RolloutError.self) {
                try await releases.fetch(one.digest, size: Int64(bytes.count) + 1, from: host.name, into: store)
            }
            #expect(longer?.message.contains("it became shorter meanwhile") == true, "\(longer?.message ?? "")")
        }
    }

    /// Such a host would fill this machine's disk.
    @Test func aHostThatSaysMoreThanWasAskedForIsNotListenedTo() async throws {
        try await withHost { host, store in
            let one = try await host.build("one")
            let releases = host.releases(builds: [one])
            _ = try await releases.deliver(one.digest, to: host.name)
            try host.replace("dd", by: "head -c 9000000 /dev/zero; head -c 9000000 /dev/zero >&2")
            let error = await #expect(throws: RolloutError.self) {
                try await releases.fetch(one.digest, size: 5000, from: host.name, into: store)
            }
            let taken = SHA256.hash(data: Data(count: 5000)).prefix(6).map { String(format: "%02x", $0) }.joined()
            #expect(error?.message.contains("it is \(taken) now") == true, "\(error?.message ?? "")")
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder) == [])
        }
    }

    /// A host with little room gives up what it keeps for others before it refuses a build.
    @Test func archivesMakeRoomForABuild() async throws {
        try await withHost { host, _ in
            let (one, two) = (try await host.build("one"), try await host.build("two"))
            var three = try await host.build("three")
            let releases = host.releases(builds: [one, two])
            for build in [one, two] { _ = try await releases.deliver(build.digest, to: host.name) }
            try await releases.activate(two.digest.release, on: host.name, revertAfter: nil)
            three.extent = BuildExtent(packed: 1 << 20, unpacked: 1 << 20, entries: 8)
            // There is room once the archive that no release in use needs is gone.
            try host.replace(
                "df",
                by: """
                    case "$*" in
                    *iavail*) echo head; echo '1000 900';;
                    *target*) echo head; echo /srv;;
                    *) echo head; [ -e \(host.layout.archive(one.digest)) ] && echo 4096 || echo 999999;;
                    esac
                    """)
            let done = try await host.releases(builds: [three]).deliver(three.digest, to: host.name)
            #expect(done == "uploaded, verified and unpacked")
            #expect(try host.archives == [two, three].map(\.digest.description).sorted(), "the current one's stays")
        }
    }
}
