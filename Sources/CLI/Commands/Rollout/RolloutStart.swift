import ArgumentParser
import Fleet
import Rollouts

extension Drover.RolloutCommand {
    /// `drover rollout STAGE BUILD`
    struct Start: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Bring a build to a stage (the default).")

        @Argument(help: "The stage.") var stage: String
        @Argument(help: "A file, which is added, or the beginning of a digest.") var build: String
        @OptionGroup var policy: PolicyOptions
        @OptionGroup var evidence: EvidenceOptions
        @OptionGroup var without: WithoutOptions
        @OptionGroup var service: ServiceOptions
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let session = try await StageSession(
                file, stage: stage, connection, format.format, seams, without: try without.reasons())
            let catalog = BuildCatalog(
                journal: session.journal, store: session.builds, terminal: session.terminal)
            let record = try await catalog.resolve(build)
            let skipped = try await evidence.check(record, for: session.site.stage, in: session.journal)
            let digest = try BuildDigest(record.digest)
            let start = RolloutStart(
                session: session, build: digest, kind: .rollout, policy: policy.applied(to: session.site.stage.rollout),
                skippedEvidence: skipped)
            return try await start()
        }
    }
}

/// Begins a rollout and drives it to its end.
struct RolloutStart: Sendable {
    let session: StageSession
    let build: BuildDigest
    let kind: RolloutPlan.Kind
    let policy: RolloutPolicy
    var skippedEvidence: String?

    /// Runs under the stage's lease.
    func callAsFunction() async throws -> ExitStatus {
        let site = session.site
        try await session.builds.check(build)
        let state = try await session.changing { lease in
            try await session.refuseUnfinished()
            let current = try await session.journal.stage(site.stage.name)?.current
            let plan = RolloutPlan(
                stage: site.stage.name, kind: kind, build: build,
                baseline: try current.map { try BuildDigest($0).release }, hosts: site.pool.members.map(\.host),
                policy: policy, skippedEvidence: skippedEvidence)
            try session.expectRoomForJournal()
            // Nothing is begun that could not move traffic.
            _ = try await session.rolloutTraffic(under: lease, isTold: false)
            let rollout = try await session.ledger.begin(plan, under: lease)
            return try await session.drive(rollout, under: lease)
        }
        return session.report(state)
    }
}
