public import ArgumentParser

/// The `drover` command and the list of its subcommands.
public struct Drover: AsyncParsableCommand {
    /// What `drover --help` shows.
    public static let configuration = CommandConfiguration(
        commandName: "drover",
        abstract:
            "Scale a web service out over plain Linux hosts, keep its balancers true, roll builds through stages.",
        version: "drover \(version)",
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(name: "Fleet:", subcommands: []),
            CommandGroup(name: "Hosts:", subcommands: [InventoryCommand.self]),
            CommandGroup(name: "Pipeline:", subcommands: []),
            CommandGroup(name: "Workshop:", subcommands: []),
        ])

    /// The version this program reports.
    public static let version = "0.1.0"

    /// Parsed by ArgumentParser.
    public init() {}
}
