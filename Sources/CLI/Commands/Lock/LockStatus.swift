import ArgumentParser
import Fleet
import Journaling

extension Drover.LockCommand {
    /// `drover lock status STAGE`
    struct Status: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Say who may change a stage at present.")

        @Argument(help: "The stage.") var stage: String
        @OptionGroup var service: ServiceOptions
        @OptionGroup var format: FormatOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let lease = try await service.read(seams).journal(of: stage, seams).lease(stage: stage)
            let answer = LeaseAnswer(stage: stage, lease, now: Controller.now())
            switch format.format {
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(answer))
            case .table: seams.terminal.write(answer.words)
            }
            return .done
        }
    }
}
