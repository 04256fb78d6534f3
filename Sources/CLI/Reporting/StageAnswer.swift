import Fleet
import Rollouts

/// A stage as it is, as programs read it.
struct StageAnswer: SchemaDocument {
    struct Host: Encodable {
        let host: HostName
        let state: FleetHealth.Host.State
        let release: ReleaseID?
        /// The tiers it is in; absent where the service has one pool.
        var tiers: [String]?
        let units: [String: String]
        let balancers: [String: String]
        /// Who stopped its units by hand; absent where nobody did.
        var stopped: UnitStopAnswer?
        /// Who took it out of rotation by hand; absent where nobody did.
        var keptOut: KeptOutAnswer?
        /// What is wrong with it; absent when nothing is.
        let remark: String?
    }

    struct Problem: Encodable {
        let subject: String
        let message: String
    }

    /// A balancer that changes were made without and that has not been made right.
    struct LeftOut: Encodable {
        let balancer: HostName
        let reason: String
        let by: String
        let since: String

        init(_ record: LeftOutBalancer) {
            balancer = record.balancer
            reason = record.reason
            by = record.by
            since = record.since.description
        }
    }

    let stage: String
    let state: FleetHealth.State
    /// Whether the command ends with status 1.
    let isAlarming: Bool
    /// Members in service on the balancer that has the fewest.
    let inService: Int
    let members: Int
    /// How many must be in service.
    let minimum: Int
    /// Members in service on each balancer that answered.
    let inServiceOn: [String: Int]
    /// How each tier does; absent where the service has one pool.
    let tiers: [TierAnswer]?
    let build: BuildDigest?
    /// The name of the build's file.
    let buildName: String?
    let previous: BuildDigest?
    let lease: String?
    let unfinished: RunAnswer?
    let lastChange: RunAnswer?
    let secondsSinceLastChange: Int64?
    let hosts: [Host]
    let silentBalancers: [String: String]
    let leftOut: [LeftOut]
    let problems: [Problem]
    /// Commands to type next.
    let next: [String]

    /// - Parameter origin: The flags by which other commands find the stage's hosts.
    init(_ report: StageReport, _ site: StageSite, origin: [String]) {
        let health = report.health
        stage = site.stage.name
        state = health.state
        isAlarming = health.isAlarming
        (inService, members, minimum) = (health.fewest, health.members, health.minimum)
        inServiceOn = Self.named(health.inService)
        tiers = health.tiers.isEmpty ? nil : health.tiers.map(TierAnswer.init)
        build = report.record?.current
        previous = report.record?.previous
        buildName = report.buildName
        lease = report.lease.map { "held by \($0.holder) until \($0.expiresAt)" }
        unfinished = report.unfinished.map { RunAnswer($0, names: report.names) }
        lastChange = report.lastChange.map { RunAnswer($0, names: report.names) }
        secondsSinceLastChange = report.sinceLastChange.map { $0.wholeMilliseconds / 1000 }
        hosts = health.hosts.map(Host.init)
        silentBalancers = Self.named(health.silentBalancers)
        leftOut = report.leftOut.map(LeftOut.init)
        problems =
            health.problems.map { Problem(subject: $0.subject.description, message: $0.message) }
            + report.stillRunning.map(Problem.init)
            + report.unread.map { Problem(subject: $0.host.description, message: $0.message) }
            + Problem.of(report.settings)
        next = report.next.map { $0.command(site, origin) }
    }

    private static func named<Value>(_ values: [HostName: Value]) -> [String: Value] {
        Dictionary(values.map { ($0.key.description, $0.value) }) { first, _ in first }
    }
}

extension StageAnswer.Problem {
    /// What is odd about settings.
    fileprivate static func of(_ settings: StageReport.Settings) -> [Self] {
        switch settings {
        case .same: []
        case .others(let change):
            [Self(subject: "settings", message: "hosts run others than drover.yml has: \(change.words)")]
        case .unknown(let reason): [Self(subject: "settings", message: "cannot be compared: \(reason)")]
        }
    }

    init(_ left: StillRunning) {
        let units = left.units.joined(separator: ", ")
        self.init(
            subject: left.host.description, message: "left the inventory, and may still run \(units) on \(left.address)"
        )
    }
}

extension StageAnswer.Host {
    init(_ host: FleetHealth.Host) {
        self.host = host.host
        state = host.state
        release = host.release
        tiers = host.tiers.isEmpty ? nil : host.tiers
        units = host.units
        balancers = Dictionary(host.balancers.map { ($0.key.description, $0.value?.rawValue ?? "absent") }) { $1 }
        stopped = host.stopped.map(UnitStopAnswer.init)
        keptOut = host.keptOut.map(KeptOutAnswer.init)
        remark = host.remarks.isEmpty ? nil : host.remarks.joined(separator: "; ")
    }
}

extension StageReport.Step {
    /// What an operator types for it.
    fileprivate func command(_ site: StageSite, _ origin: [String]) -> String {
        let stage = site.stage.name
        switch self {
        case .watch: return "drover history \(stage)"
        case .resume: return "drover rollout resume \(stage)"
        case .goBack: return "drover rollback \(stage)"
        case .rollOut: return "drover rollout \(stage) BUILD"
        case .promote: return "drover promote --to \(stage)"
        case .apply: return "drover apply \(stage)"
        case .examine:
            return (["drover doctor"] + origin.map(RemoteCommand.quote)).joined(separator: " ")
        case .letIn(let hosts): return HandWords.undrain(hosts, stage)
        case .start(let hosts):
            return "drover start \(stage) \(hosts.count > 5 ? "HOST" : hosts.map(\.description).joined(separator: ","))"
        }
    }
}

/// That somebody stopped a host's units, as programs read it.
struct UnitStopAnswer: Encodable, Hashable {
    let by: String
    let since: String

    init(_ stop: UnitStop) { (by, since) = (stop.by, stop.since.description) }
}
