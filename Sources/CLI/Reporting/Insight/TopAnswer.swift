import Fleet
import Insight
import Sampling

/// What the tiers and hosts of a stage do, as programs read it.
struct TopAnswer: SchemaDocument {
    /// One host.
    struct Host: Encodable, Sendable {
        let host: HostName
        /// Why nothing is known of it now.
        var error: String?
        /// By name, in percent unless the name says otherwise.
        var figures: [String: Double] = [:]
        /// What balancers counted for it.
        var requests: Double?
        var failed: Double?
        var milliseconds: Double?
        /// What its services say, in words.
        var services: [String] = []
    }

    /// One tier: its hosts' means, and what they did together.
    struct Tier: Encodable, Sendable {
        let name: String
        let role: TierRole
        var hosts: [Host]
        var figures: [String: Double] = [:]
        var requests: Double?
        var failed: Double?
        var milliseconds: Double?
    }

    let event = "top"
    let stage: String
    let at: Timestamp
    let tiers: [Tier]

    /// Hosts that could not be asked.
    var unasked: [Host] { tiers.flatMap(\.hosts).filter { $0.error != nil } }

    private enum Key: String, CodingKey { case event, stage, at, tiers }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(event, forKey: .event)
        try fields.encode(stage, forKey: .stage)
        try fields.encode(at.description, forKey: .at)
        try fields.encode(tiers, forKey: .tiers)
    }
}

/// The figures of a host that are shown, by their names.
enum TopFigure: String, CaseIterable, Sendable {
    case user, system, iowait, steal
    /// Of the processors that it may use: all but idle.
    case busy
    case cpuPressure, memoryPressure, ioPressure
    /// Memory that is in use and cannot be dropped for nothing: anonymous pages, and file pages that were used lately.
    case workingSet
    case refaults
    /// The busiest disk.
    case disk

    /// Where it stands in a sample.
    func value(_ sample: Sample) -> Double? {
        switch self {
        case .user: Self.sum(sample[.user], sample[.nice])
        case .system: sample[.system]
        case .iowait: sample[.iowait]
        case .steal: sample[.steal]
        case .busy: sample[.idle].map { min(max(100 - $0 - (sample[.iowait] ?? 0), 0), 100) }
        case .cpuPressure: sample[.cpuPressure]
        case .memoryPressure: sample[.memoryPressure]
        case .ioPressure: sample[.ioPressure]
        case .workingSet: Self.workingSet(sample)
        case .refaults: sample[.refaults]
        case .disk: sample.disks.map(\.utilisation).max()
        }
    }

    private static func sum(_ one: Double?, _ other: Double?) -> Double? { one.map { $0 + (other ?? 0) } }

    private static func workingSet(_ sample: Sample) -> Double? {
        guard let total = sample[.memoryTotal], total > 0 else { return nil }
        if let anonymous = sample[.memoryAnonymous], let files = sample[.memoryActiveFile] {
            return min((anonymous + files) / total * 100, 100)
        }
        return sample[.memoryUsed].map { min($0 / total * 100, 100) }
    }
}

extension TopAnswer {
    /// What one host said last.
    struct Seen: Sendable {
        var sample: Sample?
        var services: [ServiceObservation] = []
        var error: String?
    }

    init(_ stage: String, _ tiers: StageTiers, at: Timestamp, _ seen: [HostName: Seen], only: Set<HostName>? = nil) {
        (self.stage, self.at) = (stage, at)
        let services = seen.values.flatMap(\.services)
        self.tiers = tiers.tiers.compactMap { tier in
            let members = TierTrafficView(tier, services).members
            let hosts = tier.hosts.filter { only?.contains($0) ?? true }.map { host in
                Host(host, seen[host], members.first { $0.host == host })
            }
            return hosts.isEmpty ? nil : Tier(tier, hosts)
        }
    }
}

extension TopAnswer.Host {
    init(_ host: HostName, _ seen: TopAnswer.Seen?, _ member: MemberObservation?) {
        self.host = host
        guard let seen else {
            error = "not asked yet"
            return
        }
        error = seen.error
        if let sample = seen.sample, seen.error == nil {
            for figure in TopFigure.allCases {
                if let value = figure.value(sample), value.isFinite { figures[figure.rawValue] = value }
            }
            services = seen.services.compactMap(\.figures).map(\.words)
        }
        guard let member else {
            // A balancer that nobody counts for counts for itself.
            requests =
                seen.services.lazy.compactMap { service -> Double? in
                    if case .haproxy(let figures) = service.figures { figures.process.requests } else { nil }
                }.first
            return
        }
        (requests, failed, milliseconds) = (member.requests, member.failed, member.responseTime)
    }
}

extension TopAnswer.Tier {
    init(_ tier: StageTiers.Tier, _ hosts: [TopAnswer.Host]) {
        (name, role, self.hosts) = (tier.name, tier.role, hosts)
        for figure in TopFigure.allCases {
            let values = hosts.compactMap { $0.figures[figure.rawValue] }
            guard !values.isEmpty else { continue }
            let sum = values.reduce(0, +)
            figures[figure.rawValue] = figure == .refaults ? sum : sum / Double(values.count)
        }
        let counted = hosts.filter { $0.requests != nil }
        guard !counted.isEmpty else { return }
        let all = counted.compactMap(\.requests).reduce(0, +)
        requests = all
        failed = counted.compactMap(\.failed).reduce(0, +)
        let weighed = counted.compactMap { host in host.milliseconds.map { $0 * (host.requests ?? 0) } }.reduce(0, +)
        milliseconds = all > 0 ? weighed / all : nil
    }
}

extension TopAnswer {
    static let schema = DocumentSchema(
        "top", "What the tiers and hosts of a stage do",
        [
            .always("event", .word(["top"]), "always the same"),
            .always("stage", .text, "the stage"),
            .always("at", .time, "when it was shown"),
            .always("tiers", .list(.object(tier)), "each tier, from the clients to the data"),
        ])

    private static let traffic: [Shape.Field] = [
        .always("figures", .map(.number), "in percent, `refaults` a second; what is not known is not there"),
        .maybe("requests", .number, "a second, as balancers count them"),
        .maybe("failed", .number, "of these, a second"),
        .maybe("milliseconds", .number, "mean time until the answer's head"),
    ]

    private static let host: [Shape.Field] =
        [
            .always("host", .text, "the host"),
            .maybe("error", .text, "why nothing is known of it now"),
            .always("services", .list(.text), "what its services say, for people"),
        ] + traffic

    private static let tier: [Shape.Field] =
        [
            .always("name", .text, "the tier"),
            .always("role", .word(TierRole.self), "what part it plays"),
            .always("hosts", .list(.object(host)), "its hosts"),
        ] + traffic
}
