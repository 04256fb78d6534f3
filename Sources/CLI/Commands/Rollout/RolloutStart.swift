import ArgumentParser
import Fleet
import Rollouts

extension Drover.RolloutCommand {
    /// `drover rollout STAGE BUILD`
    struct Start: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Bring a build to a stage (the default)."
        )
        .examples("drover rollout staging shop-1.2.tar.gz", "drover rollout production 4e7ac81f09b2 --ci")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @Argument(
            help: "A folder (which is packed), a file, or a build's name, version, commit or first digits.",
            completion: .buildsAndFiles) var build: String
        @OptionGroup var policy: PolicyOptions
        @OptionGroup var evidence: EvidenceOptions
        @OptionGroup var dryRun: DryRunOptions
        @OptionGroup var consent: ConsentOptions
        @OptionGroup var waiting: WaitOptions
        @OptionGroup var without: WithoutOptions
        @OptionGroup var lock: LockOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup var junit: JUnitOptions
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let work = try await StageWork(
                try service.read(seams), stage: stage, connection, format.format, seams,
                without: try without.reasons(),
                lock: lock.terms)
            let record = try await work.build(build)
            let skipped = try await work.session.checkEvidence(of: record, skipping: evidence.reason)
            let approval = evidence.approval
            try await work.session.checkRequirements(of: record, approval: approval, skipping: evidence.reason)
            let policy = policy.applied(to: work.session.site.stage.rollout)
            if dryRun.isAsked {
                return try await dryRun.told(work, format.format) { session in
                    try await session.foresee(record.digest, .rollout, policy: policy, skippedEvidence: skipped)
                }
            }
            guard consent.isAgreed(to: record, on: work.session.site, seams.terminal) else { return .failed }
            let waiting = waiting
            let state = try await work.watched { session in
                try await waiting.applied(to: session).rollOut(
                    record.digest, .rollout, policy: policy, skippedEvidence: skipped, approval: approval)
            }
            return await work.pruned(work.reporter.tellEnd(state))
        }
    }
}
