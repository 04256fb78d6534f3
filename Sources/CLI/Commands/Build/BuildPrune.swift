import ArgumentParser
import Fleet
import Rollouts

extension Drover.BuildCommand {
    /// `drover build prune`
    struct Prune: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove old builds that no stage runs or would go back to.",
            discussion: "Where builds are shared, those that were added or taken within the last hour stay there."
        )
        .examples("drover build prune --keep 5")

        @Option(help: "How many of the newest stay (default: what drover.yml says under retention, or 20).")
        var keep: Int?
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            if let keep, keep < 0 { throw ValidationError("--keep must not be negative") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            try StateChoice(service, seams).expectThere()
            let kept = try keep ?? Composition.retention(service, seams).builds
            let report = try await Composition.pruning(service, connection, seams).prune(keeping: kept)
            try seams.terminal.show(report.builds.map(RemovedBuildAnswer.init), as: format.format)
            if let fault = report.fault { throw fault }
            return .done
        }
    }
}
