public import Fleet

/// A stage as it is: what journal, hosts and balancers said, and what an operator would do next.
public struct StageReport: Sendable {
    /// Something to do next.
    public enum Step: Hashable, Sendable {
        /// See what whoever holds the lease does.
        case watch
        /// Finish the rollout that was interrupted.
        case resume
        /// Go back from it.
        case goBack
        /// Bring the stage its first build.
        case rollOut
        /// Bring the stage its first build from the stage before.
        case promote
        /// Find out why hosts or balancers do not answer.
        case examine
        /// Bring hosts and balancers to what they should be.
        case apply
        /// Start what somebody stopped.
        case start([HostName])
        /// Let in what somebody took out of rotation.
        case letIn([HostName])
    }

    /// How the settings of the stage's release are beside those of the service's file.
    public enum Settings: Hashable, Sendable {
        /// They are the same.
        case same
        /// They are others.
        case others(SettingsChange)
        /// They could not be compared, for this reason.
        case unknown(String)
    }

    /// How settings do.
    public let settings: Settings
    /// How hosts and balancers do.
    public let health: FleetHealth
    /// What the stage is recorded to run.
    public let record: StageRecord?
    /// The name of its build's file.
    public let buildName: String?
    /// What people call the builds of the latest changes.
    public let names: [BuildDigest: String]
    /// The lease of whoever changes the stage just now.
    public let lease: Lease?
    /// The rollout that was interrupted.
    public let unfinished: RunRecord?
    /// The latest run.
    public let lastChange: RunRecord?
    /// How long ago that ended, or began where it has no end.
    public let sinceLastChange: Duration?
    /// Balancers that changes were made without and that have not been made right.
    public let leftOut: [LeftOutBalancer]
    /// Hosts that left the inventory and whose units nobody could stop.
    public let stillRunning: [StillRunning]
    /// What stands on hosts about the stage and cannot be read.
    public let unread: [RolloutError]
    /// What to do next, in this order.
    public let next: [Step]

    init(
        _ health: FleetHealth, _ record: StageRecord?, _ notes: StageNotes.Answers, _ session: StageSession,
        settings: Settings = .same
    ) async throws {
        self.settings = settings
        let (journal, controller) = (session.journal, session.controller)
        let now = controller.now()
        let runs = try await journal.runs(stage: session.name, limit: 50)
        let noted = try await journal.lease(stage: session.name)
        let held = notes.lease?.asLease(at: now) ?? noted
        let lease = held.flatMap { $0.expiresAt > now && controller.holder(of: $0) != .gone ? $0 : nil }
        self.health = health
        self.record = record
        unread = notes.faults
        self.lease = lease
        buildName =
            if let digest = record?.current {
                try await journal.builds(prefix: digest.file.description).first?.name
            } else {
                nil
            }
        unfinished = lease == nil ? runs.first { $0.isOpen && $0.kind.isRollout } : nil
        lastChange = runs.first
        sinceLastChange = runs.first.map { max(.zero, now - ($0.endedAt ?? $0.startedAt)) }
        var names: [BuildDigest: String] = [:]
        for build in [runs.first?.build, unfinished?.build].compactMap({ $0?.file }) {
            names[build] = try await journal.builds(prefix: build.description).first?.name
        }
        self.names = names
        leftOut = try await journal.leftOut(stage: session.name)
        stillRunning = try await FormerMembers(session, Departures()).stillRunning
        next = Self.steps(
            health, session.site, isUnfinished: unfinished != nil, isAtWork: lease != nil,
            hasFormer: !stillRunning.isEmpty || settings.areOthers, isNew: runs.isEmpty)
    }

    /// - Parameter isNew: Whether nothing was ever done to the stage.
    static func steps(
        _ health: FleetHealth, _ site: StageSite, isUnfinished: Bool, isAtWork: Bool, hasFormer: Bool, isNew: Bool
    ) -> [Step] {
        var steps: [Step] = isAtWork ? [.watch] : []
        if isUnfinished { steps += [.resume, .goBack] }
        if health.state == .noBuild, !isUnfinished, !isAtWork {
            steps.append(site.stage.after == nil ? .rollOut : .promote)
        }
        let isSilent = health.hosts.contains { [.off, .unasked].contains($0.state) }
        if isSilent || !health.silentBalancers.isEmpty { steps.append(.examine) }
        let isMendable =
            health.hosts.contains { host in
                [.odd, .left, .partly, .out].contains(host.state) && host.stopped == nil && host.keptOut == nil
            } || hasFormer
            || health.problems.contains { site.balancers.contains($0.subject) }
        let isReady = isNew || health.silentBalancers.isEmpty && health.state != .noBuild
        if isMendable, isReady, !isUnfinished, !isAtWork { steps.append(.apply) }
        let stopped = health.hosts.filter { $0.stopped != nil }.map(\.host)
        if !stopped.isEmpty, !isUnfinished, !isAtWork { steps.append(.start(stopped)) }
        let kept = health.hosts.filter { $0.keptOut != nil && $0.stopped == nil }.map(\.host)
        if !kept.isEmpty, !isUnfinished, !isAtWork { steps.append(.letIn(kept)) }
        return steps
    }
}

extension StageReport.Settings {
    /// Whether they are known to be others.
    var areOthers: Bool { if case .others = self { true } else { false } }
}
