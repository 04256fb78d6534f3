public import Fleet

/// The builds that a stage needs, wherever they are.
extension StageSession {
    /// Has a build brought to this machine if a host of the stage that answers lacks its release and it is not here.
    /// - Throws: ``StageError`` `.missingBuild` when it is nowhere to be had; ``StoreError`` when it cannot be kept here.
    func supply(_ build: BuildDigest) async throws {
        guard drivers.builds.find(build) == nil else { return }
        let search = BuildSearch(session: self, build: build)
        let holdings = await search.holdings(on: site)
        guard holdings.contains(where: { $0.value?.hasRelease == false }) else { return }
        _ = try await obtain(build, holdings)
    }

    /// A build's file on this machine, brought here where it is not.
    /// - Parameter holdings: What hosts of the stage said of it just now.
    /// - Throws: as ``supply(_:)``.
    func obtain(
        _ build: BuildDigest, _ holdings: [HostName: HostHolding?]? = nil
    ) async throws -> StoredBuild {
        let build = build.file
        if let found = drivers.builds.find(build) { return found }
        return try await drivers.bringing.once(build, in: drivers.builds) {
            try await BuildSearch(session: self, build: build).bring(holdings)
        }
    }

    /// A build for people.
    public func label(of build: BuildDigest) async throws -> BuildLabel {
        BuildLabel(build, try await buildName(of: build))
    }

    /// What the journal has a build called; `nil` where it does not know it.
    func buildName(of build: BuildDigest) async throws -> String? {
        try await journal.builds(prefix: build.file.description).first?.name
    }

    /// Notes in the journal what was found in a build, which earlier versions did not.
    func noteContents(of build: BuildDigest) async throws {
        guard let tar = drivers.builds.contents(of: build)?.tar else { return }
        let record = try await journal.builds(prefix: build.file.description).first
        if let record, record.tar == nil { try await journal.add(record.taking(tar: tar)) }
    }

    /// How only what differs from what hosts run is sent to them.
    var delivery: DeltaDelivery {
        DeltaDelivery(
            deltas: drivers.deltas, findBase: { await base($0) }, tellWhole: { [tell] in tell(.sendingWhole($0)) })
    }

    /// A build that hosts keep, if it is here or shared. Hosts are not asked for it: what they would send is what is to be saved.
    private func base(_ build: BuildDigest) async -> StoredBuild? {
        do {
            if drivers.builds.find(build) == nil, let shared = drivers.sharedBuilds {
                guard try await shared.take(build.file, into: drivers.builds) else { return nil }
            }
            try await drivers.builds.check(build)
        } catch {
            // Without it the whole is sent.
            return nil
        }
        return drivers.builds.find(build)
    }

    // MARK: use

    /// Notes in the shared store what the stage runs, so that nobody lets go of it there.
    func noteUse() async {
        guard let shared = drivers.sharedBuilds else { return }
        do {
            let record = try await journal.stage(name)
            try await shared.note(
                StageUse(
                    name, current: record?.current, previous: record?.previous, by: controller.name,
                    at: controller.now()))
        } catch {
            tell(.useUnnoted(ErrorReport(error)))
        }
    }

    /// What the stage's hosts say that it needs of builds. Closes its connections.
    /// - Throws: ``RolloutError`` where nothing is noted and some host does not answer.
    public func use() async throws -> StageUse {
        let answers = try await notes(token: 0).read()
        await close()
        let (record, good) = (answers.record, answers.good)
        let current = record?.current ?? good?.build
        if current == nil, let silent = answers.silent.min(by: { $0.key < $1.key })?.value { throw silent }
        return StageUse(
            name, current: current, previous: record?.previous ?? good?.before, next: answers.rollout?.plan.build,
            by: controller.name, at: controller.now())
    }
}
