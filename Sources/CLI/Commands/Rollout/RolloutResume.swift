import ArgumentParser
import Fleet
import Journaling
import Rollouts

extension Drover.RolloutCommand {
    /// `drover rollout resume [STAGE]`
    struct Resume: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Finish a rollout that was interrupted.")

        @Argument(help: "The stage (default: the one with an unfinished rollout).") var stage: String?
        @OptionGroup var without: WithoutOptions
        @OptionGroup var service: ServiceOptions
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let name: String
            if let stage { name = stage } else { name = try await unfinishedStage(file, seams) }
            let session = try await StageSession(
                file, stage: name, connection, format.format, seams, without: try without.reasons())
            let state = try await session.changing { lease in
                guard let found = try await session.ledger.unfinished(name) else {
                    throw NothingToResume(subject: name)
                }
                return try await session.drive(try await session.ledger.resume(found, under: lease), under: lease)
            }
            return session.report(state)
        }

        private func unfinishedStage(_ file: ServiceFile, _ seams: Seams) async throws -> String {
            let journal = try SQLiteJournal(path: file.stateFolder(seams) + "/journal.sqlite")
            let open = try await journal.runs(stage: nil, limit: 100).filter { $0.isOpen && $0.kind.isRollout }
            let stages = Set(open.map(\.stage)).sorted()
            guard let only = stages.first else { throw NothingToResume(subject: nil) }
            guard stages.count == 1 else {
                throw InputError(
                    "several stages have unfinished rollouts", hints: stages.map { "drover rollout resume \($0)" })
            }
            return only
        }
    }
}

/// No rollout was interrupted.
struct NothingToResume: ExplainedError {
    let subject: String?
    let message = "no rollout is unfinished"
    let hints = ["see what was done: drover history"]
}
