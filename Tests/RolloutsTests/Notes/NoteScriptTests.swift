import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// What stands on a host about a stage, written and read by its shell.
@Suite struct NoteScriptTests {
    private func lease(_ token: Int64, seconds: Int = 30) -> StageLease {
        StageLease(
            stage: "production", token: token, holder: "it's \"me\"@här:\(token)", purpose: "rollout",
            timeToLive: .seconds(seconds))
    }

    private let record = StageNote(
        token: 3, current: Builds.one, previous: nil,
        builds: [
            BuildRecord(
                digest: Builds.one, name: "a 'b' \\n $(c) \"d\".tar.gz", size: 7, addedAt: Timestamp(milliseconds: 1))
        ],
        changes: [])

    @Test func aHostWithoutAnythingHoldsNothingAndIsLeftSo() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            #expect(try await host.releases().notes(on: host.name) == HostNotes())
            #expect(!FileManager.default.fileExists(atPath: host.layout.stateFolder))
        }
    }

    @Test func aLeaseStandsUntilItsTimeIsOverOrItIsTakenAway() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let taken = try await host.releases(token: 3).take(lease(3), replacing: nil, on: host.name)
            #expect(taken.lease?.lease == lease(3) && taken.token == 3)
            let left = try #require(taken.lease?.left)
            #expect(left > .seconds(25) && left <= .seconds(30))
            let other = try await host.releases(token: 4).take(lease(4), replacing: nil, on: host.name)
            #expect(other.lease?.lease == lease(3), "who holds it stays")
            #expect(other.token == 3, "and is not fenced by who asked")
            try await host.releases(token: 3).renew(lease(3), on: host.name)
            let replaced = try await host.releases(token: 5).take(lease(5), replacing: 3, on: host.name)
            #expect(replaced.lease?.lease == lease(5))
            await expectError(.fenced) { try await host.releases(token: 3).renew(lease(3), on: host.name) }
            try await host.releases(token: 3).release(3, isRevoked: false, on: host.name)
            #expect(try await host.releases().notes(on: host.name).lease != nil, "it is another's")
            try await host.releases(token: 5).release(5, isRevoked: false, on: host.name)
            let after = try await host.releases().notes(on: host.name)
            #expect(after.lease == nil && after.token == 5)
        }
    }

    @Test func whoseLeaseIsRevokedIsFencedAndCannotRenew() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            _ = try await host.releases(token: 3).take(lease(3), replacing: nil, on: host.name)
            try await host.releases(token: 3).release(3, isRevoked: true, on: host.name)
            await expectError(.fenced) { try await host.releases(token: 3).renew(lease(3), on: host.name) }
            await expectError(.fenced) {
                try await host.releases(token: 3).activate(nil, on: host.name, revertAfter: nil)
            }
        }
    }

    /// By the clock of its boot, whatever the calendar says; and by the calendar after another boot.
    @Test(arguments: [
        (since: -100, isSame: true, stands: false), (-2, true, true), (500, true, true), (0, false, true),
    ])
    func aLeaseCountsTheHostsOwnSeconds(_ c: (since: Int, isSame: Bool, stands: Bool)) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            _ = try await host.releases(token: 3).take(lease(3), replacing: nil, on: host.name)
            let file = host.layout.stageFolder + "/lease"
            var lines = try String(contentsOfFile: file, encoding: .utf8).components(separatedBy: "\n")
            lines[2] = "\((Int(lines[2]) ?? 0) + c.since)"
            if !c.isSame { lines[3] = "another-boot" }
            try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
            let notes = try await host.releases().notes(on: host.name)
            #expect((notes.lease != nil) == c.stands)
            #expect(notes.lease.map { $0.left <= .seconds(30) } ?? true, "no longer than a lease stands")
            let next = try await host.releases(token: 4).take(lease(4), replacing: nil, on: host.name)
            #expect((next.lease?.lease.token == 4) != c.stands)
        }
    }

    @Test(arguments: ["", "x\n", "3\n", "3\n30\nabc\nboot\n{}\n", "3\n999999999999999999999\n1\nboot\n{}\n"])
    func aLeaseThatIsDamagedIsNone(_ text: String) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            _ = try await host.releases(token: 3).take(lease(3), replacing: nil, on: host.name)
            try text.write(toFile: host.layout.stageFolder + "/lease", atomically: true, encoding: .utf8)
            #expect(try await host.releases().notes(on: host.name).lease == nil)
            let taken = try await host.releases(token: 4).take(lease(4), replacing: nil, on: host.name)
            #expect(taken.lease?.lease == lease(4))
        }
    }

    @Test func whatIsWrittenComesBackAndARolloutEndsWithARecord() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let releases = host.releases(token: 3)
            let plan = RolloutPlan(stage: "production", build: Builds.one, hosts: [host.name])
            let rollout = RolloutNote(
                token: 3, holder: "me", startedAt: Timestamp(milliseconds: 5), plan: plan, isGoingBack: false,
                builds: record.builds, passed: [.init(stage: "staging", at: Timestamp(milliseconds: 2))])
            try await releases.write(rollout, on: host.name)
            #expect(try await releases.notes(on: host.name).rollout == rollout)
            try await releases.write(record, on: host.name)
            let notes = try await releases.notes(on: host.name)
            #expect(notes.record == record && notes.rollout == nil)
            await expectError(.fenced) { try await host.releases(token: 2).write(record, on: host.name) }
        }
    }

    @Test func aReleaseSaysWhichBuildItIsAndWhoBroughtIt() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            var one = try await host.build("one")
            let note = BuildNote(
                BuildRecord(digest: one.digest, name: "it's one", size: 9, addedAt: Timestamp(milliseconds: 1)),
                passed: [.init(stage: "staging", at: Timestamp(milliseconds: 2))], broughtBy: "me@här:1",
                broughtAt: Timestamp(milliseconds: 3))
            one.note = NoteJSON.text(note)
            let releases = host.releases(token: 1, builds: [one])
            _ = try await releases.deliver(one.digest.release, of: one.digest, to: host.name)
            #expect(try await releases.notes(on: host.name) == HostNotes(token: 1, builds: [note]))
            try await releases.activate(one.digest.release, on: host.name, revertAfter: nil)
            try await releases.confirm(one.digest.release, on: host.name)
            let survey = try await releases.survey(host.name)
            #expect(survey.digest == one.digest && survey.good == one.digest.release && survey.goodBefore == nil)
            let after = try await releases.notes(on: host.name)
            #expect(after.good == one.digest && after.goodBefore == nil)
        }
    }

    // MARK: other versions

    @Test func whatANewerVersionWroteIsRefusedAndLeftAlone() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            _ = try await host.releases(token: 3).take(lease(3), replacing: nil, on: host.name)
            try "3\n".write(toFile: host.layout.stateFolder + "/format", atomically: true, encoding: .utf8)
            let releases = host.releases(token: 9)
            await expectError(.newer) { _ = try await releases.notes(on: host.name) }
            await expectError(.newer) { _ = try await releases.take(lease(9), replacing: nil, on: host.name) }
            let fault = await expectError(.newer) {
                try await releases.activate(nil, on: host.name, revertAfter: nil)
            }
            #expect(fault?.message.contains("format 3") == true, "\(fault?.message ?? "")")
        }
    }

    @Test func whatAnEarlierVersionWroteIsBroughtToThePresentFormatAndShutForIt() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            try FileManager.default.createDirectory(
                atPath: host.layout.stateFolder, withIntermediateDirectories: true)
            let old = host.layout.stateFolder + "/fence"
            try "41\n".write(toFile: old, atomically: true, encoding: .utf8)
            #expect(try await host.releases().notes(on: host.name).token == 41)
            await expectError(.fenced) {
                _ = try await host.releases(token: 40).take(lease(40), replacing: nil, on: host.name)
            }
            #expect(
                try String(contentsOfFile: old, encoding: .utf8) == "41\n", "nothing is upgraded for who is refused")
            let taken = try await host.releases(token: 42).take(lease(42), replacing: nil, on: host.name)
            #expect(taken.upgradedFrom == 1 && taken.token == 42)
            let fence = try String(contentsOfFile: old, encoding: .utf8)
            #expect(Int64(fence.dropLast()) == 999_999_999_999_999_999, "no token of that version's is greater")
            let again = try await host.releases(token: 43).take(lease(43), replacing: 42, on: host.name)
            #expect(again.upgradedFrom == nil && again.token == 43)
        }
    }

    @Test func anUpgradeThatLostItsPowerIsGoneOnWith() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            _ = try await host.releases(token: 42).take(lease(42), replacing: nil, on: host.name)
            // As it is between shutting the earlier version out and noting the format.
            let state = host.layout.stateFolder
            try "999999999999999999\n".write(toFile: state + "/fence", atomically: true, encoding: .utf8)
            try FileManager.default.removeItem(atPath: state + "/format")
            #expect(try await host.releases().notes(on: host.name).token == 42)
            let taken = try await host.releases(token: 43).take(lease(43), replacing: 42, on: host.name)
            #expect(taken.lease?.lease == lease(43) && taken.token == 43)
        }
    }

    @Test(arguments: [
        "token=9223372036854775807\n", "token=-1\n", "token=999999999999999999\n",
        #"record={"token":9223372036854775807,"builds":[],"changes":[]}"# + "\n",
    ])
    func tokensThatNoControllerComesToAreRefused(_ text: String) async throws {
        let host = try HostName("ap1")
        await expectError(.command) { _ = try HostNotes(parsing: text, of: host) }
    }

    @Test(arguments: [
        RolloutPolicy(canary: -1), RolloutPolicy(batch: .percent(.max)), RolloutPolicy(batch: .hosts(0)),
        RolloutPolicy(budget: .max), RolloutPolicy(minimumInService: .min),
        RolloutPolicy(bake: .seconds(Int64.max / 4)),
    ])
    func aPlanThatCannotBeReckonedWithIsRefused(_ policy: RolloutPolicy) async throws {
        let host = try HostName("ap1")
        let note = RolloutNote(
            token: 1, holder: "me", startedAt: Timestamp(milliseconds: 1),
            plan: RolloutPlan(stage: "production", build: Builds.one, hosts: [host], policy: policy),
            isGoingBack: false,
            builds: [], passed: [])
        var notes = HostNotes(rollout: note)
        #expect(throws: RolloutError.self) { try notes.checkLimits(of: host) }
        notes.rollout?.plan.policy = RolloutPolicy()
        try notes.checkLimits(of: host)
    }
}
