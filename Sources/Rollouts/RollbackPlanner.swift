public import Fleet
import OrderedCollections

/// What a rollback comes to.
public enum RollbackDecision: Hashable, Sendable {
    /// Every host goes to `build`; capacity does not keep `distrusted` in service. `reason` says why that build.
    case go(to: BuildDigest, distrusted: ReleaseID?, reason: String)
    /// Every host runs `build` and serves already.
    case nothing(BuildDigest)
}

/// What the journal knows of a stage when somebody asks to go back.
public struct StageHistory: Sendable {
    /// What the stage is recorded to run, and what was good before that.
    public var record: StageRecord?
    /// The last rollout, promotion or rollback that ended.
    public var last: RunRecord?
    /// Where that one stood when it ended, if its entries can still be read.
    public var end: RolloutState?

    /// A history.
    public init(record: StageRecord?, last: RunRecord?, end: RolloutState?) {
        self.record = record
        self.last = last
        self.end = end
    }
}

/// Decides which build a stage goes back to. Reads no clock, does no I/O.
public enum RollbackPlanner {
    /// - Parameters:
    ///   - named: The build that was asked for by name; `nil` leaves it to the history.
    ///   - sight: What hosts and balancers answered just now.
    /// - Throws: ``RollbackRefusal`` when the journal knows of no build to go back to, or hosts do not run what it believes.
    public static func decide(
        _ stage: String, _ history: StageHistory, named: BuildDigest? = nil, sight: FleetSight
    ) throws -> RollbackDecision {
        let failed = history.failedBuild
        if let named {
            if isEverywhere(named.release, sight) { return .nothing(named) }
            return .go(to: named, distrusted: distrusted(failed, named), reason: "it was asked for by name")
        }
        guard let text = history.record?.current else { throw RollbackRefusal.unknownStage(stage) }
        let current = try BuildDigest(text)
        let strangers = history.strangers(sight, known: [current.release, failed?.release].compactMap { $0 })
        guard strangers.isEmpty else {
            throw RollbackRefusal.strangers(stage, strangers, believed: current.release, run: history.last?.id)
        }
        let (target, reason) = try target(stage, history, current)
        if isEverywhere(target.release, sight) { return .nothing(target) }
        return .go(to: target, distrusted: distrusted(failed, target), reason: reason)
    }

    private static func target(
        _ stage: String, _ history: StageHistory, _ current: BuildDigest
    ) throws -> (BuildDigest, reason: String) {
        if let last = history.last, last.outcome != .succeeded {
            let end = "run \(last.id) (\(last.kind)) ended \(last.outcome?.description ?? "open")"
            if last.kind == .rollback, let build = last.build {
                return (try BuildDigest(build), "\(end), so it is tried again")
            }
            return (current, "\(end), and this build was confirmed on the stage before it began")
        }
        // Going back twice is not going back two builds.
        if let last = history.last, last.kind == .rollback {
            return (current, "the stage was brought back to it by run \(last.id)")
        }
        guard let previous = history.record?.previous else { throw RollbackRefusal.noEarlier(stage, current.release) }
        return (try BuildDigest(previous), "it is the last good build before \(current.release)")
    }

    private static func distrusted(_ failed: BuildDigest?, _ target: BuildDigest) -> ReleaseID? {
        failed == target ? nil : failed?.release
    }

    /// Whether nothing is left to be done for a build: each host runs it for good, and every balancer sends it traffic.
    private static func isEverywhere(_ release: ReleaseID, _ sight: FleetSight) -> Bool {
        sight.hosts.allSatisfy { host, answer in
            guard let survey = answer.survey else { return false }
            return survey.release == release && !survey.isUnconfirmed && sight.balancers.isServing(host)
        }
    }
}

extension StageHistory {
    /// The build of the last rollout, when that did not end well.
    var failedBuild: BuildDigest? {
        guard let last, last.outcome != .succeeded, let build = last.build else { return nil }
        // What is not a digest is no build that a host could run.
        return try? BuildDigest(build)
    }

    /// Hosts that run what nothing in the history accounts for, with what that is.
    func strangers(_ sight: FleetSight, known: [ReleaseID]) -> [(HostName, ReleaseID)] {
        sight.hosts.sorted { $0.key < $1.key }.compactMap { host, answer in
            guard let release = answer.survey?.release, !known.contains(release) else { return nil }
            // Nobody believes anything of a host that the last rollout left out, or did not have.
            if let end {
                guard let progress = end.hosts[host], progress.fault == nil else { return nil }
                if end.outcome != .succeeded, release == progress.previous { return nil }
            }
            return (host, release)
        }
    }
}

/// Why a stage is not brought back. Nothing was touched.
public struct RollbackRefusal: ExplainedError, Hashable {
    /// The stage.
    public let subject: String?
    /// One lower-case sentence.
    public let message: String
    /// What to do about it.
    public let hints: [String]

    static func unknownStage(_ stage: String) -> Self {
        Self(
            subject: stage, message: "the journal knows of no build that was ever good on this stage",
            hints: [
                "see what hosts run: drover status \(stage)",
                "name the build to go to: drover rollback \(stage) --to BUILD (drover build list)",
            ])
    }

    static func noEarlier(_ stage: String, _ current: ReleaseID) -> Self {
        Self(
            subject: stage, message: "the journal knows of no good build before \(current)",
            hints: ["name the build to go to: drover rollback \(stage) --to BUILD (drover build list)"])
    }

    static func strangers(
        _ stage: String, _ strangers: [(HostName, ReleaseID)], believed: ReleaseID, run: RunID?
    ) -> Self {
        let named = strangers.prefix(10).map { "\($0.0) runs \($0.1)" }.joined(separator: ", ")
        let more = strangers.count > 10 ? " and \(strangers.count - 10) hosts more" : ""
        let since = run.map { " since run \($0)" } ?? ""
        return Self(
            subject: stage,
            message:
                "\(named)\(more), where the journal believes \(believed): another controller has changed the stage\(since)",
            hints: [
                "nothing was touched; see who else rolls out here: drover status \(stage)",
                "name the build to go to, whatever runs now: drover rollback \(stage) --to BUILD",
            ])
    }
}
