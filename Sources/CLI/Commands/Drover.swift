public import ArgumentParser
import Sampling

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
            CommandGroup(
                name: "Fleet",
                subcommands: [Init.self, Check.self, Plan.self, Apply.self, Status.self, PoolCommand.self]),
            CommandGroup(
                name: "Service",
                subcommands: [
                    Logs.self, RestartUnits.self, StopUnits.self, StartUnits.self, DrainMember.self, UndrainMember.self,
                    WeighMember.self, MaintenanceCommand.self,
                ]),
            CommandGroup(
                name: "Hosts",
                subcommands: [
                    Run.self, Copy.self, Login.self, Ping.self, Doctor.self, Trust.self, ConnectionsCommand.self,
                    InventoryCommand.self,
                ]),
            CommandGroup(
                name: "Insight",
                subcommands: [
                    Diagnose.self, Top.self, Sar.self, Capacity.self, AdviseCommand.self, AgentCommand.self,
                ]),
            CommandGroup(
                name: "Pipeline",
                subcommands: [
                    BuildCommand.self, RolloutCommand.self, Promote.self, Rollback.self, History.self, LockCommand.self,
                    StateCommand.self,
                ]),
            CommandGroup(name: "Workshop", subcommands: [LabCommand.self, Render.self, Reference.self]),
        ])

    /// The version this program reports.
    public static let version = ProgramVersion.text

    /// Parsed by ArgumentParser.
    public init() {}
}
