import ArgumentParser
import Rollouts

extension Drover {
    /// `drover start STAGE [HOST|GROUP]`
    struct StartUnits: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Start the service on hosts where it was stopped, and admit them.",
            discussion: """
                Units that run already are left alone. A host gets traffic once it is healthy.
                """
        )
        .examples("drover start production ap1")

        @OptionGroup var units: UnitOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus { try await units.perform(.start, seams) }
    }
}
