import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover promote [BUILD]`
    struct Promote: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring a build that passed one stage to the next.")

        @Argument(help: "The beginning of a digest (default: what the stage before runs).") var build: String?
        @Option(help: "The stage it goes to (default: the one that comes after another).") var to: String?
        @OptionGroup var policy: PolicyOptions
        @OptionGroup var evidence: EvidenceOptions
        @OptionGroup var without: WithoutOptions
        @OptionGroup var service: ServiceOptions
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let (stage, before) = try target(in: file)
            let session = try await StageSession(
                file, stage: stage, connection, format.format, seams, without: try without.reasons())
            let record = try await session.journal.build(try await digest(before, session.journal))
            let skipped = try await evidence.check(record, for: session.site.stage, in: session.journal)
            let start = RolloutStart(
                session: session, build: try BuildDigest(record.digest), kind: .promotion,
                policy: policy.applied(to: session.site.stage.rollout), skippedEvidence: skipped)
            return try await start()
        }

        private func target(in file: ServiceFile) throws(InputError) -> (stage: String, before: String) {
            let later = file.stages.filter { $0.after != nil }
            let chosen = to.map { name in later.first { $0.name == name } } ?? (later.count == 1 ? later.first : nil)
            if let chosen, let before = chosen.after { return (chosen.name, before) }
            if let to { _ = try file.stage(to) }
            throw InputError(
                to.map { "stage '\($0)' comes after no other" } ?? "there are \(later.count) stages to promote to",
                at: SourceLocation(file: file.path),
                hints: later.isEmpty
                    ? ["a stage names the one before it: after: STAGE"] : later.map { "--to \($0.name)" })
        }

        private func digest(_ before: String, _ journal: any RunJournal) async throws -> String {
            if let build { return build.lowercased() }
            guard let current = try await journal.stage(before)?.current else {
                throw MissingEvidence(
                    subject: before, message: "the stage runs no build yet",
                    hints: ["drover rollout \(before) BUILD"])
            }
            return current
        }
    }
}
