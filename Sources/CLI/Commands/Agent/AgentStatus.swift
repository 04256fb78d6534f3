import AdHoc
import ArgumentParser
import Fleet
import Inventories

extension Drover.AgentCommand {
    /// `drover agent status [PATTERN]`
    struct Status: ListingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which hosts have an agent, of which version, and how it does.",
            discussion: """
                Agents of another version than this program are told and served all the same. Ends with 1 where a host has \
                none, or one that does not do well.
                """
        )
        .examples("drover agent status production", "drover agent status ap -i hosts.yml --format json")

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.", completion: .hosts) var pattern =
            "all"
        @OptionGroup(title: "Hosts") var source: HostsOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup(title: "Privileges") var become: BecomeOptions
        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let chosen = try Composition.choose(pattern, of: source, connection, become: become, seams)
            let privileges = try chosen.access.privileges(on: chosen.hosts)
            let rights = StageRights()
            // Its settings and history are not everybody's to read.
            let work: FanOut.Work<AgentSurvey> = { transport, _ throws(TransportError) in
                if let asked = privileges[transport.host], asked != .login {
                    return try await AgentInstallation.survey(over: transport, asked, withStatus: true)
                }
                return try await rights.look(over: transport) { privilege throws(TransportError) in
                    try await AgentInstallation.survey(over: transport, privilege, withStatus: true)
                }
            }
            let answers = try await chosen.access.fanOut(over: chosen.hosts, seams.terminal) { await $0.answers(work) }
            let rows = answers.map(AgentStatusAnswer.init)
            return try AgentReport(seams.terminal, format).show(
                status: rows, failures: answers.compactMap(\.failure), origin: chosen.access.connections.origin)
        }
    }
}
