import ArgumentParser
import Fleet
import SSH

extension Drover.ConnectionsCommand {
    /// `drover connections list`
    struct List: ListingCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the connections that are kept, and for how long nobody has used each."
        )
        .examples("drover connections list")

        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        /// One connection, as programs read it.
        struct Row: SchemaDocument {
            static let schema = DocumentSchema(
                "connection", "A connection that is kept",
                [
                    .always("host", .text, "the host"),
                    .always("user", .text, "who is logged in"),
                    .always("address", .text, "where it goes to"),
                    .always("port", .integer, "the port there"),
                    .always("since", .time, "when it was made"),
                    .maybe("idleSeconds", .number, "for how long nobody has used it; absent while a command does"),
                    .always("shells", .integer, "how many shells it has"),
                ])

            let host: HostName
            let user: String
            let address: String
            let port: UInt16
            let since: String
            /// `nil` while a command uses it.
            let idleSeconds: Double?
            let shells: Int
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let connections = await Composition.keptConnections(seams).connections()
            var table = Table("HOST", "USER", "ADDRESS", "SINCE", "IDLE", "SHELLS")
            table.spare = ["SINCE", "USER"]
            for connection in connections {
                table.add(
                    connection.host.description, connection.user, "\(connection.address):\(connection.port)",
                    connection.since.description, connection.idle.map(\.inSeconds) ?? "in use",
                    String(connection.shells))
            }
            if connections.isEmpty { seams.terminal.tell("no connection is kept") }
            try seams.terminal.show(table, or: connections.map(Self.row), as: format.format)
            return .done
        }

        private static func row(_ connection: KeptConnectionFacts) -> Row {
            Row(
                host: connection.host, user: connection.user, address: connection.address, port: connection.port,
                since: connection.since.description, idleSeconds: connection.idle.map { $0 / .seconds(1) },
                shells: connection.shells)
        }
    }
}
