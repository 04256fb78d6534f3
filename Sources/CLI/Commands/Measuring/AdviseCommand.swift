import ArgumentParser

extension Drover {
    /// `drover advise`: what would mend it, worked out.
    struct AdviseCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "advise",
            abstract: "Where to keep objects; whether a tier takes more memory or more hosts, with both worked out.",
            subcommands: [Storage.self, Memory.self, Hosts.self])
    }
}
