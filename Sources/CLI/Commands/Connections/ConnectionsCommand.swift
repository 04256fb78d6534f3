import ArgumentParser

extension Drover {
    /// `drover connections`: what is kept for the next command.
    struct ConnectionsCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "connections",
            abstract: "Show and close the connections that are kept for the next command.",
            discussion: """
                A connection is kept for a minute after the last command that used it, by a small process of yours that \
                ends by itself; DROVER_CONNECTIONS=off keeps none, DROVER_CONNECTIONS=300 keeps them for five minutes. Where \
                CI=true is set none is kept unless that is said. A connection that took a password is never kept.
                """,
            subcommands: [List.self, Close.self, Keep.self])
    }
}
