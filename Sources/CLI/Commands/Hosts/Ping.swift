import ArgumentParser
import Fleet
import Foundation
import Inventories

extension Drover {
    /// `drover ping [PATTERN]`: which hosts answer, and how fast.
    struct Ping: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which hosts answer, and how fast.",
            discussion: """
                CONNECT is the time until logged in, waiting for other hosts' handshakes included; COMMAND is the time \
                that an empty command takes on a connection that is open.
                """)

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.") var pattern = "all"
        @OptionGroup var inventory: InventoryOptions
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var become: BecomeOptions
        @OptionGroup var format: FormatOptions

        /// How long a host took.
        private struct Times: Sendable {
            var connect: Duration
            var command: Duration
        }

        /// One host, as programs read it.
        private struct Row: Encodable {
            let host: HostName
            let isReachable: Bool
            var connectMilliseconds: Double?
            var commandMilliseconds: Double?
            var error: String?
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let access = try Composition.hosts(inventory, connection, become: become, seams)
            let hosts = try access.inventory.hosts(matching: pattern, limit: inventory.limit)
            let privileges = try access.privileges(on: hosts, flags: become.privilege)
            let fanOut = FanOut(access: access, hosts: hosts, terminal: seams.terminal)
            let answers = try await fanOut.answers { transport, connect throws(TransportError) in
                let privilege = privileges[transport.host] ?? .login
                let command = RemoteCommand(shell: "true", privilege: privilege, deadline: .seconds(30))
                // The first one starts the shell.
                _ = try await transport.run(command)
                return Times(connect: connect, command: try await transport.run(command).elapsed)
            }
            await access.connector.closeAll()
            try show(answers, seams.terminal)
            let isComplete = answers.allSatisfy { if case .success = $0.result { true } else { false } }
            return isComplete ? .done : .failed
        }

        private func show(_ answers: [HostAnswer<Times>], _ terminal: Terminal) throws {
            var table = Table("HOST", "CONNECT", "COMMAND")
            var rows: [Row] = []
            var failures: [(host: HostName, error: TransportError)] = []
            for answer in answers {
                switch answer.result {
                case .success(let times):
                    table.add(answer.host.description, Self.text(times.connect), Self.text(times.command))
                    rows.append(
                        Row(
                            host: answer.host, isReachable: true, connectMilliseconds: times.connect / .milliseconds(1),
                            commandMilliseconds: times.command / .milliseconds(1)))
                case .failure(let error):
                    failures.append((answer.host, error))
                    rows.append(Row(host: answer.host, isReachable: false, error: error.message))
                case nil: rows.append(Row(host: answer.host, isReachable: false, error: "stopped before"))
                }
            }
            try terminal.show(table, or: rows, as: format.format)
            terminal.show(failures: failures)
        }

        private static func text(_ duration: Duration) -> String {
            String(format: "%.1f ms", duration / .milliseconds(1))
        }
    }
}
