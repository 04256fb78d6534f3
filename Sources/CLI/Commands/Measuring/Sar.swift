import AdHoc
import ArgumentParser
import Fleet
import Inventories
import Sampling

extension Drover {
    /// `drover sar HOST|GROUP [INTERVAL [COUNT]]`
    struct Sar: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what hosts did, and do, as sar prints it.",
            discussion: """
                With an INTERVAL hosts are read over SSH until Ctrl-C, or COUNT times; nothing need be installed there. Without \
                one it prints what their agents kept (drover agent install): of the last hour, or --from --to. A container's \
                figures are those of its control group; what nobody knows is '-'. On a terminal, columns for which there is no \
                room are left out, which --format wide prevents. Times are this machine's.
                """
        )
        .examples(
            "drover sar ap 1 10 --stage production", "drover sar db1 -d --from 10:00 --to 10:30",
            "drover sar ap1 -r -B 2 -i hosts.yml")

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.", completion: .hosts) var pattern:
            String
        @Argument(help: "Seconds between two readings; of what agents kept, seconds of a line.") var interval: Int?
        @Argument(help: "How many lines (default: until Ctrl-C).") var count: Int?
        @OptionGroup var reports: SarReports
        @OptionGroup var span: SpanOptions
        @OptionGroup(title: "Hosts") var source: HostsOptions
        @OptionGroup(title: "Connection") var login: LongLoginOptions
        @Flag(help: "Read what agents kept with root's rights, through sudo or another such program.")
        var become = false
        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var messages: LongTalkOptions

        var talk: TalkOptions { messages.talk }

        func validate() throws {
            if let interval, interval < 1 { throw ValidationError("the interval must be at least 1 second") }
            if let count, count < 1 { throw ValidationError("the count must be at least 1") }
            if format.choice == .name { throw ValidationError("--format is table, wide or json here") }
            if count != nil, span.isGiven {
                throw ValidationError("a count goes with live figures, not with --from and --to")
            }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            var seams = seams
            seams.terminal.tables = format.style
            let moments = MomentText.here
            let span = try span.span(moments, step: interval)
            let chosen = try Composition.choose(pattern, of: source, login.connection, become: becoming, seams)
            let reporter = SarReporter(
                chosen.hosts, reports.chosen, moments, seams.terminal, format.format,
                room: format.choice == .table ? seams.terminal.output.size?.columns : nil)
            if let interval, !self.span.isGiven {
                return try await live(chosen, .seconds(interval), reporter, seams.terminal)
            }
            return try await kept(chosen, span, reporter, seams.terminal)
        }

        private var becoming: BecomeOptions {
            var options = BecomeOptions()
            (options.become, options.becomeUser, options.becomeMethod) = (become, nil, nil)
            return options
        }

        private func live(
            _ chosen: ChosenHosts, _ pace: Duration, _ reporter: SarReporter, _ terminal: Terminal
        ) async throws -> ExitStatus {
            let routes = try chosen.hosts.map { try chosen.access.route(to: $0) }
            let connections = chosen.access.connections
            try await connections.unlockKeys(for: routes, terminal)
            await reporter.introduce(routes, connections)
            let sampling = LiveSampling(routes: routes, connections: connections, pace: pace, count: count)
            try await SignalHandling(terminal: terminal).during { await sampling.run(reporter.tell) }
            await connections.closeAll()
            return reporter.finish()
        }

        private func kept(
            _ chosen: ChosenHosts, _ span: HostHistory.Span, _ reporter: SarReporter, _ terminal: Terminal
        ) async throws -> ExitStatus {
            let privileges = try chosen.access.privileges(on: chosen.hosts)
            let work: FanOut.Work<HostHistory.Answer> = { transport, _ throws(TransportError) in
                try await HostHistory.ask(span, over: transport, privileges[transport.host] ?? .login)
            }
            let answers = try await chosen.access.fanOut(over: chosen.hosts, terminal) { await $0.answers(work) }
            return reporter.show(answers, origin: chosen.access.connections.origin)
        }
    }
}
