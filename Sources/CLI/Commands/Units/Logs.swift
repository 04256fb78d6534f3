import AdHoc
import ArgumentParser
import Fleet
import Inventories
import Rollouts

extension Drover {
    /// `drover logs STAGE [HOST|GROUP]`
    struct Logs: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what the service's units wrote to the journal of a stage's hosts.",
            discussion: """
                Each line stands behind its host's name where several hosts are asked. With -f, lines are shown as they are \
                written until Ctrl-C. --format json writes one object a line.
                """
        )
        .examples("drover logs production -f", "drover logs production ap1 --since today")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @Argument(help: "Only these members: a host, a group, or any Ansible pattern.", completion: .hosts) var hosts:
            String?
        @Flag(name: .shortAndLong, help: "Go on showing what is written, until Ctrl-C.") var follow = false
        @Option(
            help: ArgumentHelp(
                "Only what is newer: 10m, or what journalctl takes, such as yesterday.", valueName: "time"))
        var since: String?
        @Option(
            name: [.customShort("n"), .long],
            help: "How many lines of each host, the last ones (default: \(UnitLog.usualLines), and all with --since).")
        var lines: Int?
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var login: LoginOptions
        @Option(help: "How many hosts are connected to at once (default: 30).") var forks: Int?
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            if let lines, lines < 1 { throw ValidationError("--lines must be at least 1") }
            if let since, since.allSatisfy(\.isWhitespace) { throw ValidationError("--since wants a time") }
            if let forks, forks < 1 { throw ValidationError("--forks must be at least 1") }
            if follow, since != nil, lines != nil {
                throw ValidationError("-f shows all since --since, or the last --lines and on: name one of them")
            }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let connection = login.connection(forks: forks)
            let (site, access) = try await StageLoading(file: file, connection: connection, seams: seams).load(stage)
            let members = try site.members(matching: hosts, of: access.inventory)
            let command = CommandFanOut(log(of: file).command(file.layout(of: stage).privilege))
            let reporter = LogReporter(members, seams.terminal, format.format, isEndless: follow)
            _ = try await access.fanOut(over: members, isEndless: follow, seams.terminal) { fanOut in
                await command.perform(with: fanOut, reporter.tell)
            }
            reporter.finish()
            if !reporter.hasWritten, !reporter.hasFailed {
                let units = file.units.joined(separator: " and ")
                seams.terminal.say(
                    "\(units) wrote nothing on \(NodeSet.text(members))\(since.map { " since \($0)" } ?? "")")
            }
            return reporter.hasFailed ? .failed : .done
        }

        private func log(of file: ServiceFile) -> UnitLog {
            UnitLog(
                file.units, since: since.map(UnitLog.moment), lines: lines ?? (since == nil ? UnitLog.usualLines : nil),
                follows: follow)
        }
    }
}
