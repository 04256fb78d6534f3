import Fleet
import Foundation
import Rollouts
import TestSupport
import Testing

/// Releases with settings, brought by the scripts that hosts run.
@Suite struct ShellSettingsTests {
    private let old = SettingsFile(
        [Setting("LEVEL", "info"), Setting("TOKEN", "zebra-7", isSecret: true)], salt: Secret("one"))
    private let new = SettingsFile([Setting("LEVEL", "debug")], salt: Secret("two"))

    @Test func theFileIsOnlyForItsOwnerAndOtherSettingsCostNoUpload() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let build = try await host.build("one")
            let (first, second) = (build.digest.with(old.id), build.digest.with(new.id))
            let bringing = host.releases(builds: [build], settings: [old])
            #expect(try await bringing.deliver(first, to: host.name) == "uploaded, verified and unpacked")
            try await bringing.activate(first.release, on: host.name, revertAfter: nil)
            let path = host.layout.root + "/current/" + SettingsFile.name
            #expect(try String(contentsOfFile: path, encoding: .utf8) == old.text.reveal())
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let survey = try await bringing.survey(host.name)
            #expect(survey.release == first.release && survey.digest == first)
            // Neither the build is here, nor has anybody to bring it.
            let later = host.releases(settings: [new])
            #expect(try await later.holding(of: second, on: host.name).hasRelease)
            #expect(try await later.deliver(second, to: host.name) == "unpacked from what is there")
            try await later.activate(second.release, on: host.name, revertAfter: nil)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == new.text.reveal())
            #expect(host.version == "one")
            #expect(try host.archives == [build.digest.description])
        }
    }

    @Test func whatAHostHoldsIsHadBackAndWhatItLacksIsNot() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let build = try await host.build("one")
            let releases = host.releases(builds: [build], settings: [old])
            #expect(try await releases.settingsMarks(on: host.name) == [])
            _ = try await releases.deliver(build.digest.with(old.id), to: host.name)
            #expect(
                try await releases.settingsMarks(on: host.name)
                    == [SettingsMark(release: build.digest.with(old.id).release, salt: old.salt)])
            #expect(try await releases.settings(old.id, on: host.name) == old)
            #expect(try await releases.settings(new.id, on: host.name) == nil)
        }
    }

    @Test func settingsThatNobodyHasAreToldBeforeAnythingIsSent() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let build = try await host.build("one")
            let error = await #expect(throws: RolloutError.self) {
                try await host.releases(builds: [build]).deliver(build.digest.with(old.id), to: host.name)
            }
            #expect(error?.message.contains("has settings \(old.id) any more") == true)
            #expect(try host.releaseNames == [])
        }
    }

    @Test(arguments: [("/etc/default/shop", false), ("ROOT/current/.drover-env", true)])
    func unitsThatDoNotReadThemAreFoundBeforeAnythingIsSent(_ path: String, _ isRead: Bool) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            try host.unitReads(path.replacing("ROOT", with: host.layout.root))
            let build = try await host.build("one")
            let releases = host.releases(builds: [build], settings: [old])
            var fault: RolloutError?
            do throws(RolloutError) {
                _ = try await releases.deliver(build.digest.with(old.id), to: host.name)
            } catch { fault = error }
            #expect((fault == nil) == isRead)
            #expect(fault?.message.contains("none of its units reads them: bookmark.service") != false)
            #expect(fault?.hints.first?.contains("EnvironmentFile=-\(host.layout.root)/current/.drover-env") != false)
            // A build without settings asks for nothing.
            _ = try await releases.deliver(build.digest, to: host.name)
        }
    }

    @Test func anArchiveStaysAsLongAsSomeReleaseOfItsBuildDoes() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder, keeps: 1)
            let build = try await host.build("one")
            let files = (1...4).map { SettingsFile([Setting("N", "\($0)")], salt: Secret("one")) }
            let releases = host.releases(builds: [build], settings: files)
            for file in files {
                let release = build.digest.with(file.id)
                _ = try await releases.deliver(release, to: host.name)
                try await releases.activate(release.release, on: host.name, revertAfter: nil)
                try await releases.confirm(release.release, on: host.name)
            }
            let kept = files.suffix(3).map { build.digest.with($0.id).release.description }
            #expect(Set(try host.releaseNames) == Set(kept), "the current one, the good one before, and one more")
            #expect(try host.archives == [build.digest.description])
            let notes = try await releases.notes(on: host.name)
            #expect(notes.good == build.digest.with(files[3].id) && notes.goodBefore == build.digest.with(files[2].id))
        }
    }

    /// A host that nobody confirms goes back to the settings as well.
    @Test func theTimerBringsTheSettingsBackToo() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let build = try await host.build("one")
            let releases = host.releases(builds: [build], settings: [old, new])
            for file in [old, new] {
                let release = build.digest.with(file.id)
                _ = try await releases.deliver(release, to: host.name)
                try await releases.activate(release.release, on: host.name, revertAfter: .seconds(60))
                if file == old { try await releases.confirm(release.release, on: host.name) }
            }
            try await host.letTimerFire()
            #expect(try await releases.survey(host.name).release == build.digest.with(old.id).release)
        }
    }
}
