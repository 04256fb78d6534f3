public import Fleet

/// How much of what was done, and of what was brought, is kept.
public struct Retention: Hashable, Sendable {
    /// How many runs of each stage that have ended.
    public var runs = 200
    /// How many builds, the newest first.
    public var builds = 20
    /// How many releases on each host, beside the current one and the last two good ones.
    public var releases = 3

    /// Enough for a team that rolls out several times a day, unless said otherwise.
    public init() {}
}

/// Which builds are in use: a stage runs them, would go back to them, or is being brought them.
public struct BuildUses: Hashable, Sendable {
    /// What each is used for, in words.
    public let reasons: [BuildDigest: [String]]

    /// - Parameters:
    ///   - stages: What each stage runs and could go back to.
    ///   - runs: The latest runs of every stage, newest first.
    ///   - noted: What a shared store, or hosts, say of stages; an old journal may know less.
    public init(stages: [StageRecord], runs: [RunRecord], noted: [StageUse] = []) {
        var reasons: [BuildDigest: [String]] = [:]
        func use(_ build: BuildDigest?, _ reason: String) {
            guard let build = build?.file, !reasons[build, default: []].contains(reason) else { return }
            reasons[build, default: []].append(reason)
        }
        for stage in stages {
            use(stage.current, "\(stage.stage) runs it")
            if stage.previous != stage.current { use(stage.previous, "\(stage.stage) would go back to it") }
        }
        for stage in noted {
            use(stage.current, "\(stage.stage) runs it")
            if stage.previous != stage.current { use(stage.previous, "\(stage.stage) would go back to it") }
            use(stage.next, "it is being brought to \(stage.stage)")
        }
        var seen: Set<String> = []
        for run in runs where run.kind.isRollout {
            // A rollback that failed goes on to the build of the run before it.
            let isLatest = seen.insert(run.stage).inserted
            guard let build = run.build?.file, run.isOpen || isLatest, reasons[build] == nil else { continue }
            reasons[build] = ["run \(run.id) brings it to \(run.stage)"]
        }
        self.reasons = reasons
    }

    /// What of a shared store's builds, newest first, is neither in use nor among the newest `kept`.
    func surplus(of builds: [SharedBuild], keeping kept: Int) -> [SharedBuild] {
        builds.dropFirst(max(0, kept)).filter { reasons[$0.digest] == nil }
    }

    /// What of `builds`, newest first, is neither in use nor among the newest `kept`.
    public func surplus(of builds: [BuildRecord], keeping kept: Int) -> [BuildRecord] {
        builds.dropFirst(max(0, kept)).filter { reasons[$0.digest] == nil }
    }
}
