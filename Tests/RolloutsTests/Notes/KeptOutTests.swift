import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// Hosts that an operator took out of rotation at the balancers, or stopped, before a rollout: they stay so, whoever ends it.
@Suite struct KeptOutTests {
    private let careless = RolloutPolicy(canary: 0, batch: .percent(100), bake: .zero)

    /// Two controllers over a stage that runs build 1; the second knows nothing, and web2 is in maintenance.
    private func with(_ body: (_ one: StageRig, _ other: StageRig, _ kept: HostName) async throws -> Void) async throws
    {
        try await withTemporaryFolder { folder in
            let one = try StageRig(in: folder, members: 3, running: nil)
            _ = try await one.journal.add(BuildRecord.test(Builds.one, "one.tar.gz"))
            _ = try await one.journal.add(BuildRecord.test(Builds.two, "two.tar.gz"))
            let other = try StageRig(in: folder, members: 3, running: nil, beside: one, user: "you")
            _ = try await one.session.rollOut(Builds.one, .rollout, policy: careless)
            let kept = try HostName("web2")
            one.fleet.set { inside in
                inside.serving.remove(kept)
                inside.maintained = [kept]
            }
            try await body(one, other, kept)
        }
    }

    private func expectKept(_ rig: StageRig, _ kept: HostName, _ build: BuildDigest) {
        let (maintained, serving, current) = rig.fleet.inside.withLock { ($0.maintained, $0.serving, $0.current) }
        #expect(maintained == [kept], "\(rig.fleet.calls)")
        #expect(serving.count == 2 && !serving.contains(kept))
        #expect(current.values.allSatisfy { $0 == build.release }, "\(current)")
    }

    @Test func aRolloutBringsTheBuildAndNoTraffic() async throws {
        try await with { one, _, kept in
            let state = try await one.session.rollOut(Builds.two, .rollout, policy: careless)
            #expect(state.outcome == .succeeded && state.plan.keptOut == [kept])
            expectKept(one, kept, Builds.two)
            #expect(one.events.contains { $0.hasPrefix("stayingOut") }, "\(one.events)")
            // Nor does going back, and that is asked for once.
            _ = try await one.session.goBack()
            expectKept(one, kept, Builds.one)
            guard case .nothing = try await one.session.goBack() else {
                Issue.record("it is back already")
                return
            }
        }
    }

    @Test func whoStaysOutIsNoCanary() async throws {
        try await with { one, _, kept in
            let state = try await one.session.rollOut(
                Builds.two, .rollout, policy: RolloutPolicy(canary: 1, batch: .hosts(1), bake: .zero))
            #expect(state.batches.first?.isCanary == true && state.batches.last?.hosts == [kept])
        }
    }

    /// Interrupted at every step by turns; the other one, who learns of it from hosts, ends it.
    @Test(arguments: 1..<16, [false, true])
    func whoeverEndsARolloutLeavesThemOut(_ step: Int, _ goesBack: Bool) async throws {
        try await with { one, other, kept in
            let before = one.fleet.calls.count
            let rollout = Task { [session = one.session] in
                try await session.rollOut(
                    Builds.two, .rollout, policy: RolloutPolicy(canary: 1, batch: .hosts(1), bake: .zero))
            }
            one.fleet.set { $0.interruption = .init(after: before + 2 * step) { rollout.cancel() } }
            // One that was over before is as good as any.
            if let whole = try? await rollout.value, whole.outcome != nil { return }
            one.fleet.set { $0.interruption = nil }
            guard try await !other.isAtRest() else { return }
            if goesBack { _ = try await other.session.goBack() } else { _ = try await other.session.resume() }
            expectKept(one, kept, goesBack ? Builds.one : Builds.two)
        }
    }

    @Test func anApplyBringsThemTheBuildAndNoTraffic() async throws {
        try await with { one, _, kept in
            one.fleet.set { $0.current[kept] = Builds.two.release }
            let played = { @Sendable (_: StopSignal) async throws in
                (outcome: true, goesOn: true, did: Provisioning(playbooks: [], hosts: []))
            }
            let applied = try await StageConvergence(one.session).apply(playbooks: played)
            #expect(applied.isComplete)
            expectKept(one, kept, Builds.one)
            let plan = try await StageConvergence(one.session).plan()
            #expect(plan.fleet.isConverged && plan.fleet.keptOut.keys.map(\.self) == [kept])
            #expect(one.events.contains { $0.hasPrefix("stayingOut") && $0.contains("web2") }, "\(one.events)")
        }
    }

    /// Its units were perhaps stopped on purpose.
    @Test func anApplyStartsNothingOnThem() async throws {
        try await with { one, _, kept in
            one.fleet.set { $0.stopped[kept] = ["shop.service"] }
            let plan = try await StageConvergence(one.session).plan()
            #expect(plan.fleet.changes.isEmpty)
        }
    }

    @Test func startingTheirUnitsAdmitsNobody() async throws {
        try await with { one, _, kept in
            let started = try await one.session.handle(.start, on: [kept])
            #expect(started.isComplete)
            expectKept(one, kept, Builds.one)
        }
    }

    // MARK: stopped

    @Test func whatWasStoppedIsLeftAloneUntilItIsStartedOrApplied() async throws {
        try await with { one, _, _ in
            one.fleet.set { inside in
                inside.serving.formUnion(inside.maintained)
                inside.maintained = []
            }
            let host = try HostName("web3")
            #expect(try await one.session.handle(.stop, on: [host]).isComplete)
            one.fleet.set { $0.calls = [] }
            let state = try await one.session.rollOut(Builds.two, .rollout, policy: careless)
            #expect(state.outcome == .succeeded && !state.plan.hosts.contains(host) && state.plan.total == 3)
            _ = try await one.session.handle(.restart, on: one.session.site.pool.members.map(\.host))
            #expect(!one.deeds.contains { $0.contains("web3") }, "\(one.deeds)")
            // It has the build before, which must not serve beside the stage's.
            let refused = await #expect(throws: StageError.self) { try await one.session.handle(.start, on: [host]) }
            #expect(refused?.code == .otherRelease && refused?.hints.first?.contains("drover apply production") == true)
            let played = { @Sendable (_: StopSignal) async throws in
                (outcome: true, goesOn: true, did: Provisioning(playbooks: [], hosts: []))
            }
            let applied = try await StageConvergence(one.session).apply(playbooks: played)
            #expect(applied.isComplete)
            let (stops, serving, current) = one.fleet.inside.withLock { ($0.stops, $0.serving.count, $0.current[host]) }
            #expect(stops.isEmpty && serving == 3 && current == Builds.two.release)
        }
    }

    @Test func whereAllWereStoppedNothingIsRolledOut() async throws {
        try await with { one, _, _ in
            let all = one.session.site.pool.members.map(\.host)
            _ = try await one.session.handle(.stop, on: all, allowsBelow: true)
            let refused = await #expect(throws: StageError.self) {
                try await one.session.rollOut(Builds.two, .rollout, policy: careless)
            }
            #expect(refused?.code == .stopped)
            let restart = await #expect(throws: StageError.self) { try await one.session.handle(.restart, on: all) }
            #expect(restart?.code == .stopped && restart?.message.contains("me@here:1") == true)
        }
    }
}

extension StageRig {
    /// Whether hosts know of no rollout that somebody would have to end.
    fileprivate func isAtRest() async throws -> Bool {
        try await session.learn()
        return try await session.ledger.unfinished("production") == nil
    }
}
