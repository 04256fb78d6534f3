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
    /// - Throws: ``StageError`` when the journal knows of no build to go back to, or hosts do not run what it believes.
    public static func decide(
        _ stage: String, _ history: StageHistory, named: BuildDigest? = nil, sight: FleetObservation
    ) throws(StageError) -> RollbackDecision {
        let failed = history.failedBuild
        if let named {
            if isEverywhere(named.release, sight) { return .nothing(named) }
            return .go(to: named, distrusted: distrusted(failed, named), reason: "it was asked for by name")
        }
        guard let current = history.record?.current else { throw StageError.unknownHistory(stage) }
        let strangers = history.strangers(sight, known: [current.release, failed?.release].compactMap { $0 })
        guard strangers.isEmpty else {
            throw StageError.foreignBuilds(stage, strangers, believed: current.release, run: history.last?.id)
        }
        let (target, reason) = try target(stage, history, current)
        if isEverywhere(target.release, sight) { return .nothing(target) }
        return .go(to: target, distrusted: distrusted(failed, target), reason: reason)
    }

    private static func target(
        _ stage: String, _ history: StageHistory, _ current: BuildDigest
    ) throws(StageError) -> (BuildDigest, reason: String) {
        if let last = history.last, last.outcome != .succeeded {
            let end = "run \(last.id) (\(last.kind)) ended \(last.outcome?.description ?? "open")"
            if last.kind == .rollback, let build = last.build {
                return (build, "\(end), so it is tried again")
            }
            return (current, "\(end), and this build was confirmed on the stage before it began")
        }
        // Going back twice is not going back two builds.
        if let last = history.last, last.kind == .rollback {
            return (current, "the stage was brought back to it by run \(last.id)")
        }
        guard let previous = history.record?.previous else { throw StageError.noEarlierBuild(stage, current.release) }
        return (previous, "it is the last good build before \(current.release)")
    }

    private static func distrusted(_ failed: BuildDigest?, _ target: BuildDigest) -> ReleaseID? {
        failed == target ? nil : failed?.release
    }

    /// Whether nothing is left to be done for a build: each host runs it for good, and every balancer sends it traffic; but for
    /// those that somebody stopped, or keeps out of rotation.
    private static func isEverywhere(_ release: ReleaseID, _ sight: FleetObservation) -> Bool {
        let stopped = sight.stopped
        guard stopped.count < sight.hosts.count else { return false }
        return sight.hosts.allSatisfy { host, answer in
            guard let survey = answer.survey else { return false }
            if stopped[host] != nil { return true }
            return survey.release == release && !survey.isUnconfirmed
                && (sight.balancers.isServing(host) || sight.balancers.keepOut(host))
        }
    }
}

extension StageHistory {
    /// The build of the last rollout, when that did not end well.
    var failedBuild: BuildDigest? {
        guard let last, last.outcome != .succeeded else { return nil }
        return last.build
    }

    /// Hosts that run what nothing in the history accounts for, with what that is.
    func strangers(_ sight: FleetObservation, known: [ReleaseID]) -> [(HostName, ReleaseID)] {
        let stopped = sight.stopped
        return sight.hosts.sorted { $0.key < $1.key }.compactMap { host, answer in
            guard let release = answer.survey?.release, !known.contains(release) else { return nil }
            // Nobody believes anything of a host that the last rollout left out, or did not have.
            if stopped[host] != nil { return nil }
            // What another controller ended is known here without its hosts.
            if let end, !end.hosts.isEmpty {
                guard let progress = end.hosts[host], progress.fault == nil else { return nil }
                if end.outcome != .succeeded, release == progress.found?.release { return nil }
            }
            return (host, release)
        }
    }
}
