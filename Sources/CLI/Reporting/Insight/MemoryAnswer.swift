import Fleet
import Insight

/// What tiers use again and again against the memory they have, as programs read it.
struct MemoryAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "memory-advice", "What the tiers of a stage use again and again, against the memory they have",
        [
            .always("stage", .text, "the stage"),
            .always("tiers", .list(.object(tier)), "each tier, from the clients to the data"),
            .always("unasked", .list(.object(UnaskedHost.fields)), "hosts that could not be asked"),
        ])

    let stage: String
    let tiers: [MemoryAdvice]
    let unasked: [UnaskedHost]

    init(_ observation: StageObservation) {
        (stage, tiers) = (observation.stage, MemoryAdvice.of(observation))
        unasked = UnaskedHost.all(in: observation)
    }

    private static let tier: [Shape.Field] = [
        .always("tier", .text, "the tier"),
        .always("hosts", .integer, "hosts in service"),
        .maybe("memory", .number, "bytes of one host's memory"),
        .maybe("held", .number, "bytes that its programs hold"),
        .maybe("room", .number, "bytes for which there is room beside that, or in the service's own cache"),
        .maybe("workingSet", .number, "bytes that one host uses again and again"),
        .always("readAgain", .number, "bytes a second that are read again because they had been dropped"),
        .maybe("hits", .number, "share of what a cache was asked for that it had, from 0 to 1"),
        .always("isShort", .flag, "whether it is short of memory"),
        .maybe("moreMemory", .number, "bytes more for each host that would do"),
        .maybe("moreHosts", .object(InsightShape.estimate), "hosts that would do, where each keeps a part of the data"),
        .always("message", .text, "which of the two, and why"),
    ]

    /// The tiers, one a row.
    var table: Table {
        var table = Table("TIER", "HOSTS", "MEMORY", "HELD", "ROOM", "USED AGAIN", "REREAD/S", "MORE EACH", "OR HOSTS")
        for tier in tiers {
            table.rows.append([
                tier.tier, "\(tier.hosts)", Self.size(tier.memory), Self.size(tier.held), Self.size(tier.room),
                Self.size(tier.workingSet), Self.size(tier.readAgain),
                tier.isShort ? Self.size(tier.moreMemory) : "-",
                tier.isShort ? tier.moreHosts.map { "\($0.needed)" } ?? "no help" : "-",
            ])
        }
        return table
    }

    private static func size(_ bytes: Double?) -> String { bytes.map { FigureText.of($0, "bytes") } ?? "-" }
}

/// How many hosts tiers take, as programs read it.
struct HostsAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "hosts-advice", "How many hosts the load of each tier of a stage takes",
        [
            .always("stage", .text, "the stage"),
            .always(
                "tiers",
                .list(
                    .object([
                        .always("tier", .text, "the tier"),
                        .always("hosts", .integer, "hosts in service"),
                        .maybe("processors", .object(InsightShape.estimate), "how many its processors take"),
                        .maybe(
                            "memory", .object(InsightShape.estimate),
                            "how many its memory takes, where hosts keep parts"),
                        .maybe("needed", .integer, "the greater of both"),
                    ])), "each tier, from the clients to the data"),
            .always("unasked", .list(.object(UnaskedHost.fields)), "hosts that could not be asked"),
        ])

    struct Tier: Encodable, Sendable {
        let tier: String
        let hosts: Int
        let processors: HostEstimate?
        let memory: HostEstimate?
        let needed: Int?
    }

    let stage: String
    let tiers: [Tier]
    let unasked: [UnaskedHost]

    init(_ observation: StageObservation) {
        stage = observation.stage
        let plan = CapacityPlan(observation, CapacityPlan.Request(spare: 0))
        let memory = MemoryAdvice.of(observation)
        tiers = plan.tiers.map { tier in
            let room = memory.first { $0.tier == tier.tier }?.moreHosts
            let needed = [tier.needed?.needed, room?.needed].compactMap(\.self).max()
            return Tier(tier: tier.tier, hosts: tier.hosts, processors: tier.needed, memory: room, needed: needed)
        }
        unasked = UnaskedHost.all(in: observation)
    }

    /// The tiers, one a row.
    var table: Table {
        var table = Table("TIER", "NOW", "FOR CPU", "FOR MEMORY", "NEEDED")
        for tier in tiers {
            table.rows.append([
                tier.tier, "\(tier.hosts)", Self.text(tier.processors), Self.text(tier.memory),
                tier.needed.map(String.init) ?? "-",
            ])
        }
        return table
    }

    private static func text(_ estimate: HostEstimate?) -> String {
        guard let estimate else { return "-" }
        return (estimate.isAtLeast ? ">=" : "") + "\(estimate.needed) (\(estimate.low) to \(estimate.high))"
    }
}

/// Shows advice about tiers to people, or as JSON.
struct AdviceReport {
    private let terminal: Terminal

    init(_ terminal: Terminal) { self.terminal = terminal }

    func show(_ answer: MemoryAnswer, _ format: OutputFormat) throws {
        try terminal.show(answer.table, or: answer, as: format)
        guard format == .table else { return }
        for tier in answer.tiers { terminal.write(wrapping: "\(tier.tier): \(tier.message)") }
        terminal.tell(unasked: answer.unasked)
    }

    func show(_ answer: HostsAnswer, _ format: OutputFormat) throws {
        try terminal.show(answer.table, or: answer, as: format)
        guard format == .table else { return }
        for tier in answer.tiers {
            for estimate in [tier.processors, tier.memory].compactMap(\.self) {
                terminal.write(wrapping: "\(tier.tier): \(DiagnosisText.words(estimate))")
                for line in estimate.arithmetic { terminal.write(wrapping: "  \(line)", indent: 2) }
            }
        }
        terminal.tell(unasked: answer.unasked)
    }
}
