import ArgumentParser
import Fleet
import Rollouts

extension Drover.BuildCommand {
    /// `drover build remove BUILD`
    struct Remove: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a build, here and where builds are shared: its file, its record and what it passed.",
            discussion: "Hosts keep the releases that they have, and what they know of them."
        )
        .examples("drover build remove 4e7ac81f09b2")

        @Argument(help: "A build's name, version, commit or first digits.", completion: .builds) var build: String
        @Flag(help: "Also one that a stage runs or would go back to.") var force = false
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            try StateChoice(service, seams).expectThere()
            let pruning = try Composition.pruning(service, connection, seams)
            let removed = try await pruning.remove(build, isForced: force)
            try seams.terminal.show([RemovedBuildAnswer(removed)], as: format.format)
            return .done
        }
    }
}
