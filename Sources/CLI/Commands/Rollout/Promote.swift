import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover promote [BUILD]`
    struct Promote: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring a build that passed one stage to the next."
        )
        .examples("drover promote", "drover promote --ci --junit report.xml")

        @Argument(
            help: "A build's name, version, commit or first digits (default: what the stage before runs).",
            completion: .builds)
        var build: String?
        @Option(help: "The stage it goes to (default: the one that comes after another).", completion: .stages) var to:
            String?
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
            let file = try service.read(seams)
            let (stage, before) = try file.promotion(to: to)
            // Its hosts are the truth about what has passed there.
            _ = try await StageWork(file, stage: before, connection, format.format, seams).learned()
            let work = try await StageWork(
                file, stage: stage.name, connection, format.format, seams, without: try without.reasons(),
                lock: lock.terms)
            let record = try await work.session.promotable(build, from: before)
            let skipped = try await work.session.checkEvidence(of: record, skipping: evidence.reason)
            let approval = evidence.approval
            try await work.session.checkRequirements(of: record, approval: approval, skipping: evidence.reason)
            let policy = policy.applied(to: stage.rollout)
            if dryRun.isAsked {
                return try await dryRun.told(work, format.format) { session in
                    try await session.foresee(record.digest, .promotion, policy: policy, skippedEvidence: skipped)
                }
            }
            guard consent.isAgreed(to: record, on: work.session.site, seams.terminal) else { return .failed }
            let waiting = waiting
            let state = try await work.watched { session in
                try await waiting.applied(to: session).rollOut(
                    record.digest, .promotion, policy: policy, skippedEvidence: skipped, approval: approval)
            }
            return await work.pruned(work.reporter.tellEnd(state))
        }
    }
}
