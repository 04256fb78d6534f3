import AdHoc
import ArgumentParser
import Fleet
import Foundation
import Inventories

extension Drover {
    /// `drover run PATTERN -- COMMAND`: one command on many hosts at once.
    struct Run: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a command or a local script on many hosts at once.",
            discussion: """
                One word after -- is a line for the shell (drover run all -- 'df -h | tail -1'); several words are a \
                program and its arguments, each kept as it is. With --script they are the script's arguments.

                Grouped output shows hosts that said the same together, at the end; streamed output shows each line as it \
                comes, behind its host's name, and is what a terminal gets. On a terminal, control characters are shown as \
                escapes such as \\x1b, colours stay; files and pipes get what hosts write as it is. --format json writes one object a line as each \
                host ends. Ctrl-C finishes the hosts in hand; the second one ends what runs on them.
                """
        )
        .examples(
            "drover run web -i hosts.yml -- uptime",
            "drover run ap --stage production -b -- 'journalctl -u shop | tail -3'",
            "drover run all -i hosts.yml --script collect.sh --serial 20%")

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.", completion: .hosts) var pattern:
            String
        @Argument(parsing: .postTerminator, help: "The command, after --.") var command: [String] = []
        @Option(
            help: "A local script to run in place of a command, by the program that its first line names.",
            completion: .file())
        var script: String?
        @Option(help: "How output is shown: grouped or stream (default: stream on a terminal, grouped elsewhere).")
        var output: RunOutput?
        @Flag(help: "The same as --output stream.") var stream = false
        @Flag(help: "Let a terminal have everything that hosts write, not only text and colours.") var raw = false
        @Option(help: "Megabytes kept of each stream of a host when output is not streamed: the last ones.")
        var keep = 8
        @Option(help: "Seconds the command may take on a host before it is ended (default: 300).") var timeout: Int?
        @OptionGroup var pace: PaceOptions
        @OptionGroup(title: "Hosts") var source: HostsOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup(title: "Privileges") var become: BecomeOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            if command.isEmpty, script == nil { throw ValidationError("no command given: put it after --") }
            if let timeout, timeout < 1 { throw ValidationError("--timeout must be at least 1") }
            if keep < 1 { throw ValidationError("--keep must be at least 1") }
            if stream, output == .grouped { throw ValidationError("--stream and --output grouped exclude each other") }
            if raw, format.format == .json { throw ValidationError("--raw and --format json exclude each other") }
            if stream || output == .stream, format.format == .json {
                throw ValidationError("--format json shows whole answers, so its output cannot be streamed")
            }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let remote = try remoteCommand()
            // What hosts say is data: a word of it that is a variable's value too stays.
            let chosen = try Composition.choose(
                pattern, of: source, connection, become: become, seams, masksNamed: false)
            let (access, hosts) = (chosen.access, chosen.hosts)
            let reporter = reporter(on: hosts, seams.terminal)
            let command = CommandFanOut(
                remote, privileges: try access.privileges(on: hosts))
            let pace = pace.pace(forks: connection.forks)
            let isComplete = try await access.fanOut(over: hosts, at: pace, seams.terminal) { fanOut in
                await command.perform(with: fanOut, reporter.tell)
            }
            reporter.finish()
            return isComplete ? .done : .failed
        }

        private func reporter(on hosts: [HostName], _ terminal: Terminal) -> any CommandReporter {
            let store = OutputStore(.mebibytes(keep))
            if format.format == .json { return JSONCommandReporter(terminal: terminal, store: store) }
            let fallback: RunOutput = isatty(STDOUT_FILENO) == 1 ? .stream : .grouped
            switch stream ? .stream : output ?? fallback {
            case .stream: return StreamedCommandReporter(hosts, terminal, raw: raw)
            case .grouped: return GroupedCommandReporter(hosts, terminal, store, raw: raw)
            }
        }

        private func remoteCommand() throws -> RemoteCommand {
            var command =
                if let script {
                    try ScriptFile(path: script).command(self.command, privilege: become.privilege)
                } else if self.command.count == 1 {
                    RemoteCommand(shell: self.command[0], privilege: become.privilege)
                } else {
                    RemoteCommand(self.command, privilege: become.privilege)
                }
            if let timeout { command.deadline = .seconds(timeout) }
            command.isForAllToSee = true
            return command
        }
    }
}

/// How the output of many hosts is shown.
enum RunOutput: String, ExpressibleByArgument, CaseIterable {
    /// Hosts that said the same together, at the end.
    case grouped
    /// Each line as it comes.
    case stream
}
