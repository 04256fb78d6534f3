import Fleet

/// What a rollout that ended had to be run once, so that whoever goes back from it elsewhere knows what that did.
public struct HookNote: Hashable, Sendable, Codable {
    /// What it had to be run.
    public var hooks: RolloutHooks
    /// What of that was run.
    public var done: [RolloutHooks.Point]

    /// What `state` came to; `nil` where nothing had to be run once.
    init?(_ state: RolloutState) {
        guard let hooks = state.plan.hooks, hooks.once != nil else { return nil }
        self.hooks = hooks
        // Whatever was begun may have been done.
        done = RolloutHooks.Point.allCases.filter { point in
            point == .undo ? state.isDone(point) : state.hooks[point] != nil
        }
    }
}

extension RolloutLedger {
    /// Notes of a run that another controller ended what it had to be run once, where the journal does not know.
    ///
    /// Which hosts it was about nobody noted: the plan has none.
    func note(_ note: HookNote, of change: StageNote.Change, in record: RunRecord) async throws {
        guard let kind = RolloutPlan.Kind(change.kind), let build = change.build else { return }
        let run = record.id
        let known = try await state(of: run)
        if known == nil {
            var plan = RolloutPlan(stage: record.stage, kind: kind, build: build, hosts: [])
            plan.hooks = note.hooks
            try await write(.started(plan.takenUp), in: run)
        }
        guard known?.outcome == nil else { return }
        for point in note.done where known?.isDone(point) != true {
            try await write(.done(.hook(point, nil), note: "as hosts tell"), in: run)
        }
        guard let outcome = RolloutOutcome.allCases.first(where: { $0.runOutcome == change.outcome }) else { return }
        try await write(.finished(outcome), in: run)
    }
}

extension RolloutPlan.Kind {
    /// The kind of rollout that is such a run.
    fileprivate init?(_ kind: RunKind) {
        guard let own = [Self.rollout, .promotion, .rollback].first(where: { $0.runKind == kind }) else { return nil }
        self = own
    }
}

extension StageNote {
    /// Has the last rollout tell what it had to be run once.
    mutating func note(_ history: StageHistory) {
        guard let run = history.last, let end = history.end else { return }
        let place = changes.firstIndex { NoteAdoption.isSame(run, $0.holder, $0.startedAt) }
        if let place { changes[place].hooks = HookNote(end) }
    }
}
