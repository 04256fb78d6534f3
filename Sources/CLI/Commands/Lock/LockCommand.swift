import ArgumentParser

extension Drover {
    /// `drover lock`: who may change a stage.
    struct LockCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "lock", abstract: "Show and release the lease of whoever is changing a stage.",
            subcommands: [Status.self, Release.self])
    }
}
