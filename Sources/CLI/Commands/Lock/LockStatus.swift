import ArgumentParser
import Rollouts

extension Drover.LockCommand {
    /// `drover lock status STAGE`
    struct Status: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Say who may change a stage at present.")
            .examples("drover lock status production")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let work = try await StageWork(try service.read(seams), stage: stage, connection, format.format, seams)
            let lease = try await StageLock(work.session).lease()
            await work.session.close()
            let answer = LeaseAnswer(stage: stage, lease, by: .this)
            switch format.format {
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(answer))
            case .table: seams.terminal.write(wrapping: answer.words)
            }
            return .done
        }
    }
}
