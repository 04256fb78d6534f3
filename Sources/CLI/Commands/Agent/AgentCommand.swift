import ArgumentParser

extension Drover {
    /// `drover agent`: what runs on hosts to keep their history and tell balancers their headroom.
    struct AgentCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "agent",
            abstract: "Install, look at and remove what keeps hosts' history and tells balancers their headroom.",
            subcommands: [Install.self, Status.self, Remove.self])
    }
}
