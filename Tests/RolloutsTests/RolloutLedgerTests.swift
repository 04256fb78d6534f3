import Fleet
import Rollouts
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

@Suite struct RolloutLedgerTests {
    let journal = MemoryJournal()
    var ledger: RolloutLedger {
        RolloutLedger(journal: journal, holder: "ci@machine:1", now: { Timestamp(milliseconds: 1000) })
    }

    private func lease() async throws -> Lease {
        try await journal.acquireLease(
            stage: "production", holder: "ci@machine:1", timeToLive: .seconds(30), now: Timestamp(milliseconds: 0))
    }

    @Test func whatHostsSaidIsMaskedInTheJournal() async throws {
        let journal = journal
        let ledger = RolloutLedger(
            journal: journal, holder: "ci@machine:1", now: { Timestamp(milliseconds: 1000) },
            mask: { $0.replacing("hunter2", with: "***") })
        let hosts = try RolloutRunnerTests.hosts(1)
        let build = try BuildDigest(String(repeating: "a", count: 64))
        let lease = try await lease()
        let plan = RolloutPlan(stage: "production", kind: .rollout, build: build, baseline: nil, hosts: hosts)
        let run = try await ledger.begin(plan, under: lease).run.id
        let fault = RolloutError(
            .command, host: hosts[0], "said hunter2", detail: ["1: hunter2"], hints: ["not hunter2"])
        let events: [RolloutEvent] = [
            .failed(.observe(hosts[0]), fault), .done(.observe(hosts[0]), note: "hunter2"),
            .judged(batch: 0, GateReport([.init(gate: "http", verdict: .fail, reason: "GET hunter2")])),
            .turnedBack(.told("hunter2")),
        ]
        for event in events { _ = try await ledger.record(event, in: run, under: lease) }
        let entries = try await journal.entries(of: run)
        #expect(entries.count == 5)
        for entry in entries { #expect(!entry.payload.contains("hunter2")) }
        #expect(try await ledger.entries(of: run).map(\.event).contains(.turnedBack(.told("***"))))
    }

    /// Runs a rollout of `build` on a fleet of values and records its end.
    private func roll(
        _ build: BuildDigest, _ kind: RolloutPlan.Kind = .rollout, isFaulty: Bool = false, under lease: Lease
    ) async throws {
        let hosts = try RolloutRunnerTests.hosts(2)
        let current = try await journal.stage("production")?.current
        let fleet = RecordingFleet(hosts, running: current?.release)
        if isFaulty { fleet.set { $0.unhealthy = [build.release] } }
        let plan = RolloutPlan(
            stage: "production", kind: kind, build: build, baseline: current?.release, hosts: hosts)
        let rollout = try await ledger.begin(plan, under: lease)
        let ledger = ledger
        let runner = RolloutRunner(
            releases: fleet, traffic: fleet,
            record: { event in try await ledger.record(event, in: rollout.run.id, under: lease) },
            clock: TestClock())
        let end = try await runner.run(from: rollout.state)
        try await ledger.conclude(rollout.run.id, end)
        // A controller that died in the middle of it does it again.
        try await ledger.conclude(rollout.run.id, end)
    }

    private func good() async throws -> [String?] {
        let record = try await journal.stage("production")
        return [record?.current, record?.previous].map { $0.map { String($0.description.prefix(1)) } }
    }

    @Test func theStageRemembersWhatItRunsAndWhatWasGoodBefore() async throws {
        let lease = try await lease()
        try await roll(Builds.one, under: lease)
        #expect(try await good() == ["1", nil])
        try await roll(Builds.two, under: lease)
        #expect(try await good() == ["2", "1"])
        try await roll(Builds.two, under: lease)
        #expect(try await good() == ["2", "1"], "the same build again leaves the one before it")
        try await roll(Builds.three, isFaulty: true, under: lease)
        #expect(try await good() == ["2", "1"], "a build that went back was never good")
        try await roll(Builds.three, under: lease)
        try await roll(Builds.two, .rollback, under: lease)
        #expect(try await good() == ["2", "1"], "behind a rollback lies what was good before that build")
        try await roll(Builds.one, .rollback, under: lease)
        #expect(try await good() == ["1", nil])
    }

    @Test func onlyABuildThatPassedItsGatesHasEvidence() async throws {
        let lease = try await lease()
        try await roll(Builds.one, under: lease)
        try await roll(Builds.two, isFaulty: true, under: lease)
        try await roll(Builds.three, .rollback, under: lease)
        for (build, count) in [(Builds.one, 1), (Builds.two, 0), (Builds.three, 0)] {
            let found = try await journal.evidence(build: build, stage: "production")
            #expect(found.count == count)
        }
        let outcomes = try await journal.runs(stage: nil, limit: 9).map(\.outcome)
        #expect(outcomes == [.succeeded, .rolledBack, .succeeded])
    }

    @Test func anInterruptedRolloutIsFoundWithItsState() async throws {
        let lease = try await lease()
        let plan = RolloutRunnerTests.plan(try RolloutRunnerTests.hosts(2))
        let begun = try await ledger.begin(plan, under: lease)
        let batch = RolloutEvent.batchOpened([plan.hosts[0]], isCanary: true)
        _ = try await ledger.record(batch, in: begun.run.id, under: lease)
        let found = try #require(try await ledger.unfinished("production"))
        #expect(found.run.id == begun.run.id)
        #expect(found.state.batches.map(\.isCanary) == [true])
        let resumed = try await ledger.resume(found, under: lease, turningBack: .asked(by: "me"))
        #expect(resumed.state.isGoingBack)
        #expect(try await ledger.state(of: begun.run.id) == resumed.state)
    }

    @Test func aRunThatNeverSaidWhatItWasToBeIsClosed() async throws {
        let lease = try await lease()
        _ = try await journal.begin(
            NewRun(.rollout, stage: "production", holder: "gone"), under: lease, at: Timestamp(milliseconds: 1))
        #expect(try await ledger.unfinished("production") == nil)
        #expect(try await journal.runs(stage: nil, limit: 1).first?.outcome == .failed)
    }

    @Test func nothingIsWrittenWithoutTheLease() async throws {
        let old = try await lease()
        _ = try await journal.acquireLease(
            stage: "production", holder: "other", timeToLive: .seconds(30), now: Timestamp(milliseconds: 99_000))
        let plan = RolloutRunnerTests.plan(try RolloutRunnerTests.hosts(2))
        await #expect(throws: JournalError.self) { try await ledger.begin(plan, under: old) }
    }
}

@Suite struct LeaseKeeperTests {
    let journal = MemoryJournal()

    private func keeper(_ sleep: @escaping @Sendable (Duration) async throws -> Void) -> LeaseKeeper {
        LeaseKeeper(journal: journal, holder: "me", now: { Timestamp(milliseconds: 0) }, sleep: sleep)
    }

    /// Ends only when it is cancelled.
    private static let forever: @Sendable (Duration) async throws -> Void = { _ in
        let (silence, voice) = AsyncStream<Void>.makeStream()
        for await _ in silence {}
        voice.finish()
        try Task.checkCancellation()
    }

    @Test func theLeaseIsGivenBackAlsoWhenTheWorkFails() async throws {
        let keeper = keeper(Self.forever)
        let inside = try await keeper.hold("staging") { lease, _ in lease.token }
        #expect(inside == 1)
        #expect(try await journal.lease(stage: "staging") == nil)
        await #expect(throws: CancellationError.self) {
            try await keeper.hold("staging") { _, _ in throw CancellationError() }
        }
        #expect(try await journal.lease(stage: "staging") == nil)
    }

    @Test func anotherHolderIsRefusedUnlessItIsKnownToBeDead() async throws {
        _ = try await journal.acquireLease(
            stage: "staging", holder: "other", timeToLive: .seconds(30), now: Timestamp(milliseconds: 0))
        let keeper = keeper(Self.forever)
        do {
            try await keeper.hold("staging") { _, _ in Issue.record("must not run") }
            Issue.record("nothing was thrown")
        } catch let error as JournalError {
            #expect(error.code == .leaseHeld)
        }
        let token = try await keeper.hold("staging", isDead: { $0.holder == "other" }) { lease, _ in lease.token }
        #expect(token == 2)
    }

    @Test func workIsCancelledWhenTheLeaseIsLost() async throws {
        let journal = journal
        // Each heartbeat waits until the work has begun, and finds that another has the stage.
        let (begun, signal) = AsyncStream.makeStream(of: Void.self)
        let keeper = keeper { _ in
            for await _ in begun { break }
            if let lease = try await journal.lease(stage: "staging") { try await journal.release(lease) }
        }
        do {
            try await keeper.hold("staging") { _, _ in
                signal.yield()
                try await Self.forever(.zero)
            }
            Issue.record("nothing was thrown")
        } catch let error as JournalError {
            #expect(error.code == .leaseLost)
        }
    }

    // MARK: leases of machines with another time

    /// What another machine does to its lease while this one watches.
    enum Elsewhere: CaseIterable, Sendable {
        case nothing, heartbeat, end
    }

    @Test(arguments: Elsewhere.allCases)
    func aLeaseFromALaterTimeIsJudgedByItsHeartbeat(_ elsewhere: Elsewhere) async throws {
        let journal = journal
        let hours = Timestamp(milliseconds: 7_200_000)
        let left = try await journal.acquireLease(
            stage: "staging", holder: "other", timeToLive: .seconds(30), now: hours)
        let watched = Mutex(Duration.zero)
        let keeper = LeaseKeeper(
            journal: journal, holder: "me", now: { Timestamp(milliseconds: 0) },
            sleep: { time in
                guard watched.withLock({ $0 }) < .seconds(30) else { return try await Self.forever(time) }
                watched.withLock { $0 += time }
                switch elsewhere {
                case .nothing: break
                case .heartbeat: _ = try await journal.renew(left, timeToLive: .seconds(30), now: hours + .seconds(10))
                case .end: try await journal.release(left)
                }
            })
        do {
            let token = try await keeper.hold("staging") { lease, _ in lease.token }
            #expect(elsewhere != .heartbeat)
            #expect(token > left.token)
            if elsewhere == .nothing { #expect(watched.withLock { $0 } == .seconds(30), "as long as a lease lasts") }
        } catch let error as JournalError {
            #expect(elsewhere == .heartbeat && error.code == .leaseHeld, "\(error)")
            #expect(error.message.contains("its clock is 7210 s ahead"), "\(error.message)")
        }
    }

    @Test func aLeaseThatEndsWhenLeasesDoIsNotWatched() async throws {
        _ = try await journal.acquireLease(
            stage: "staging", holder: "other", timeToLive: .seconds(34), now: Timestamp(milliseconds: 0))
        let keeper = keeper { _ in Issue.record("nothing is waited for") }
        await #expect(throws: JournalError.self) { try await keeper.hold("staging") { _, _ in } }
    }
}
