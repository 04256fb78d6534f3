import Fleet
import Foundation
import Rollouts
import TestSupport
import Testing

/// Hosts that wait to be told that their release stays, and go back by themselves.
@Suite struct DeadlineTests {
    /// A host that runs `one` for good and `two` until further notice.
    private func withWaitingHost(
        _ body: (ReleaseHost, ShellReleases, _ one: ReleaseID, _ two: ReleaseID) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let (one, two) = (try await host.build("one"), try await host.build("two"))
            let releases = host.releases(builds: [one, two])
            for build in [one, two] {
                _ = try await releases.deliver(build.digest, to: host.name)
                try await releases.activate(build.digest.release, on: host.name, revertAfter: .seconds(90))
                if build == one { try await releases.confirm(build.digest.release, on: host.name) }
            }
            _ = try host.asked()
            try await body(host, releases, one.digest.release, two.digest.release)
        }
    }

    @Test func theUnitsAreThereOnlyWhileAReleaseWaits() async throws {
        try await withWaitingHost { host, releases, _, two in
            #expect(
                try host.waiting == [
                    "unconfirmed", "revert", "armed", "drover-boot-bookmark.service", "drover-revert-bookmark.service",
                    "drover-revert-bookmark.timer", "multi-user.target.wants/drover-boot-bookmark.service",
                    "timers.target.wants/drover-revert-bookmark.timer",
                ])
            let survey = try await releases.survey(host.name)
            #expect(survey.isUnconfirmed && survey.goesBack)
            try await releases.confirm(two, on: host.name)
            #expect(try host.waiting == [])
            #expect(
                try host.asked() == [
                    "systemctl stop drover-revert-bookmark.timer drover-revert-bookmark.service",
                    "systemctl daemon-reload",
                ])
            let after = try await releases.survey(host.name)
            #expect(!after.isUnconfirmed && !after.goesBack)
        }
    }

    @Test func theWaitIsArmedBeforeTheSwitch() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one")
            let releases = host.releases(builds: [one])
            _ = try await releases.deliver(one.digest, to: host.name)
            try await releases.activate(one.digest.release, on: host.name, revertAfter: .seconds(90))
            #expect(
                try host.asked() == [
                    "systemctl stop drover-revert-bookmark.timer drover-revert-bookmark.service",
                    "systemctl daemon-reload", "systemctl start drover-revert-bookmark.timer",
                    "systemctl restart bookmark.service",
                ])
            let timer = try host.unit("drover-revert-bookmark.timer")
            #expect(timer.contains("OnActiveSec=90"))
            let boot = try host.unit("drover-boot-bookmark.service")
            #expect(boot.contains("Before=bookmark.service shutdown.target"))
        }
    }

    @Test func aHostThatCannotBeArmedIsNotSwitched() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one")
            let releases = host.releases(builds: [one])
            _ = try await releases.deliver(one.digest, to: host.name)
            try "in the way".write(toFile: host.layout.unitFolder, atomically: true, encoding: .utf8)
            await expectError(.command) {
                try await releases.activate(one.digest.release, on: host.name, revertAfter: .seconds(90))
            }
            #expect(host.version == nil)
        }
    }

    @Test func withoutConfirmationTheHostGoesBackToWhatItRan() async throws {
        try await withWaitingHost { host, releases, _, two in
            // Doing it again after a crash must not make the release its own way back.
            try await releases.activate(two, on: host.name, revertAfter: .seconds(90))
            #expect(host.version == "two")
            _ = try host.asked()
            try await host.letTimerFire()
            #expect(host.version == "one")
            #expect(try host.asked().last == "systemctl restart bookmark.service")
            #expect(try host.waiting == [])
            await expectError(.reverted) { try await releases.confirm(two, on: host.name) }
        }
    }

    @Test func aHostThatRebootsGoesBackBeforeItsUnitsStart() async throws {
        try await withWaitingHost { host, releases, _, _ in
            try await host.letBoot()
            #expect(host.version == "one")
            // To restart a unit that waits for this very service would never end.
            #expect(try host.asked().contains { $0.contains("restart") } == false)
            #expect(try host.waiting == [])
            #expect(try await releases.survey(host.name).isUnconfirmed == false)
        }
    }

    @Test func whatABootStartsChangesNothingInTheBootThatArmedIt() async throws {
        try await withWaitingHost { host, _, _, _ in
            try await host.letBoot(isSame: true)
            #expect(host.version == "two")
            #expect(try host.waiting.contains("unconfirmed"))
        }
    }

    @Test(arguments: [false, true])
    func aFirstReleaseThatIsNotConfirmedLeavesNone(atBoot: Bool) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one")
            let releases = host.releases(builds: [one])
            _ = try await releases.deliver(one.digest, to: host.name)
            try await releases.activate(one.digest.release, on: host.name, revertAfter: .seconds(90))
            _ = try host.asked()
            if atBoot { try await host.letBoot() } else { try await host.letTimerFire() }
            #expect(host.version == nil)
            #expect(try host.asked().last == "systemctl stop \(atBoot ? "--no-block " : "")bookmark.service")
        }
    }

    @Test func aTimerThatFiresLateChangesNothing() async throws {
        try await withWaitingHost { host, releases, _, two in
            let script = try host.revertScript()
            try await releases.confirm(two, on: host.name)
            _ = try host.asked()
            try await host.letTimerFire(script)
            #expect(host.version == "two")
            #expect(try host.asked().contains { $0.contains("restart") || $0.contains("bookmark.service") } == false)
        }
    }

    @Test func whatAnEarlierVersionArmedIsTidied() async throws {
        try await withWaitingHost { host, releases, one, two in
            try await releases.confirm(two, on: host.name)
            // A transient timer that a reboot took away, and the notes that stayed.
            for (name, text) in [("unconfirmed", "\(two)\n"), ("revert", "exit 0\n"), ("previous", "\(one)\n")] {
                try text.write(toFile: host.layout.stateFolder + "/" + name, atomically: true, encoding: .utf8)
            }
            let survey = try await releases.survey(host.name)
            #expect(survey.isUnconfirmed && !survey.goesBack, "nothing takes it back any more")
            try await releases.activate(one, on: host.name, revertAfter: nil)
            #expect(try host.waiting == [])
            #expect(try await releases.survey(host.name).isUnconfirmed == false)
        }
    }

    @Test func aNoteOfAnotherReleaseIsNoWait() async throws {
        try await withWaitingHost { host, releases, one, two in
            try await releases.confirm(two, on: host.name)
            try "\(one)\n".write(
                toFile: host.layout.stateFolder + "/unconfirmed", atomically: true, encoding: .utf8)
            #expect(try await releases.survey(host.name).isUnconfirmed == false)
        }
    }
}
