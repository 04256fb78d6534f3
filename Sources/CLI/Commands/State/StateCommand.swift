import ArgumentParser

extension Drover {
    /// `drover state`: the journal as a file.
    struct StateCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "state", abstract: "Take the journal elsewhere.", subcommands: [Export.self, Import.self])
    }
}
