public import Fleet

/// That a stage went back from a build and came to it again: going back from it works. Read from what was done to the stage, so
/// that every clone that knows of that knows of it.
public struct RehearsalEvidence: Hashable, Sendable {
    /// The run that went back.
    public let run: RunID
    /// How long that took.
    public let took: Duration

    /// Looks for it among a stage's runs, in any order; the latest counts.
    public init?(of build: BuildDigest, in runs: [RunRecord]) {
        let ended = runs.filter { !$0.isOpen && $0.kind.isRollout && $0.outcome == .succeeded }
            .sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }
        let place = ended.indices.dropFirst().dropLast().last { index in
            let isBack = ended[index].kind == .rollback && ended[index].build?.file != build.file
            return isBack && ended[index - 1].build?.file == build.file && ended[index + 1].build?.file == build.file
        }
        guard let place, let endedAt = ended[place].endedAt else { return nil }
        run = ended[place].id
        took = max(.zero, endedAt - ended[place].startedAt)
    }
}

/// What a build has to bring along to go to a stage that comes after another.
public struct PromotionTerms: Hashable, Sendable {
    /// Whether going back from it was rehearsed in the stage before.
    public var needsRehearsal = false
    /// Whether somebody has to approve it.
    public var needsApproval = false

    /// Nothing besides having passed.
    public init() {}
}
