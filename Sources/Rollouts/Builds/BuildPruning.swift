public import Fleet

/// A build that was let go of.
public struct RemovedBuild: Sendable, Hashable {
    /// What was known of it.
    public let build: BuildRecord
    /// How many bytes its files on this machine had.
    public var freed: Int64
    /// How many bytes its file in the shared store had; `nil` where it was not removed there.
    public var freedShared: Int64?

    init(build: BuildRecord, freed: Int64 = 0, freedShared: Int64? = nil) {
        (self.build, self.freed, self.freedShared) = (build, freed, freedShared)
    }
}

/// What was let go of.
public struct PruningReport: Sendable {
    /// How many runs.
    public var runs = 0
    /// Which builds.
    public var builds: [RemovedBuild]
    /// Why the shared store was left as it is.
    public var fault: (any ExplainedError)?
}

/// Lets go of builds and of runs: files and records alike.
public struct BuildPruning: Sendable {
    /// Asks a stage's hosts what it needs of builds.
    public typealias AskStage = @Sendable (_ stage: String) async throws -> StageUse

    private let journal: any RunJournal
    private let store: BuildStore
    private let shared: SharedBuilds?
    private let stages: [String]
    private let ask: AskStage?

    /// What is in `journal`, in `store` and in the store that several machines share.
    ///
    /// - Parameters:
    ///   - stages: All stages of the service: what any of them needs stays in the shared store.
    ///   - ask: Asks the hosts of those of which neither journal nor shared store knows anything.
    public init(
        journal: any RunJournal, store: BuildStore, shared: SharedBuilds? = nil, stages: [String] = [],
        ask: AskStage? = nil
    ) {
        (self.journal, self.store, self.shared, self.stages, self.ask) = (journal, store, shared, stages, ask)
    }

    /// Removes the build whose digest begins with `prefix`, on this machine and in the shared store.
    /// - Parameter isForced: Whether one that is in use may go.
    /// - Throws: ``InputError`` for a build in use; ``StoreError``; ``JournalError`` `.unknownBuild`, `.ambiguousBuild`.
    public func remove(_ prefix: String, isForced: Bool) async throws -> RemovedBuild {
        let build = try await BuildFinder(journal: journal, shared: shared).find(prefix)
        let index = try await shared?.index()
        if !isForced {
            var uses = try await uses(index, [])
            if index?.builds(prefix: build.digest.description).isEmpty == false {
                uses = try await self.uses(index, try await unknownUses(index))
            }
            if let reasons = uses.reasons[build.digest] {
                throw InputError(
                    "build \(BuildLabel(build)) is in use: \(reasons.joined(separator: ", "))",
                    hints: ["remove it all the same: drover build remove \(build.digest.release) --force"])
            }
        }
        let freed = try await shared?.remove([build.digest], sparesRecent: false)[build.digest]
        var removed = try await remove(build)
        removed.freedShared = freed
        return removed
    }

    /// Removes the builds that are neither in use nor among the newest `kept`, of this machine and of the shared store. That
    /// the shared store cannot be asked keeps nobody from it.
    /// - Throws: ``StoreError`` for this machine's; ``JournalError``.
    public func prune(keeping kept: Int) async throws -> PruningReport {
        var (index, fault): (SharedIndex?, (any ExplainedError)?) = (nil, nil)
        do { index = try await shared?.index() } catch { fault = error }
        let here = try await pruneHere(keeping: kept, index)
        var report = PruningReport(builds: here, fault: fault)
        do {
            report.builds = Self.merged(here, try await pruneShared(index, keeping: kept))
        } catch {
            report.fault = ErrorReport(error)
        }
        return report
    }

    /// Forgets what `retention` does not keep of a stage's runs, and of all builds.
    /// - Throws: as ``prune(keeping:)``.
    public func keep(_ retention: Retention, of stage: String) async throws -> PruningReport {
        var report = try await prune(keeping: retention.builds)
        report.runs = try await journal.pruneRuns(of: stage, keeping: retention.runs)
        return report
    }

    private func pruneHere(keeping kept: Int, _ index: SharedIndex?) async throws -> [RemovedBuild] {
        let surplus = try await uses(index, []).surplus(of: try await journal.builds(prefix: ""), keeping: kept)
        var removed: [RemovedBuild] = []
        for build in surplus { removed.append(try await remove(build)) }
        return removed
    }

    private func remove(_ build: BuildRecord) async throws -> RemovedBuild {
        // A record without a file is found by the next pruning; a file without a record never would be.
        let freed = try store.remove(build.digest)
        try await journal.remove(build.digest)
        return RemovedBuild(build: build, freed: freed)
    }

    // MARK: shared

    /// What several machines share is not one machine's to judge: only what no stage of the service needs goes, and hosts are
    /// asked of a stage that nobody has noted.
    private func pruneShared(_ index: SharedIndex?, keeping kept: Int) async throws -> [RemovedBuild] {
        guard let shared, let index else { return [] }
        guard try await !uses(index, []).surplus(of: index.builds, keeping: kept).isEmpty else { return [] }
        let uses = try await uses(index, try await unknownUses(index))
        let surplus = uses.surplus(of: index.builds, keeping: kept)
        let freed = try await shared.remove(surplus.map(\.digest), sparesRecent: true)
        return surplus.compactMap { build in
            freed[build.digest].map { RemovedBuild(build: build.record, freedShared: $0) }
        }
    }

    private func unknownUses(_ index: SharedIndex?) async throws -> [StageUse] {
        let known = Set(try await journal.stages().map(\.stage)).union((index?.uses ?? [:]).keys)
        var uses: [StageUse] = []
        for stage in stages where !known.contains(stage) {
            do {
                guard let ask else { continue }
                uses.append(try await ask(stage))
            } catch {
                let report = ErrorReport(error)
                throw StoreError(
                    .unknownUse, shared?.address.description ?? store.folder,
                    "nobody has noted what stage \(stage) runs, and its hosts cannot be asked: \(report.message)",
                    hints: report.hints + ["nothing was removed there; see: drover status \(stage)"])
            }
        }
        return uses
    }

    private func uses(_ index: SharedIndex?, _ asked: [StageUse]) async throws(JournalError) -> BuildUses {
        BuildUses(
            stages: try await journal.stages(), runs: try await journal.runs(stage: nil, limit: 5000),
            noted: (index?.uses ?? [:]).values.sorted { $0.stage < $1.stage } + asked)
    }

    private static func merged(_ here: [RemovedBuild], _ shared: [RemovedBuild]) -> [RemovedBuild] {
        var all = here
        for build in shared {
            if let index = all.firstIndex(where: { $0.build.digest == build.build.digest }) {
                all[index].freedShared = build.freedShared
            } else {
                all.append(build)
            }
        }
        return all
    }
}
