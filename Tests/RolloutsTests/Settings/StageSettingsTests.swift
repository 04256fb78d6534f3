import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// Which settings a stage's releases get, and when.
@Suite struct StageSettingsTests {
    private static let old = SettingsFile([Setting("LEVEL", "info"), Setting("GONE", "x")], salt: Secret("0f"))
    private static let new = [Setting("LEVEL", "debug"), Setting("NEW", "y")]
    private static let built = Builds.two.with(old.id)

    /// Every member runs build two with the old settings, which hosts hold.
    private func rig(_ folder: URL, settings: [Setting]) async throws -> StageRig {
        let rig = try StageRig(in: folder, members: 3, running: Self.built.release, settings: { settings })
        rig.fleet.set { $0.settings[Self.old.id] = Self.old }
        try await rig.journal.set(
            StageRecord(
                stage: "production", current: Self.built, previous: Builds.one, updatedAt: Timestamp(milliseconds: 1)))
        return rig
    }

    private func apply(_ rig: StageRig) async throws -> RolloutState? {
        try await StageConvergence(rig.session).apply { _ in
            ("done", true, Provisioning(playbooks: ["site.yml"], hosts: []))
        }.settings
    }

    @Test func theSameSettingsChangeNothing() async throws {
        try await withTemporaryFolder { folder in
            let rig = try await rig(folder, settings: Self.old.settings)
            #expect(try await apply(rig) == nil)
            #expect(!rig.deeds.contains { $0.hasPrefix("activate") || $0.hasPrefix("drain") }, "\(rig.deeds)")
            #expect(try await StageConvergence(rig.session).plan().settings == nil)
        }
    }

    @Test func otherSettingsAreRolledOutWithTheBuildThatRunsAndBroughtBack() async throws {
        try await withTemporaryFolder { folder in
            let rig = try await rig(folder, settings: Self.new)
            let plan = try await StageConvergence(rig.session).plan()
            #expect(
                plan.settings.map { [$0.added, $0.changed, $0.removed] } == [["NEW"], ["LEVEL"], ["GONE"]])
            let state = try #require(try await apply(rig))
            #expect(state.outcome == .succeeded && state.plan.kind == .rollout && state.batches.first?.isCanary == true)
            #expect(state.plan.build.file == Builds.two && state.plan.build.settings != Self.old.id)
            let record = try #require(try await rig.journal.stage("production"))
            #expect(record.current == state.plan.build && record.previous == Self.built)
            #expect(try await !rig.journal.evidence(build: Builds.two, stage: "production").isEmpty)
            guard case .ended(let back) = try await rig.session.goBack() else { throw Unexpected() }
            #expect(back.plan.build == Self.built && back.outcome == .succeeded)
            #expect(rig.fleet.inside.withLock { $0.current.values.allSatisfy { $0 == Self.built.release } })
        }
    }

    @Test func settingsThatMakeTheServiceIllAreTakenBack() async throws {
        try await withTemporaryFolder { folder in
            let bad = SettingsFile(Self.new, salt: Secret("0f"))
            let rig = try await rig(folder, settings: Self.new)
            rig.fleet.set {
                // Some host has tried them before: they are the same then.
                $0.settings[bad.id] = bad
                $0.unhealthy = [Builds.two.with(bad.id).release]
            }
            let state = try #require(try await apply(rig))
            #expect(state.outcome == .rolledBack && state.plan.build == Builds.two.with(bad.id))
            #expect(rig.fleet.inside.withLock { $0.current.values.allSatisfy { $0 == Self.built.release } })
            #expect(try await rig.journal.stage("production")?.current == Self.built)
        }
    }

    @Test func aRolloutBringsTheSettingsOfNowAndABuildByNameThoseItWasGoodWith() async throws {
        try await withTemporaryFolder { folder in
            let rig = try await rig(folder, settings: Self.new)
            let first = try await rig.session.rollOut(Builds.one, .rollout, policy: RolloutPolicy(bake: .zero))
            #expect(first.plan.build.settings != nil && first.plan.build.file == Builds.one)
            let later = try StageRig(
                in: folder, members: 3, running: nil, beside: rig, journal: rig.journal, settings: { [] })
            let second = try await later.session.rollOut(Builds.two, .rollout, policy: RolloutPolicy(bake: .zero))
            #expect(second.plan.build == Builds.two)
            guard case .ended(let back) = try await later.session.goBack(to: Builds.one) else { throw Unexpected() }
            #expect(back.plan.build == first.plan.build)
        }
    }

    @Test func whatIsWrongWithThemIsToldBeforeAnybodyIsAsked() async throws {
        try await withTemporaryFolder { folder in
            let rig = try await rig(folder, settings: Self.new)
            var drivers = StageDrivers(
                rig.session.drivers.connections, web: rig.session.drivers.web, journal: rig.journal,
                builds: rig.session.drivers.builds, controller: rig.session.controller,
                settings: SettingsSource(
                    read: { _, _ in throw InputError(.locked, "no password") }, newSalt: { Secret("") }, keep: { _ in })
            )
            drivers.openReleases = rig.session.drivers.openReleases
            let session = StageSession(rig.session.site, drivers)
            await #expect(throws: InputError.self) {
                try await session.rollOut(Builds.one, .rollout, policy: RolloutPolicy())
            }
            #expect(rig.fleet.calls.isEmpty)
            let report = try await StageReading(session).report()
            #expect(report.settings == .unknown("no password"))
        }
    }

    private struct Unexpected: Error {}
}
