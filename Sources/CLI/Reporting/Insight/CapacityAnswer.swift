import Fleet
import Insight

/// How many hosts each tier of a stage takes, as programs read it.
struct CapacityAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "capacity", "How many hosts each tier of a stage takes, and what it means that one is missing",
        [
            .always("stage", .text, "the stage"),
            .always("from", .time, "when the load was measured"),
            .always("to", .time, "until when"),
            .always("anyDown", .number, "how likely it is that at least one host of the stage is down, from 0 to 1"),
            .always("tiers", .list(.object(tier)), "each tier, from the clients to the data"),
            .always("notes", .list(.text), "what makes the figures doubtful"),
            .always("unasked", .list(.object(UnaskedHost.fields)), "hosts that could not be asked"),
        ])

    let stage: String
    let from: String
    let to: String
    let anyDown: Double
    let tiers: [TierCapacity]
    let notes: [String]
    let unasked: [UnaskedHost]

    init(_ plan: CapacityPlan, _ observation: StageObservation) {
        stage = observation.stage
        from = Timestamp(seconds: observation.window.from).description
        to = Timestamp(seconds: observation.window.to).description
        (anyDown, tiers, notes) = (plan.anyDown, plan.tiers, plan.notes)
        unasked = UnaskedHost.all(in: observation)
    }

    private static let tier: [Shape.Field] = [
        .always("tier", .text, "the tier"),
        .always("hosts", .integer, "hosts in service"),
        .maybe("utilisation", .number, "share of their processors in use, from 0 to 1"),
        .maybe("needed", .object(InsightShape.estimate), "how many hosts the load takes (N)"),
        .always("spare", .integer, "hosts that may be missing (k)"),
        .maybe("withoutOne", .number, "what the others would use without one host"),
        .always("anyDown", .number, "how likely it is that at least one is down"),
        .maybe("tooManyDown", .number, "how likely it is that too few are up"),
        .always("availability", .number, "the share of time for which a host is taken to be up"),
        .maybe("advised", .integer, "how many hosts it takes for the load to be borne as wanted"),
        .always("arithmetic", .list(.text), "how it was worked out"),
    ]
}

/// A host that could not be asked.
struct UnaskedHost: Encodable, Sendable {
    let host: HostName
    let tier: String
    let error: String

    static let fields: [Shape.Field] = [
        .always("host", .text, "the host"), .always("tier", .text, "its tier"),
        .always("error", .text, "why, for people"),
    ]

    /// Those of a stage that was watched.
    static func all(in observation: StageObservation) -> [Self] {
        observation.tiers.flatMap { tier in
            tier.hosts.compactMap { host in host.error.map { Self(host: host.host, tier: tier.name, error: $0) } }
        }
    }
}

extension Terminal {
    /// Tells of hosts that could not be asked, those with the same trouble together.
    func tell(unasked hosts: [UnaskedHost]) {
        for (error, hosts) in Dictionary(grouping: hosts, by: \.error).sorted(by: { $0.key < $1.key }) {
            tell(error: "not asked: \(error)", about: NodeSet.text(hosts.map(\.host)))
        }
    }
}
