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

    /// The one stage with an unfinished rollout.
    /// - Throws: ``StageError`` `.nothingToResume`; ``InputError`` when there are several; ``JournalError``.
    public static func unfinishedStage(in journal: any RunJournal) async throws -> String {
        let open = try await journal.runs(stage: nil, limit: 100).filter { $0.isOpen && $0.kind.isRollout }
        let stages = Set(open.map(\.stage)).sorted()
        guard let only = stages.first else { throw StageError.nothingToResume(nil) }
        guard stages.count == 1 else {
            throw InputError(
                "several stages have unfinished rollouts", hints: stages.map { "drover rollout resume \($0)" })
        }
        return only
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

    /// Why a run ended as it did, in a few words; `nil` where nothing went wrong, or nobody noted it here.
    public func reason(of run: RunRecord) async throws -> String? {
        if run.kind.isByHand {
            return HandEntry.summary(try await journal.entries(of: run.id).map { try HandEntry($0) })
        }
        guard run.outcome != .succeeded else { return nil }
        if run.kind == .provisioning {
            return try await journal.entries(of: run.id).first.flatMap { try Provisioning($0).reason }
        }
        guard run.kind.isRollout, let state = try await state(of: run.id), case .back(let setback?) = state.direction
        else { return nil }
        return "\(setback)"
    }

    /// A run's events, in order.
    /// - Throws: ``JournalError`` `.storage` for an event that this version of Drover does not know.
    public func entries(of run: RunID) async throws -> [RolloutEntry] {
        try await journal.entries(of: run).map { entry in
            RolloutEntry(sequence: entry.sequence, at: entry.at, event: try entry.payload(as: RolloutEvent.self))
        }
    }

    // MARK: writing

    /// Begins a run and journals its plan.
    public func begin(_ plan: RolloutPlan, under lease: Lease) async throws -> RecordedRollout {
        let run = try await journal.begin(
            NewRun(plan.kind.runKind, stage: plan.stage, build: plan.build, holder: holder), under: lease,
            at: now())
        var state = RolloutState(plan)
        state.apply(try await record(.started(plan), in: run.id, under: lease))
        return RecordedRollout(run: run, state: state)
    }

    /// Takes an unfinished rollout up; with a `setback`, to bring it back.
    public func resume(
        _ rollout: RecordedRollout, under lease: Lease, turningBack setback: Setback? = nil
    ) async throws -> RecordedRollout {
        var rollout = rollout
        guard rollout.state.outcome == nil else { return rollout }
        rollout.state.apply(try await record(.resumed, in: rollout.run.id, under: lease))
        if let setback, !rollout.state.isTurned {
            rollout.state.apply(try await record(.turnedBack(setback), in: rollout.run.id, under: lease))
        }
        return rollout
    }

    /// Begins a run for a rollout that stands on hosts and that this journal does not know.
    func takeUp(_ note: RolloutNote) async throws {
        let plan = note.plan
        let event = RolloutEvent.started(plan.takenUp)
        let (run, _) = try await journal.note(
            NewRun(plan.kind.runKind, stage: plan.stage, build: plan.build, holder: note.holder),
            begunAt: note.startedAt, line: (event.name, try Self.payload(event)))
        if note.isGoingBack { try await noteTurn(of: run.id, by: note.holder) }
        for point in note.progress?.hooks ?? [] {
            _ = try await write(.done(.hook(point, nil), note: "as hosts tell"), in: run.id, under: nil)
        }
        if let hold = note.progress?.hold { try await noteHold(hold, of: run.id) }
    }

    /// Records that another controller has turned a rollout back.
    func noteTurn(of run: RunID, by holder: String) async throws {
        guard let state = try await state(of: run), !state.isTurned else { return }
        _ = try await write(.turnedBack(.asked(by: holder)), in: run, under: nil)
    }

    /// Records that another controller has left a rollout waiting.
    func noteHold(_ hold: RolloutHold, of run: RunID) async throws {
        guard let state = try await state(of: run), state.outcome == nil, state.hold != hold else { return }
        _ = try await write(.held(hold), in: run, under: nil)
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
        let entry = try await write(event, in: run, under: lease)
        await listener(run, entry)
        return entry
    }

    @discardableResult
    func write(_ event: RolloutEvent, in run: RunID, under lease: Lease? = nil) async throws -> RolloutEntry {
        let payload = try Self.payload(event)
        let written = try await journal.append(event.name, payload: payload, to: run, under: lease, at: now())
        return RolloutEntry(sequence: written.sequence, at: written.at, event: event)
    }

    private static func payload(_ event: RolloutEvent) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(event), as: UTF8.self)
    }

    /// Records what a finished rollout means for its stage: what it runs now, and that the build passed. Safe to repeat.
    public func conclude(_ run: RunID, _ state: RolloutState) async throws {
        guard let outcome = state.outcome else { return }
        let plan = state.plan
        if outcome == .succeeded, plan.kind != .convergence { try await settle(plan, run) }
        if outcome == .succeeded, !plan.kind.isDirect {
            try await journal.add(
                Evidence(build: plan.build.file, stage: plan.stage, run: run, at: state.lastChangeAt))
        }
        try await journal.finish(run, outcome.runOutcome, at: now())
    }

    private func settle(_ plan: RolloutPlan, _ run: RunID) async throws {
        let before = try await journal.stage(plan.stage)
        guard before?.run != run else { return }
        let build = plan.build
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
    private func goodBuild(before build: BuildDigest, in stage: String) async throws -> BuildDigest? {
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
        case .requested: "requested"
        case .held: "held"
        case .overdue: "overdue"
        case .halted: "halted"
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
