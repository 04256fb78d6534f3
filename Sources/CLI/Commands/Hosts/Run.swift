import ArgumentParser
import Fleet
import Inventories

extension Drover {
    /// `drover run PATTERN -- COMMAND`: one command on many hosts at once.
    struct Run: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a command on many hosts at once.",
            discussion: """
                One word after -- is a line for the shell (drover run all -- 'df -h | tail -1'); several words are a \
                program and its arguments, each kept as it is. Hosts that say the same are shown together.
                """)

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.") var pattern: String
        @Argument(parsing: .postTerminator, help: "The command, after --.") var command: [String] = []
        @Option(help: "Seconds the command may take on a host (default: 300).") var timeout: Int?
        @OptionGroup var inventory: InventoryOptions
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var become: BecomeOptions
        @OptionGroup var format: FormatOptions

        func validate() throws {
            if command.isEmpty { throw ValidationError("no command given: put it after --") }
            if let timeout, timeout < 1 { throw ValidationError("--timeout must be at least 1") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let access = try Composition.hosts(inventory, connection, become: become, seams)
            let hosts = try access.inventory.hosts(matching: pattern, limit: inventory.limit)
            let command = remoteCommand
            let privileges = try access.privileges(on: hosts, flags: become.privilege)
            let fanOut = FanOut(access: access, hosts: hosts, terminal: seams.terminal)
            let answers = try await fanOut.answers { transport, _ throws(TransportError) in
                var command = command
                command.privilege = privileges[transport.host] ?? command.privilege
                return try await transport.run(command)
            }
            await access.connector.closeAll()
            let report = RunReport(answers)
            switch format.format {
            case .table: report.tell(on: seams.terminal)
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(report.answers))
            }
            return report.hasFailed ? .failed : .done
        }

        private var remoteCommand: RemoteCommand {
            var command =
                self.command.count == 1
                ? RemoteCommand(shell: self.command[0], privilege: become.privilege)
                : RemoteCommand(self.command, privilege: become.privilege)
            if let timeout { command.deadline = .seconds(timeout) }
            command.isForAllToSee = true
            return command
        }
    }
}
