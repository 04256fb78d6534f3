import Fleet
import Foundation
import Rollouts
import TestSupport
import Testing

/// The scripts that hosts run, run for real by this machine's `sh` in a folder of the test's own.
@Suite struct ShellReleasesTests {
    @Test(arguments: [ArchiveKind.gzip, .plain])
    func aReleaseIsUploadedVerifiedAndUnpackedOnce(kind: ArchiveKind) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let build = try await host.build("one", kind: kind)
            let releases = host.releases(builds: [build])
            #expect(try await releases.deliver(build.digest, to: host.name) == "uploaded, verified and unpacked")
            #expect(try await releases.deliver(build.digest, to: host.name) == "already there")
            #expect(try host.releaseNames == [build.digest.release.description])
            #expect(try await releases.survey(host.name).release == nil)
        }
    }

    @Test func aBuildThatArrivesDamagedIsRefused() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            var build = try await host.build("one")
            build.digest = Builds.three
            let releases = host.releases(builds: [build])
            await #expect(throws: RolloutError.self) { try await releases.deliver(Builds.three, to: host.name) }
            #expect(try host.releaseNames == [])
        }
    }

    @Test func aControllerWhoseTimeIsOverIsRefusedAndChangesNothing() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one")
            let release = one.digest.release
            let newer = host.releases(token: 8, builds: [one])
            _ = try await newer.deliver(one.digest, to: host.name)
            let older = host.releases(token: 7, builds: [one])
            await expectError(.fenced) { try await older.activate(release, on: host.name, revertAfter: nil) }
            await expectError(.fenced) { try await older.confirm(release, on: host.name) }
            await expectError(.fenced) { _ = try await older.deliver(one.digest, to: host.name) }
            #expect(host.version == nil)
            #expect(try await older.survey(host.name).release == nil)
            try await newer.activate(release, on: host.name, revertAfter: nil)
            #expect(host.version == "one")
        }
    }

    @Test func pruningKeepsTheCurrentTheLastGoodAndTheNewest() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder, keeps: 1)
            var builds: [StoredBuild] = []
            for number in 1...5 { builds.append(try await host.build("b\(number)")) }
            let releases = host.releases(builds: builds)
            for (index, build) in builds.enumerated() {
                _ = try await releases.deliver(build.digest, to: host.name)
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: 1000 + Double(index))],
                    ofItemAtPath: host.layout.folder(of: build.digest.release))
            }
            // The oldest is good; then the newest becomes so.
            for build in [builds[0], builds[4]] {
                try await releases.activate(build.digest.release, on: host.name, revertAfter: nil)
                if build == builds[0] { continue }
            }
            try await releases.activate(builds[0].digest.release, on: host.name, revertAfter: nil)
            try await releases.confirm(builds[0].digest.release, on: host.name)
            #expect(try host.releaseNames.count == 2)
        }
    }

    @Test func aFailedRestartShowsWhatWasSaid() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one")
            let releases = host.releases(builds: [one])
            _ = try await releases.deliver(one.digest, to: host.name)
            try host.refuseRestarts()
            let fault = await expectError(.command) {
                try await releases.activate(one.digest.release, on: host.name, revertAfter: nil)
            }
            #expect(fault?.message.hasSuffix("Job failed") == true)
        }
    }

    @Test func aHostThatRunsNothingHealthySaysWhatItAnswers() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one")
            let releases = host.releases(builds: [one])
            _ = try await releases.deliver(one.digest, to: host.name)
            await expectError(.reverted) {
                _ = try await releases.check(one.digest.release, on: host.name, patience: .seconds(1))
            }
            try await releases.activate(one.digest.release, on: host.name, revertAfter: nil)
            let fault = await expectError(.unhealthy) {
                _ = try await releases.check(one.digest.release, on: host.name, patience: .seconds(1))
            }
            #expect(fault?.message.contains("connect to 127.0.0.1:1: Connection refused") == true)
            #expect(fault?.detail.first == "bookmark.service: active")
        }
    }

}
