import AdHoc
import ArgumentParser
import Fleet
import Inventories

extension Drover.AgentCommand {
    /// `drover agent remove PATTERN`
    struct Remove: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the agent off hosts, with all that came with it.",
            discussion: """
                Its program, unit, settings, rules and user go, and its history too, unless --keep-history says otherwise. A \
                pool whose balancers ask agents (agent: true) has to do without first.
                """
        )
        .examples(
            "drover agent remove ap3 --stage production", "drover agent remove all -i hosts.yml --keep-history")

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.", completion: .hosts) var pattern:
            String
        @Flag(help: "Leave the history where it is, for an agent that comes back.") var keepHistory = false
        @OptionGroup var pace: PaceOptions
        @OptionGroup(title: "Hosts") var source: HostsOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup(title: "Privileges") var become: BecomeOptions
        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let chosen = try Composition.choose(pattern, of: source, connection, become: become, seams)
            let privileges = AgentInstallation.rights(try chosen.access.privileges(on: chosen.hosts))
            let work: FanOut.Work<Bool> = { [keepHistory] transport, _ throws(TransportError) in
                try await AgentInstallation.remove(
                    over: transport, privileges[transport.host] ?? .root, keepsHistory: keepHistory)
            }
            let pace = pace.pace(forks: connection.forks)
            let answers = try await chosen.access.fanOut(over: chosen.hosts, at: pace, seams.terminal) {
                await $0.answers(work)
            }
            return try AgentReport(seams.terminal, format).show(
                answers.map { AgentAnswer(removed: $0) }, failures: answers.compactMap(\.failure))
        }
    }
}
