import ArgumentParser
import Fleet
import SSH

extension Drover.ConnectionsCommand {
    /// `drover connections close [HOST...]`
    struct Close: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close kept connections: those to some hosts, or all.",
            discussion: """
                One that a command uses is closed once that command is done. Without hosts, the process that keeps them \
                ends too.
                """
        )
        .examples("drover connections close", "drover connections close web1 web2")

        @Argument(help: "The hosts, as inventories name them; all unless some are named.", completion: .hosts)
        var hosts: [String] = []
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        /// What was done, as programs read it.
        struct Answer: SchemaDocument {
            static let schema = DocumentSchema(
                "connections-close", "That kept connections were closed",
                [.always("closed", .integer, "how many; those in use end once they are not")])

            let closed: Int
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let names = try hosts.map { try HostName($0) }
            let count = await Composition.keptConnections(seams).close(names)
            switch format.format {
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(Answer(closed: count)))
            case .table: seams.terminal.write(count.of("connection") + " closed")
            }
            return .done
        }
    }
}
