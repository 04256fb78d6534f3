import Fleet
import Foundation
import Rollouts
import TestSupport
import Testing

/// The scripts that restart and stop units, run for real, and the command that shows their log.
@Suite struct UnitScriptTests {
    @Test func unitsAreRestartedAndStoppedUnderTheFence() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            try await host.releases(token: 2).restart(host.name)
            #expect(
                try host.asked() == ["systemctl reset-failed bookmark.service", "systemctl restart bookmark.service"])
            await expectError(.fenced) { try await host.releases(token: 1).restart(host.name) }
            await expectError(.fenced) { try await host.releases(token: 1).stop(host.name, stop) }
            #expect(try host.asked() == [])
            let running = await expectError(.command) { try await host.releases(token: 2).stop(host.name, stop) }
            #expect(running?.message.contains("bookmark.service still runs") == true, "\(running?.message ?? "")")
            #expect(try host.asked() == ["systemctl stop bookmark.service"])
        }
    }

    /// What a generator makes, as podman does of quadlets, cannot be disabled.
    @Test(arguments: [
        ("enabled", ["systemctl disable --quiet bookmark.service", "systemctl stop bookmark.service"], "enable"),
        ("generated", ["systemctl stop bookmark.service", "systemctl mask --quiet bookmark.service"], "unmask"),
        ("disabled", ["systemctl stop bookmark.service"], nil), ("masked", ["systemctl stop bookmark.service"], nil),
    ])
    func aHostThatLeavesStartsNothingUntilItIsBack(kind: String, asked: [String], back: String?) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            try host.replace(
                "systemctl",
                by: """
                    case "$*" in
                    show*) echo loaded; exit 0;;
                    is-enabled*) echo \(kind); exit 0;;
                    is-active*) exit 3;;
                    *drover-*|daemon-reload) exit 0;;
                    esac
                    echo "systemctl $*" >>\(folder.path)/asked
                    """)
            try await host.releases(token: 2).retire(host.name)
            #expect(try host.asked() == asked)
            for expected in [back.map { ["systemctl \($0) --quiet bookmark.service"] } ?? [], []] {
                try await host.releases(token: 2).rejoin(host.name)
                #expect(try host.asked() == expected)
            }
        }
    }

    @Test func theHostKnowsWhoStoppedItUntilItIsStarted() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let releases = host.releases(token: 2)
            #expect(try await releases.survey(host.name).stopped == nil)
            // Its units run on: that somebody meant to stop them is known all the same.
            await expectError(.command) { try await releases.stop(host.name, stop) }
            #expect(try await releases.survey(host.name).stopped == stop)
            let later = UnitStop(by: "another's name", since: Timestamp(milliseconds: 9_999))
            await expectError(.command) { try await releases.stop(host.name, later) }
            #expect(try await releases.survey(host.name).stopped == stop, "since the first time")
            try await releases.start(host.name)
            #expect(try await releases.survey(host.name).stopped == nil)
            await expectError(.command) { try await releases.stop(host.name, later) }
            #expect(try await releases.survey(host.name).stopped == later)
            try await releases.rejoin(host.name)
            #expect(try await releases.survey(host.name).stopped == nil)
        }
    }

    private let stop = UnitStop(by: "me@here:1", since: Timestamp(milliseconds: 1_234))

    struct Log: Sendable, CustomTestStringConvertible {
        let testDescription: String, log: UnitLog, line: String
    }

    private static let words =
        "journalctl --quiet --no-pager --no-hostname --output short-iso --unit a.service --unit b.service"

    @Test(arguments: [
        Log(
            testDescription: "the last lines", log: UnitLog(["a.service", "b.service"], lines: 20),
            line: "\(words) --lines=20"),
        Log(
            testDescription: "all since", log: UnitLog(["a.service", "b.service"], since: "-600s"),
            line: "\(words) '--since=-600s' --lines=all"),
        Log(
            testDescription: "followed", log: UnitLog(["a.service", "b.service"], lines: 5, follows: true),
            line: "\(words) --follow --lines=5"),
    ])
    func theLogIsAskedForInOneCommand(_ c: Log) {
        #expect(c.log.command(.root).shellLine == c.line)
        #expect(c.log.command(.root).privilege == .root)
    }

    @Test(arguments: [
        ("10m", "-600s"), ("2h", "-7200s"), ("yesterday", "yesterday"), ("2026-03-01 12:00", "2026-03-01 12:00"),
    ])
    func aMomentIsWrittenAsElsewhere(text: String, moment: String) {
        #expect(UnitLog.moment(text) == moment)
    }

    /// journalctl before systemd 254 shows the first lines since a moment, not the last ones.
    @Test func theLastLinesSinceAMomentAreTheLast() async throws {
        try await withTemporaryFolder { folder in
            let journalctl = folder.appendingPathComponent("journalctl")
            try """
            #!/bin/sh
            case "$*" in *--lines=0*) exit 0;; *--lines=all*) seq 100;; *) seq 3;; esac
            """.write(to: journalctl, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: journalctl.path)
            let line = UnitLog(["a.service"], since: "-60s", lines: 3).command(.login).shellLine
            let shown = try await DroverProgram.run(["env", "PATH=\(folder.path):/usr/bin:/bin", "sh", "-c", line])
            #expect(shown.output == "98\n99\n100\n")
        }
    }
}
