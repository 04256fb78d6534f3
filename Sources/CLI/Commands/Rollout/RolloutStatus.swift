import ArgumentParser
import Fleet
import Rollouts

extension Drover.RolloutCommand {
    /// `drover rollout status [STAGE]`
    struct Status: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "How a rollout stands: its batches, what gates found, who drives it, and what it waits for.",
            discussion: "Asks the stage's hosts, so that it shows what a controller elsewhere does as well."
        )
        .examples("drover rollout status", "drover rollout status production -w")

        @Argument(help: "Only this stage.", completion: .stages) var stage: String?
        @Flag(name: .shortAndLong, help: "Tell whatever changes until it is over.") var watch = false
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let names = try stage.map { [try file.stage($0).name] } ?? file.stages.map(\.name)
            var told: [RolloutAnswer] = []
            while true {
                let begun = ContinuousClock.now
                var answers: [RolloutAnswer] = []
                for name in names {
                    let work = try await StageWork(file, stage: name, connection, format.format, seams)
                    let standing = try await work.session.rolloutStanding()
                    await work.session.close()
                    answers.append(RolloutAnswer(standing, stage: name))
                }
                for answer in answers where !told.contains(where: answer.isSame) { try show(answer, seams.terminal) }
                told = answers
                guard watch, answers.contains(where: \.isUnderWay) else { return .done }
                try await Task.sleep(until: begun + .seconds(2), clock: .continuous)
            }
        }

        private func show(_ answer: RolloutAnswer, _ terminal: Terminal) throws {
            switch format.format {
            case .json: terminal.write(json: try EncodedJSON.line(answer))
            case .table: for line in answer.lines { terminal.write(wrapping: line) }
            }
        }
    }
}
