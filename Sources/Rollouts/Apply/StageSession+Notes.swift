import Fleet

/// What stands on the stage's hosts and balancers about the stage.
extension StageSession {
    /// Reads and writes it, under `token`; 0 for asking only.
    func notes(token: Int64) -> StageNotes { StageNotes(site, releases(site, token: token)) }

    private var adoption: NoteAdoption { NoteAdoption(stage: name, journal: journal, ledger: ledger) }

    /// Takes over into the journal what hosts and balancers hold, without changing anything there.
    /// - Throws: ``RolloutError`` for what stands on a host and cannot be read; ``JournalError``.
    public func learn() async throws { try await learn(from: try await notes(token: 0).read()) }

    func learn(from answers: StageNotes.Answers) async throws {
        try await adoption.adopt(answers, known: try await journal.lastToken(stage: name))
    }

    /// Takes over what stood there when the lease was taken, and makes up for what the last controller could not note.
    /// - Parameter known: The greatest token that the journal knew before that.
    func begin(under lease: Lease, _ answers: StageNotes.Answers, known: Int64) async throws {
        inbox.pass(over: answers.requests)
        for fault in answers.faults { tell(.failed(fault)) }
        if !answers.upgraded.isEmpty { tell(.upgraded(answers.upgraded, folder: site.layout.stateFolder)) }
        try await adoption.adopt(answers, known: known)
        guard let left = answers.rollout else { return }
        let runs = try await journal.runs(stage: name, limit: 500)
        let run = runs.first { NoteAdoption.isSame($0, left.holder, left.startedAt) }
        if let run, !run.isOpen { await noteRecord(under: lease) }
    }

    /// Notes on hosts and balancers that a rollout is under way.
    func note(_ rollout: RecordedRollout, under lease: Lease) async throws {
        let plan = rollout.state.plan
        var note = RolloutNote(
            token: lease.token, holder: rollout.run.holder, startedAt: rollout.run.startedAt, plan: plan,
            isGoingBack: rollout.state.isTurned, builds: try await builds([plan.build, plan.baselineBuild]),
            passed: try await passages(of: plan.build))
        note.progress = RolloutProgress(rollout.state)
        await telling { try await notes(token: lease.token).write(note) }
    }

    /// Notes on hosts and balancers what the stage runs, and what was done to it.
    func noteRecord(under lease: Lease) async {
        await telling {
            let record = try await journal.stage(name)
            let changes = try await journal.runs(stage: name, limit: 100).compactMap(StageNote.Change.init)
            var note = StageNote(
                token: lease.token, current: record?.current, previous: record?.previous,
                builds: try await builds([record?.current, record?.previous]),
                changes: Array(changes.prefix(StageNote.mostChanges)))
            note.note(try await ledger.history(of: name))
            try await notes(token: lease.token).write(note)
        }
    }

    /// What cannot be noted is told: it is no reason to leave undone what was to be done.
    private func telling(_ work: () async throws -> Void) async {
        do { try await work() } catch { tell(.unnoted(error as? any ExplainedError)) }
    }

    /// What is noted of a build beside its release on hosts; `nil` for one that the journal does not know.
    func buildNote(of digest: BuildDigest) async throws -> BuildNote? {
        guard let build = try await journal.builds(prefix: digest.file.description).first else { return nil }
        return BuildNote(
            build, passed: try await passages(of: digest), broughtBy: controller.name, broughtAt: controller.now())
    }

    private func passages(of build: BuildDigest) async throws -> [BuildNote.Passage] {
        guard let before = site.stage.after else { return [] }
        return try await journal.evidence(build: build.file, stage: before).prefix(1)
            .map { BuildNote.Passage(stage: before, at: $0.at) }
    }

    private func builds(_ digests: [BuildDigest?]) async throws -> [BuildRecord] {
        var builds: [BuildRecord] = []
        for digest in digests.compactMap(\.self) { builds += try await journal.builds(prefix: digest.file.description) }
        return builds
    }
}
