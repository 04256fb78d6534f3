public import Fleet
import Foundation

/// A rollout in the journal.
public struct RecordedRollout: Hashable, Sendable {
    /// The run it is.
    public var run: RunRecord
    /// Where it stands.
    public var state: RolloutState

    /// A rollout in the journal.
    public init(run: RunRecord, state: RolloutState) {
        self.run = run
        self.state = state
    }
}

/// Writes rollouts into the run journal and reads them back.
public struct RolloutLedger: Sendable {
    /// Hears every event once it is durable.
    public typealias Listener = @Sendable (RunID, RolloutEntry) async -> Void

    private let journal: any RunJournal
    private let holder: String
    private let now: @Sendable () -> Timestamp
    private let listener: Listener
    private let mask: @Sendable (String) -> String

    /// A ledger over `journal`; `holder` is who writes, such as `user@machine:pid`, and `mask` takes secrets out of what
    /// hosts said.
    public init(
        journal: any RunJournal, holder: String, now: @escaping @Sendable () -> Timestamp,
        mask: @escaping @Sendable (String) -> String = { $0 }, listener: @escaping Listener = { _, _ in }
    ) {
        self.mask = mask
        self.journal = journal
        self.holder = holder
        self.now = now
        self.listener = listener
    }

    // MARK: reading

    /// The rollout of `stage` whose end nobody recorded; `nil` when there is none.
    public func unfinished(_ stage: String) async throws -> RecordedRollout? {
        let open = try await journal.runs(stage: stage, limit: 50).first { $0.isOpen && $0.kind.isRollout }
        guard let open else { return nil }
        if let state = try await state(of: open.id) { return RecordedRollout(run: open, state: state) }
        // Its controller died before it wrote what the rollout was to be: nothing was touched.
        try await journal.finish(open.id, .failed, at: now())
        return nil
    }

    /// What is known of a stage that somebody wants to bring back.
    public func history(of stage: String) async throws -> StageHistory {
        let ended = try await journal.runs(stage: stage, limit: 500).first {
            !$0.isOpen && $0.kind.isRollout && $0.outcome != .superseded
        }
        let end: RolloutState? = if let ended { try await state(of: ended.id) } else { nil }
        return StageHistory(record: try await journal.stage(stage), last: ended, end: end)
    }

    /// Where a run's rollout stands; `nil` for a run that is none.
    public func state(of run: RunID) async throws -> RolloutState? {
        RolloutState(replaying: try await entries(of: run))
    }

    /// A run's events, in order.
    /// - Throws: ``JournalError`` `.storage` for an event that this version of Drover does not know.
    public func entries(of run: RunID) async throws -> [RolloutEntry] {
        try await journal.entries(of: run).map { entry in
            do {
                let event = try JSONDecoder().decode(RolloutEvent.self, from: Data(entry.payload.utf8))
                return RolloutEntry(sequence: entry.sequence, at: entry.at, event: event)
            } catch {
                throw JournalError(
                    .storage, subject: "run \(run)", "entry \(entry.sequence) ('\(entry.kind)') cannot be read",
                    hints: ["was it written by a newer Drover?"])
            }
        }
    }

    // MARK: writing

    /// Begins a run and journals its plan.
    public func begin(_ plan: RolloutPlan, under lease: Lease) async throws -> RecordedRollout {
        let run = try await journal.begin(
            NewRun(plan.kind.runKind, stage: plan.stage, build: plan.build.description, holder: holder), under: lease,
            at: now())
        var state = RolloutState(plan)
        state.apply(try await record(.started(plan), in: run.id, under: lease))
        return RecordedRollout(run: run, state: state)
    }

    /// Takes an unfinished rollout up; with a `reason`, to bring it back.
    public func resume(
        _ rollout: RecordedRollout, under lease: Lease, turningBack reason: String? = nil
    ) async throws -> RecordedRollout {
        var rollout = rollout
        guard rollout.state.outcome == nil else { return rollout }
        rollout.state.apply(try await record(.resumed, in: rollout.run.id, under: lease))
        if let reason, !rollout.state.isGoingBack {
            rollout.state.apply(try await record(.turnedBack(reason: reason), in: rollout.run.id, under: lease))
        }
        return rollout
    }

    /// Makes an event durable and tells the listener.
    public func record(
        _ event: RolloutEvent, in run: RunID, under lease: Lease
    ) async throws -> RolloutEntry {
        let event = event.masked(mask)
        if case .balancerLeftOut(let balancer, let reason) = event {
            // Remembered before anything is done without it.
            try await journal.leaveOut(
                LeftOutBalancer(stage: lease.stage, balancer: balancer, reason: reason, by: holder, since: now()))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let payload = String(decoding: try encoder.encode(event), as: UTF8.self)
        let written = try await journal.append(event.name, payload: payload, to: run, under: lease, at: now())
        let entry = RolloutEntry(sequence: written.sequence, at: written.at, event: event)
        await listener(run, entry)
        return entry
    }

    /// Records what a finished rollout means for its stage: what it runs now, and that the build passed. Safe to repeat.
    public func conclude(_ run: RunID, _ state: RolloutState) async throws {
        guard let outcome = state.outcome else { return }
        let plan = state.plan
        if outcome == .succeeded, plan.kind != .convergence { try await settle(plan, run) }
        if outcome == .succeeded, !plan.kind.isDirect {
            try await journal.add(
                Evidence(build: plan.build.description, stage: plan.stage, run: run, at: state.lastChangeAt))
        }
        try await journal.finish(run, outcome.runOutcome, at: now())
    }

    private func settle(_ plan: RolloutPlan, _ run: RunID) async throws {
        let before = try await journal.stage(plan.stage)
        guard before?.run != run else { return }
        let build = plan.build.description
        var record = StageRecord(stage: plan.stage, current: build, run: run, updatedAt: now())
        if before?.current == build {
            record.previous = before?.previous
        } else if plan.kind == .rollback {
            record.previous = try await goodBuild(before: build, in: plan.stage)
        } else {
            record.previous = before?.current
        }
        try await journal.set(record)
    }

    /// The build of the last good rollout before the first one of `build`.
    private func goodBuild(before build: String, in stage: String) async throws -> String? {
        let good = try await journal.runs(stage: stage, limit: 500)
            .filter { $0.kind.isRollout && $0.kind != .rollback && $0.outcome == .succeeded }
        guard let first = good.lastIndex(where: { $0.build == build }) else { return nil }
        return good[good.index(after: first)...].first { $0.build != build }?.build
    }
}

extension RolloutEvent {
    /// The event's name, as in the journal.
    public var name: String {
        switch self {
        case .started: "started"
        case .resumed: "resumed"
        case .batchOpened: "batch"
        case .intent: "intent"
        case .done: "done"
        case .failed: "failed"
        case .sighted: "sighted"
        case .inspected: "inspected"
        case .counted: "counted"
        case .judged: "judged"
        case .balancerLeftOut: "balancerLeftOut"
        case .turnedBack: "turnedBack"
        case .finished: "finished"
        }
    }
}

extension RunKind {
    /// Whether such a run brings a build to a stage.
    public var isRollout: Bool { self == .rollout || self == .promotion || self == .rollback }
}

extension RolloutPlan.Kind {
    /// The journal's word for it.
    var runKind: RunKind {
        switch self {
        case .rollout: .rollout
        case .promotion: .promotion
        case .rollback: .rollback
        case .convergence: .apply
        }
    }
}

extension RolloutOutcome {
    /// The journal's word for it.
    var runOutcome: RunOutcome {
        switch self {
        case .succeeded: .succeeded
        case .rolledBack: .rolledBack
        case .rollbackFailed: .rollbackFailed
        case .failed: .failed
        }
    }
}
