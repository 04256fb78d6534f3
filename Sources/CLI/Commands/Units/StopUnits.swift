import ArgumentParser
import Rollouts

extension Drover {
    /// `drover stop STAGE [HOST|GROUP]`
    struct StopUnits: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "stop", abstract: "Take hosts out of rotation and stop the service on them.",
            discussion: """
                Refused before anything is touched when fewer members than the stage's minimum would be in service. They stay \
                out of rotation until drover start, or drover apply; a host that boots starts its units, and gets no traffic.
                """
        )
        .examples("drover stop production ap1")

        @Flag(name: .customLong("allow-below"), help: "Let fewer members than the stage's minimum stay in service.")
        var allowsBelow = false
        @OptionGroup var units: UnitOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            try await units.perform(.stop, allowsBelow: allowsBelow, seams)
        }
    }
}
