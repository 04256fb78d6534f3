import ArgumentParser
import Fleet
import Rollouts

extension Drover.RolloutCommand {
    /// `drover rollout resume [STAGE]`
    struct Resume: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Finish a rollout that was interrupted.")
            .examples("drover rollout resume production")

        @Argument(help: "The stage (default: the one with an unfinished rollout).", completion: .stages) var stage:
            String?
        @OptionGroup var waiting: WaitOptions
        @OptionGroup var without: WithoutOptions
        @OptionGroup var lock: LockOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let work = try await StageWork(
                file, stage: try await name(file, seams), connection, format.format, seams,
                without: try without.reasons(),
                lock: lock.terms)
            let waiting = waiting
            return await work.told(
                try await work.watched { session in try await waiting.applied(to: session).goOn() })
        }

        private func name(_ file: ServiceFile, _ seams: Seams) async throws -> String {
            if let stage { return stage }
            for stage in file.stages {
                _ = try await StageWork(file, stage: stage.name, connection, format.format, seams).learned()
            }
            return try await RolloutLedger.unfinishedStage(
                in: try StateChoice(file, seams).journal())
        }
    }
}
