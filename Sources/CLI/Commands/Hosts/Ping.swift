import AdHoc
import ArgumentParser
import Fleet
import Foundation
import Inventories

extension Drover {
    /// `drover ping [PATTERN]`: which hosts answer, and how fast.
    struct Ping: ListingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which hosts answer, and how fast.",
            discussion: """
                CONNECT is the time until logged in, waiting for other hosts' handshakes included; COMMAND is the time \
                that an empty command takes on a connection that is open.
                """
        )
        .examples("drover ping -i hosts.yml", "drover ping ap --stage production")

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.", completion: .hosts) var pattern =
            "all"
        @OptionGroup(title: "Hosts") var source: HostsOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup(title: "Privileges") var become: BecomeOptions
        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        /// How long a host took.
        private struct Times: Sendable {
            var connect: Duration
            var command: Duration
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let chosen = try Composition.choose(
                pattern, of: source, connection, become: become, seams)
            let (access, hosts) = (chosen.access, chosen.hosts)
            let privileges = try access.privileges(on: hosts)
            let work: FanOut.Work<Times> = { transport, connect throws(TransportError) in
                let privilege = privileges[transport.host] ?? .login
                let command = RemoteCommand(shell: "true", privilege: privilege, deadline: .seconds(30))
                // The first one starts the shell.
                _ = try await transport.run(command)
                return Times(connect: connect, command: try await transport.run(command).elapsed)
            }
            let terminal = seams.terminal
            let answers = try await access.fanOut(over: hosts, terminal) { fanOut in
                await fanOut.answers(work)
            }
            try show(answers, terminal)
            return answers.allSatisfy(\.isSuccess) ? .done : .failed
        }

        private func show(_ answers: [HostAnswer<Times>], _ terminal: Terminal) throws {
            var table = Table("HOST", "CONNECT", "COMMAND")
            for answer in answers {
                guard case .success(let times) = answer.result else { continue }
                table.add(answer.host.description, Self.text(times.connect), Self.text(times.command))
            }
            try terminal.show(table, or: answers.map(Self.row), as: format.format)
            terminal.show(
                failures: answers.compactMap { answer in
                    if case .failure(let error) = answer.result { (answer.host, error) } else { nil }
                })
        }

        private static func row(_ answer: HostAnswer<Times>) -> PingAnswer {
            switch answer.result {
            case .success(let times):
                PingAnswer(
                    host: answer.host, isReachable: true, connectMilliseconds: times.connect / .milliseconds(1),
                    commandMilliseconds: times.command / .milliseconds(1))
            case .failure(let error): PingAnswer(host: answer.host, isReachable: false, error: error.message)
            case nil: PingAnswer(host: answer.host, isReachable: false, error: "stopped before")
            }
        }

        private static func text(_ duration: Duration) -> String {
            String(format: "%.1f ms", duration / .milliseconds(1))
        }
    }
}
