public import Fleet

/// Why nothing was begun on a stage. Nothing was touched, unless the message says so.
public struct StageError: ExplainedError, Hashable {
    /// What kind of refusal it is; callers decide by this, never by the text.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case unfinished, nothingToResume, missingEvidence, noEarlierBuild, unknownHistory, foreignBuilds, leaseInUse
            case noMajority, belowMinimum, silentHosts, noRelease, stopped, otherRelease, missingBuild
            case missingSettings, unsigned, notNow, doubtfulHook, irreversible
        }
        private let kind: Kind
        private init(_ kind: Kind) { self.kind = kind }

        /// A rollout was interrupted, and has to be ended before another one.
        public static let unfinished = Self(.unfinished)
        /// No rollout was interrupted.
        public static let nothingToResume = Self(.nothingToResume)
        /// The build was not shown to be good for the stage.
        public static let missingEvidence = Self(.missingEvidence)
        /// The journal knows of no good build before the one that runs.
        public static let noEarlierBuild = Self(.noEarlierBuild)
        /// The journal knows of no build that was ever good on the stage.
        public static let unknownHistory = Self(.unknownHistory)
        /// Hosts run what the journal does not account for: another controller has changed the stage.
        public static let foreignBuilds = Self(.foreignBuilds)
        /// The holder of the stage's lease is at work.
        public static let leaseInUse = Self(.leaseInUse)

        /// Too few hosts and balancers answer for anybody to be sure that nobody else changes the stage.
        public static let noMajority = Self(.noMajority)

        /// Fewer members than the stage's minimum would be in service.
        public static let belowMinimum = Self(.belowMinimum)
        /// Hosts that something is to be done to do not answer.
        public static let silentHosts = Self(.silentHosts)
        /// Hosts that are to serve have nothing to run.
        public static let noRelease = Self(.noRelease)
        /// Every host that something is to be done to was stopped by hand.
        public static let stopped = Self(.stopped)
        /// Hosts that are to serve would do so with another build than the stage's.
        public static let otherRelease = Self(.otherRelease)
        /// A build is needed, and nobody has it.
        public static let missingBuild = Self(.missingBuild)

        /// Nobody who may vouches for the build.
        public static let unsigned = Self(.unsigned)

        /// Settings are needed that no host has any more.
        public static let missingSettings = Self(.missingSettings)

        /// What is asked of a rollout does not fit how it stands.
        public static let notNow = Self(.notNow)
        /// A hook that must not be run twice may have been run.
        public static let doubtfulHook = Self(.doubtfulHook)
        /// What a hook did stands in the way of going back.
        public static let irreversible = Self(.irreversible)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What kind of refusal it is.
    public let code: Code
    /// The stage; `nil` when it is about all of them.
    public let stage: String?
    /// One lower-case sentence.
    public let message: String
    /// What to do about it.
    public let hints: [String]

    /// A refusal of `code` about `stage`.
    public init(_ code: Code, stage: String?, _ message: String, hints: [String] = []) {
        self.code = code
        self.stage = stage
        self.message = message
        self.hints = hints
    }

    /// The stage.
    public var place: ErrorPlace { ErrorPlace(name: stage) }
}

extension StageError {
    static func missingSettings(_ settings: SettingsID, for stage: String? = nil) -> Self {
        Self(
            .missingSettings, stage: stage, "no host that answers has settings \(settings) any more",
            hints: ["a rollout brings those that drover.yml has now: drover rollout \(stage ?? "STAGE") BUILD"])
    }

    static func unfinished(_ rollout: RecordedRollout) -> Self {
        let run = rollout.run
        let build = run.build?.release.description ?? "?"
        let isForApproval = rollout.state.hold?.kind == .approval
        let way = isForApproval ? "approve it: drover rollout approve" : "finish it: drover rollout resume"
        return Self(
            .unfinished, stage: run.stage,
            "run \(run.id) (\(run.kind) of build \(build), begun \(run.startedAt)) \(rollout.state.standstill)",
            hints: ["\(way) \(run.stage)", "or go back: drover rollback \(run.stage)"])
    }

    static func nothingToResume(_ stage: String?) -> Self {
        Self(
            .nothingToResume, stage: stage, "no rollout is unfinished", hints: ["see what was done: drover history"])
    }

    // MARK: evidence

    static func notPassed(_ build: BuildRecord, _ before: String, for stage: String) -> Self {
        Self(
            .missingEvidence, stage: stage, "build \(BuildLabel(build)) has not passed stage \(before)",
            hints: [
                "roll it out there first: drover rollout \(before) \(build.digest.release)",
                "or say why not: --skip-evidence \"REASON\"",
            ])
    }

    static func notBaked(
        _ build: BuildRecord, _ before: String, for stage: String, ago: Duration, needed: Duration
    ) -> Self {
        Self(
            .missingEvidence, stage: stage,
            "build \(BuildLabel(build)) passed stage \(before) \(ago.inSeconds) ago, and is to bake "
                + "there for \(needed.inSeconds)",
            hints: ["wait, or say why not: --skip-evidence \"REASON\""])
    }

    /// The stage before has nothing that could be promoted.
    static func noBuild(on before: String) -> Self {
        Self(
            .missingEvidence, stage: before, "the stage runs no build yet", hints: ["drover rollout \(before) BUILD"])
    }

    // MARK: builds

    /// - Parameter places: Where it was looked for, and why it was not found there.
    static func missingBuild(_ build: BuildDigest, _ name: String?, for stage: String, _ places: [String]) -> Self {
        Self(
            .missingBuild, stage: stage,
            "build \(BuildLabel(build, name)) is nowhere to be had: \(places.joined(separator: "; "))",
            hints: ["add its file again: drover build add FILE"])
    }

    /// - Parameter verdicts: What the signatures that it has are worth.
    static func unsigned(
        _ build: BuildLabel, by verdicts: [SignatureVerdict], _ rule: SignatureRule, for stage: String
    ) -> Self {
        let found = verdicts.isEmpty ? "nobody has signed it" : verdicts.map(\.words).joined(separator: "; ")
        return Self(
            .unsigned, stage: stage,
            "build \(build) is not sent anywhere: \(found), and builds have to be signed by somebody in \(rule.signers) "
                + "(\(rule.location))",
            hints: ["sign it with a key that is in there: drover build sign BUILD --key FILE"])
    }

    // MARK: going back

    static func unknownHistory(_ stage: String) -> Self {
        Self(
            .unknownHistory, stage: stage, "the journal knows of no build that was ever good on this stage",
            hints: [
                "see what hosts run: drover status \(stage)",
                "name the build to go to: drover rollback \(stage) --to BUILD (drover build list)",
            ])
    }

    /// The rollout that was ended changed nothing, and nothing is known of what was there before it.
    static func unknownBefore(_ stage: String, _ running: [(HostName, ReleaseID)]) -> Self {
        let hosts = running.prefix(10).map { "\($0.0) runs \($0.1)" }.joined(separator: ", ")
        return Self(
            .unknownHistory, stage: stage,
            "\(hosts), and the journal knows of no build that was ever good on this stage",
            hints: [
                "nothing was changed; if the journal was lost, take its backup: journal.sqlite.backup in the state folder",
                "or name the build to go to: drover rollback \(stage) --to BUILD (drover build list)",
            ])
    }

    static func noEarlierBuild(_ stage: String, _ current: ReleaseID) -> Self {
        Self(
            .noEarlierBuild, stage: stage, "the journal knows of no good build before \(current)",
            hints: ["name the build to go to: drover rollback \(stage) --to BUILD (drover build list)"])
    }

    static func foreignBuilds(
        _ stage: String, _ strangers: [(HostName, ReleaseID)], believed: ReleaseID, run: RunID?
    ) -> Self {
        let named = strangers.prefix(10).map { "\($0.0) runs \($0.1)" }.joined(separator: ", ")
        let more = strangers.count > 10 ? " and \(strangers.count - 10) hosts more" : ""
        let since = run.map { " since run \($0)" } ?? ""
        return Self(
            .foreignBuilds, stage: stage,
            "\(named)\(more), where the journal believes \(believed): another controller has changed the stage\(since)",
            hints: [
                "nothing was touched; see who else rolls out here: drover status \(stage)",
                "name the build to go to, whatever runs now: drover rollback \(stage) --to BUILD",
            ])
    }

    // MARK: leases

    static func noMajority(_ stage: String, answered: Int, silent: [HostName: RolloutError]) -> Self {
        let names = silent.keys.sorted().prefix(10).map(\.description).joined(separator: ", ")
        let more = silent.count > 10 ? " and \(silent.count - 10) more" : ""
        return Self(
            .noMajority, stage: stage,
            "only \(answered) of \(answered + silent.count) hosts and balancers answer, not \(names)\(more): somebody "
                + "whom the others still answer may be changing the stage",
            hints: [
                "see why they are silent: drover doctor --stage \(stage)", "or go on all the same: --force \"REASON\"",
            ])
    }

    /// - Parameter process: The holder's, when it is one of this machine.
    static func leaseInUse(_ lease: Lease, _ reason: String, process: Int32? = nil) -> Self {
        let stop = process.map { "kill -INT \($0) has it finish the hosts in hand and give the lease back" }
        return Self(
            .leaseInUse, stage: lease.stage, "\(lease.holder) is changing this stage: \(reason)",
            hints: [stop ?? "stop it where it runs", "or take the lease away all the same: --force"])
    }
}

extension StageError {
    static func nothingUnderWay(_ stage: String) -> Self {
        Self(
            .nothingToResume, stage: stage, "no rollout is under way",
            hints: ["see what was done: drover history \(stage)"])
    }

    /// What is asked of a rollout does not fit how it stands.
    static func notNow(_ run: RunRecord, _ reason: String) -> Self {
        Self(
            .notNow, stage: run.stage, "run \(run.id) cannot be asked for that: \(reason)",
            hints: ["see how it stands: drover rollout status \(run.stage)"])
    }

    static func doubtfulHook(_ stage: String, _ command: String) -> Self {
        Self(
            .doubtfulHook, stage: stage,
            "the hook '\(command)' was begun, and nobody knows whether it was done: it is not run twice by itself",
            hints: [
                "see what it did; if it may run again: drover rollout resume \(stage) --rerun-hooks",
                "or go back: drover rollback \(stage)",
            ])
    }

    static func irreversible(_ stage: String, _ command: String, _ build: BuildDigest) -> Self {
        Self(
            .irreversible, stage: stage,
            "the hook '\(command)' was run for build \(build.release), and nothing says that the build before works with "
                + "what it did",
            hints: [
                "give the hook its way back in drover.yml (undo: COMMAND), or say that it is compatible (compatible: true)",
                "or undo it by hand, then go back all the same: --over-hooks",
            ])
    }
}
