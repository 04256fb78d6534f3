public import Fleet

/// How the rollout of a stage stands, as its hosts and the journal have it.
public struct RolloutStanding: Sendable {
    /// What it does.
    public enum State: String, Sendable, CaseIterable {
        /// Somebody drives it.
        case running
        /// Somebody paused it.
        case paused
        /// It waits for approval.
        case waiting
        /// It failed, and stopped for a person to go on.
        case stopped
        /// Whoever drove it is gone.
        case interrupted
        /// It is over.
        case ended
    }

    /// The run.
    public let run: RunRecord
    /// The name of its build.
    public let buildName: String?
    /// What it is to bring about; `nil` where the journal here does not know.
    public let plan: RolloutPlan?
    /// How far it has come; `nil` as well.
    public let progress: RolloutProgress?
    /// The lease of whoever drives it.
    public let driver: Lease?
    /// What it does.
    public let state: State
    /// When this was asked.
    public let at: Timestamp
}

extension StageSession {
    /// How the stage's rollout stands, or its last one; `nil` where there was none. Changes nothing.
    /// - Throws: ``RolloutError`` for what stands on a host and cannot be read; ``JournalError``.
    public func rolloutStanding() async throws -> RolloutStanding? {
        let answers = try await notes(token: 0).read()
        try await learn(from: answers)
        let runs = try await journal.runs(stage: name, limit: 200).filter(\.kind.isRollout)
        guard let run = runs.first(where: \.isOpen) ?? runs.first else { return nil }
        let own = try await ledger.state(of: run.id)
        var progress = own.map(RolloutProgress.init)
        if let note = answers.rollout, NoteAdoption.isSame(run, note.holder, note.startedAt), let noted = note.progress,
            noted.at > progress?.at ?? Timestamp(milliseconds: 0) || own?.plan.isTakenUp == true
        {
            progress = noted
        }
        let driver = driver(answers)
        let name = try await run.build.flatMapAsync {
            try await journal.builds(prefix: $0.file.description).first?.name
        }
        return RolloutStanding(
            run: run, buildName: name, plan: own?.plan, progress: progress, driver: run.isOpen ? driver : nil,
            state: Self.state(run, progress, isDriven: driver != nil), at: controller.now())
    }

    private static func state(
        _ run: RunRecord, _ progress: RolloutProgress?, isDriven: Bool
    ) -> RolloutStanding.State {
        guard run.isOpen else { return .ended }
        switch progress?.hold?.kind {
        case .paused?: return .paused
        case .approval?: return .waiting
        case nil: break
        }
        if isDriven { return .running }
        return progress?.setback != nil && progress?.isGoingBack == false ? .stopped : .interrupted
    }
}

extension Optional {
    fileprivate func flatMapAsync<Answer>(_ work: (Wrapped) async throws -> Answer?) async rethrows -> Answer? {
        if let self { try await work(self) } else { nil }
    }
}
