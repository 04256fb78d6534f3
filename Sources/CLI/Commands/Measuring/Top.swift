import ArgumentParser
import Fleet
import Insight
import Inventories
import Rollouts

extension Drover {
    /// `drover top STAGE [HOST|GROUP]`
    struct Top: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what the tiers and hosts of a stage do, again and again.",
            discussion: """
                Of each tier the mean of its hosts, and what they did together; below it each host, and what its services say. \
                %usr %sys %iow %stl are processor time, psC psM psI the share of time in which somebody waited for processors, \
                memory or disks (PSI), %mem the working set (memory that is used, and file pages that were used lately), reflt \
                file pages read again a second, %dsk the busiest disk; req/s, %err and ms (mean time until the answer's head) are \
                what HAProxy counts. '-' is not known, of containers for one. Until Ctrl-C, or --count times; without a terminal \
                one block after another, with --format json an object a line.
                """
        )
        .examples(
            "drover top production", "drover top production ap --sort cpu",
            "drover top production --count 1 --format json")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @Argument(help: "Only these hosts: a host, a group, or any Ansible pattern.", completion: .hosts) var hosts:
            String?
        @Option(
            help: ArgumentHelp(
                "How a tier's hosts are sorted: \(TopText.Order.allCases.map(\.rawValue).joined(separator: ", ")).",
                valueName: "by"))
        var sort: TopText.Order = .name
        @Option(help: ArgumentHelp("Seconds between two looks (default: 3).", valueName: "seconds")) var interval = 3
        @Option(name: [.customShort("n"), .long], help: "How many times (default: until Ctrl-C).") var count: Int?
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            guard (1...3600).contains(interval) else { throw ValidationError("--interval is 1 to 3600 seconds") }
            if let count, count < 1 { throw ValidationError("--count must be at least 1") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let (site, access) = try await StageLoading(file: file, connection: connection, seams: seams).load(stage)
            let tiers = StageTiers(site, access.inventory)
            let only = try hosts.map { Set(try access.inventory.hosts(matching: $0, limit: nil)) }
            let asked = tiers.asked(for: only)
            let routes = try asked.map { try access.route(to: $0) }
            try await access.connections.unlockKeys(for: routes, seams.terminal)
            let rights = StageRights()
            let sampling = LiveSampling(
                routes: routes, connections: access.connections, pace: .seconds(interval), count: nil, persists: true
            ) { transport, round throws(TransportError) in
                try await rights.look(over: transport) { privilege throws(TransportError) in
                    try await HostGlance.ask(
                        round % 5 == 0 ? .allServices : .cheapServices, over: transport, privilege)
                }
            }
            let board = TopBoard(stage, tiers, only, TopScreen(seams.terminal, format.format, sort, pace: interval))
            seams.terminal.show(progress: "asking \(asked.count.of("host"))")
            return try await SignalHandling(terminal: seams.terminal).during { [count] in
                let status = await board.run(sampling, pace: .seconds(interval), count: count)
                await access.connections.closeAll()
                return status
            }
        }
    }
}

extension TopText.Order: ExpressibleByArgument {}

extension StageTiers {
    /// The hosts that are asked to show some of them: these, and the balancers that count for them.
    func asked(for only: Set<HostName>?) -> [HostName] {
        guard let only else { return hosts }
        let balancers = tiers.filter { tier in tier.hosts.contains(where: only.contains) }.flatMap(\.balancers)
        return hosts.filter { only.contains($0) || balancers.contains($0) }
    }
}
