public import Fleet

extension StageSession {
    /// Goes back from a build that just passed, and to it again, where the stage is to show that this works.
    /// - Returns: `passed`; where going back or coming again failed, how that ended.
    func rehearse(_ passed: RolloutState, under lease: Lease) async throws -> RolloutState {
        let plan = passed.plan
        guard site.stage.rehearses, !plan.kind.isDirect, passed.outcome == .succeeded, let before = plan.baselineBuild,
            before.file != plan.build.file, !stop.wasRaised
        else { return passed }
        tell(.rehearsing(from: plan.build, to: before))
        let back = try await begin(try await rollbackPlan(to: before, nil, nil), under: lease)
        guard back.outcome == .succeeded else { return back }
        // As a rollout, so that whoever goes back next goes back from it; what was watched once is not watched in steps again.
        var again = plan
        (again.baseline, again.baselineBuild) = (before.release, before)
        (again.policy.canary, again.policy.batches, again.policy.approval) = (0, [.percent(100)], nil)
        let end = try await begin(again, under: lease)
        guard end.outcome == .succeeded else { return end }
        let runs = try await journal.runs(stage: name, limit: 50)
        if let evidence = RehearsalEvidence(of: plan.build, in: runs) { tell(.rehearsed(plan.build, evidence.took)) }
        return passed
    }

    /// Makes sure that a build brings along what the stage wants of it beside having passed the one before.
    /// - Parameters:
    ///   - approval: Why it is approved, as somebody says now.
    ///   - reason: Why it may go on without.
    /// - Throws: ``StageError`` `.missingEvidence` that names all that is missing; ``JournalError``.
    public func checkRequirements(
        of build: BuildRecord, approval: String?, skipping reason: String?
    ) async throws {
        guard let before = site.stage.after, reason == nil else { return }
        let terms = site.stage.requires
        var missing: [(what: String, hint: String)] = []
        if terms.needsRehearsal {
            let runs = try await journal.runs(stage: before, limit: 500)
            if RehearsalEvidence(of: build.digest, in: runs) == nil {
                missing.append(
                    (
                        "going back from it was not rehearsed on \(before)",
                        "rehearse: true in stage \(before) has each rollout do so; or by hand: drover rollback \(before), then "
                            + "drover rollout \(before) \(build.digest.release)"
                    ))
            }
        }
        if terms.needsApproval, approval == nil {
            missing.append(("nobody has approved it", "approve it: drover promote --to \(name) --approve \"REASON\""))
        }
        if !missing.isEmpty { throw StageError.unmet(build, for: name, missing) }
    }
}

extension StageError {
    fileprivate static func unmet(
        _ build: BuildRecord, for stage: String, _ missing: [(what: String, hint: String)]
    ) -> Self {
        Self(
            .missingEvidence, stage: stage,
            "build \(build.digest.release) (\(build.name)) lacks what \(stage) requires: "
                + missing.map(\.what).joined(separator: "; "),
            hints: missing.map(\.hint) + ["or say why not: --skip-evidence \"REASON\""])
    }
}
