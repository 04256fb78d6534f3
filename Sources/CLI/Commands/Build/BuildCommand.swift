import ArgumentParser

extension Drover {
    /// `drover build`: the builds that rollouts bring to stages.
    struct BuildCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "build", abstract: "Keep builds, named by what they hold.",
            subcommands: [Make.self, Add.self, Sign.self, List.self, Remove.self, Prune.self])
    }
}
