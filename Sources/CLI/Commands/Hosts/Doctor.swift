import AdHoc
import ArgumentParser
import Fleet
import Inventories

extension Drover {
    /// `drover doctor [PATTERN]`: what would go wrong, before it does.
    struct Doctor: ListingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what is wrong with the way to hosts, and what to do about it.",
            discussion: """
                For each host, and first for each jump host on the way: does its name resolve, is its port open, does an SSH \
                server greet and share algorithms with us, is its key known, does it let us in and with what; for hosts also: \
                may we become root (-b), are the programs there that Drover calls, is there room on / and /tmp, does its \
                clock go right, how many sessions does sshd allow. Of a whole stage also what it asks of them. Of balancers: \
                does the service run and start with the host, does it read the pool's file, is its socket of level admin, does a \
                frontend send requests to the pool. Of members: is the root writable, are the units there and do they start what \
                a release brings, are the programs there that rollouts call, is there room. Each fault comes with what to write, \
                and where. Nothing is changed. Ctrl-C tells what is known by then. Exit status 1 when anything is faulty.
                """
        )
        .examples("drover doctor production", "drover doctor -i hosts.yml", "drover doctor ap --stage production -b")

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.", completion: .hosts) var pattern =
            "all"
        @OptionGroup(title: "Hosts") var source: HostsOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup(title: "Privileges") var become: BecomeOptions
        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            // It is about the way to hosts, which a connection that is there already says nothing about.
            var seams = seams
            seams.keeping = nil
            let chosen = try Composition.choose(
                pattern, of: source, connection, become: become, seams)
            let (access, hosts) = (chosen.access, chosen.hosts)
            let routes = try hosts.map { try access.route(to: $0) }
            let (connections, terminal) = (access.connections, seams.terminal)
            try await connections.unlockKeys(for: routes, terminal)
            let fleet = FleetCheckup(
                routes, over: connections.dialer, connections.server, privileges: try access.privileges(on: hosts),
                width: connection.forks ?? Composition.usualForks, most: Composition.connectionsAtOnce
            ) { terminal.show(progress: "\($0) of \(hosts.count.of("host")) looked at") }
            terminal.show(progress: "looking at \(HostNames.few(hosts))")
            let signals = SignalHandling(terminal: terminal, cancelling: "stopping now; this is what is known")
            try await signals.during {
                await withTaskCancellationHandler {
                    await fleet.run()
                } onCancel: {
                    // Nothing that is asked changes anything: no answer is waited for, from however stuck a host.
                    Task { await connections.closeAll() }
                }
            }
            await connections.closeAll()
            var (checkups, unseen) = (fleet.checkups, fleet.unseen)
            if let stage = chosen.stage, chosen.pattern == "all", source.limit == nil, unseen.isEmpty {
                let doctor = StageDoctor(stage: stage, service: source.service, connection: connection)
                checkups = try await doctor(checkups, seams)
            }
            let reporter = CheckupReporter(terminal: terminal, format: format.format, origin: connections.origin)
            try reporter.show(checkups, unseen: unseen)
            return unseen.isEmpty && checkups.allSatisfy(\.isHealthy) ? .done : .failed
        }
    }
}
