import ArgumentParser
import Fleet
import Foundation
import Inventories
import SSH

extension Drover {
    /// `drover ssh HOST`: becomes the installed OpenSSH client.
    struct Login: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "ssh", abstract: "Log into a host with the installed ssh, as the inventory says.",
            discussion: "With a command it runs that there, and ends as it does."
        )
        .examples("drover ssh ap1 --stage production", "drover ssh ap1 -i hosts.yml -- journalctl -f")

        @Argument(help: "The host.", completion: .hosts) var host: String
        @Argument(help: "A command; -- before it where it has options.") var command: [String] = []
        @OptionGroup(title: "Hosts") var source: HostsOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let chosen = try Composition.choose(host, of: source, connection, seams)
            let (access, hosts) = (chosen.access, chosen.hosts)
            guard hosts.count == 1, let only = hosts.first else {
                throw InputError(
                    "ssh goes to one host, but '\(host)' names \(hosts.count)",
                    hints: ["name one of: \(NodeSet.text(hosts))"])
            }
            let route = try access.route(to: only)
            guard route.connection == .ssh else {
                throw InputError("the host '\(only)' is this machine (ansible_connection: local), without SSH")
            }
            try ProcessReplacement.become(
                OpenSSHWords(seams.sshConfiguration)
                    .words(for: route, command: command, wantsTerminal: isatty(STDIN_FILENO) == 1))
        }
    }
}
