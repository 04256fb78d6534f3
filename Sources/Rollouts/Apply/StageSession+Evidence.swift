public import Fleet

extension StageSession {
    /// Makes sure that `build` passed the stage before this one, and baked there long enough.
    ///
    /// - Parameter reason: Why it may go on without that; `nil` when it may not.
    /// - Returns: The reason, where it was needed; `nil` when there was evidence, or the stage comes after no other.
    /// - Throws: ``StageError`` `.missingEvidence`; ``JournalError``.
    public func checkEvidence(of build: BuildRecord, skipping reason: String?) async throws -> String? {
        guard let before = site.stage.after else { return nil }
        guard let passed = try await journal.evidence(build: build.digest.file, stage: before).first else {
            if let reason { return reason }
            throw StageError.notPassed(build, before, for: name)
        }
        // It passed before now, whatever the clock says of whoever noted it.
        let baked = max(.zero, controller.now() - passed.at)
        if baked >= site.stage.bake { return nil }
        if let reason { return reason }
        throw StageError.notBaked(build, before, for: name, ago: baked, needed: site.stage.bake)
    }

    /// The build that may be promoted to this stage: the one named by the beginning of its digest, else what the stage
    /// before runs.
    /// - Throws: ``StageError`` `.missingEvidence` when that runs none; ``JournalError`` `.unknownBuild`, `.ambiguousBuild`;
    ///   ``StoreError``.
    public func promotable(_ named: String?, from before: String) async throws -> BuildRecord {
        if let named { return try await BuildFinder(journal: journal, shared: drivers.sharedBuilds).find(named) }
        guard let current = try await journal.stage(before)?.current else { throw StageError.noBuild(on: before) }
        return try await journal.build(current.file.description)
    }
}
