import Fleet
import Foundation

/// Takes over into the journal what hosts hold of a stage, so that whoever has no journal, or an old one, goes on from there.
struct NoteAdoption: Sendable {
    /// The run of a journal that something belongs to which was done elsewhere.
    static let elsewhere = RunID(0)

    let stage: String
    let journal: any RunJournal
    let ledger: RolloutLedger

    /// Takes over what is newer than what the journal knew.
    /// - Parameter known: The greatest token that the journal knew before the hosts were asked.
    func adopt(_ answers: StageNotes.Answers, known: Int64) async throws {
        try await addBuilds(answers)
        if let record = answers.record, record.token > known { try await adopt(record, answers.rollout) }
        if answers.record == nil { try await adoptGood(answers) }
        if let rollout = answers.rollout, rollout.token > known { try await adopt(rollout) }
    }

    private func addBuilds(_ answers: StageNotes.Answers) async throws {
        var builds: [BuildDigest: BuildRecord] = [:]
        var passages: [BuildDigest: Set<BuildNote.Passage>] = [:]
        for notes in answers.notes.values {
            let named = (notes.record?.builds ?? []) + (notes.rollout?.builds ?? []) + notes.builds.map(\.build)
            for build in named { builds[build.digest] = build }
            for note in notes.builds { passages[note.build.digest, default: []].formUnion(note.passed) }
            if let rollout = notes.rollout { passages[rollout.plan.build.file, default: []].formUnion(rollout.passed) }
        }
        for build in builds.values { try await journal.add(build) }
        for (build, passed) in passages {
            for passage in passed { try await add(passage, of: build) }
        }
    }

    private func add(_ passage: BuildNote.Passage, of build: BuildDigest) async throws {
        guard try await journal.evidence(build: build, stage: passage.stage).isEmpty else { return }
        try await journal.add(Evidence(build: build, stage: passage.stage, run: Self.elsewhere, at: passage.at))
    }

    // MARK: what the stage runs

    /// What a stage runs that nobody noted, where the journal knows nothing either.
    private func adoptGood(_ answers: StageNotes.Answers) async throws {
        guard let (build, before) = answers.good, try await journal.stage(stage) == nil else { return }
        try await journal.set(
            StageRecord(stage: stage, current: build, previous: before, updatedAt: Timestamp(milliseconds: 0)))
    }

    private func adopt(_ record: StageNote, _ unfinished: RolloutNote?) async throws {
        var last: RunID?
        for change in record.changes.reversed() { last = try await adopt(change) }
        let updatedAt = record.changes.first?.endedAt ?? Timestamp(milliseconds: 0)
        try await journal.set(
            StageRecord(
                stage: stage, current: record.current, previous: record.previous, run: last, updatedAt: updatedAt))
        // What others have ended, or begun anew, is no longer unfinished here.
        for run in try await journal.runs(stage: stage, limit: 50) where run.isOpen && run.kind.isRollout {
            if let unfinished, Self.isSame(run, unfinished.holder, unfinished.startedAt) { continue }
            try await journal.finish(run.id, .superseded, at: updatedAt)
        }
    }

    private func adopt(_ change: StageNote.Change) async throws -> RunID {
        let (run, isNew) = try await journal.note(
            NewRun(change.kind, stage: stage, build: change.build, holder: change.holder), begunAt: change.startedAt,
            line: nil)
        if isNew || run.isOpen, let hooks = change.hooks { try await ledger.note(hooks, of: change, in: run) }
        if run.isOpen { try await journal.finish(run.id, change.outcome, at: change.endedAt) }
        guard isNew || run.isOpen else { return run.id }
        if let build = change.build, change.passes {
            try await journal.add(Evidence(build: build.file, stage: stage, run: run.id, at: change.endedAt))
        }
        return run.id
    }

    // MARK: what is under way

    private func adopt(_ note: RolloutNote) async throws {
        if let run = try await run(of: note.holder, note.startedAt) {
            guard run.isOpen else { return }
            if note.isGoingBack { return try await ledger.noteTurn(of: run.id, by: note.holder) }
            if let hold = note.progress?.hold { try await ledger.noteHold(hold, of: run.id) }
            return
        }
        for run in try await journal.runs(stage: stage, limit: 50) where run.isOpen && run.kind.isRollout {
            try await journal.finish(run.id, .superseded, at: note.startedAt)
        }
        try await ledger.takeUp(note)
    }

    /// The journal's run of that beginning.
    private func run(of holder: String, _ startedAt: Timestamp) async throws -> RunRecord? {
        try await journal.runs(stage: stage, limit: 500).first { Self.isSame($0, holder, startedAt) }
    }

    static func isSame(_ run: RunRecord, _ holder: String, _ startedAt: Timestamp) -> Bool {
        run.holder == holder && run.startedAt == startedAt
    }
}

extension StageNote.Change {
    /// Whether the build passed the stage with it.
    var passes: Bool { outcome == .succeeded && (kind == .rollout || kind == .promotion) }

    /// What a run came to; `nil` for one that is open, or that changed nothing on hosts.
    init?(_ run: RunRecord) {
        guard let endedAt = run.endedAt, let outcome = run.outcome, !run.kind.isOfLease, outcome != .superseded
        else { return nil }
        self.init(
            run.kind, build: run.build, holder: run.holder, startedAt: run.startedAt, endedAt: endedAt, outcome: outcome
        )
    }
}
