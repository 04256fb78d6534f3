import ArgumentParser
import Fleet
import Rollouts

extension Drover.BuildCommand {
    /// `drover build add FILE`
    struct Add: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a build: a tar archive of one release.",
            discussion: """
                Prints its digest and name. Adding the same content again under another name has it found by both. Where the service has a shared store \
                (`builds:` in drover.yml, or $DROVER_BUILDS), it is put there as well.
                """
        )
        .examples("drover build add shop-1.2.tar.gz")

        @Argument(help: "The archive: .tar.gz, .tar.zst or .tar.", completion: .file()) var file: String
        @Option(help: "What people call it (default: the file's name).") var name: String?
        @OptionGroup var provenance: ProvenanceOptions
        @OptionGroup var signing: SigningOptions
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let builds = try Composition.builds(service, connection, seams)
            let build = try await seams.terminal.during("reading \(file)") {
                try await signing.applied(
                    to: builds.add(file, name: name, provenance: provenance.values), builds)
            }
            switch format.format {
            case .table: seams.terminal.write("\(build.digest)  \(build.name)")
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(BuildAnswer(build)))
            }
            return .done
        }
    }
}
