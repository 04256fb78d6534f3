import Fleet
import Rollouts

/// A stage as it is, as programs read it.
struct StageAnswer: Encodable {
    struct Host: Encodable {
        let host: HostName
        let state: FleetHealth.Host.State
        let release: String?
        let units: [String: String]
        let balancers: [String: String]
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
    let build: String?
    /// The name of the build's file.
    let buildName: String?
    let previous: String?
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

    init(_ health: FleetHealth, _ record: StageRecord?, _ session: StageSession) async throws {
        let (site, journal) = (session.site, session.journal)
        stage = site.stage.name
        state = health.state
        isAlarming = health.isAlarming
        (inService, members, minimum) = (health.fewest, health.members, health.minimum)
        inServiceOn = Self.named(health.inService)
        build = record?.current
        previous = record?.previous
        if let digest = record?.current {
            buildName = try await journal.builds(prefix: digest).first?.name
        } else {
            buildName = nil
        }
        let held = try await journal.lease(stage: stage)
            .flatMap { $0.expiresAt > Controller.now() && !Controller.isDead($0) ? $0 : nil }
        lease = held.map { "held by \($0.holder) until \($0.expiresAt)" }
        let runs = try await journal.runs(stage: stage, limit: 50)
        let open = held == nil ? runs.first { $0.isOpen && $0.kind.isRollout } : nil
        unfinished = open.map(RunAnswer.init)
        lastChange = runs.first.map(RunAnswer.init)
        secondsSinceLastChange = runs.first.map {
            max(0, (Controller.now().milliseconds - ($0.endedAt ?? $0.startedAt).milliseconds) / 1000)
        }
        hosts = health.hosts.map(Host.init)
        silentBalancers = Self.named(health.silentBalancers)
        leftOut = try await journal.leftOut(stage: stage).map(LeftOut.init)
        let former = try await Self.stillRunning(session)
        problems = health.problems.map { Problem(subject: $0.subject.description, message: $0.message) } + former
        next =
            NextCommands(
                health, site, isUnfinished: open != nil, isAtWork: held != nil, hasFormer: !former.isEmpty,
                isNew: runs.isEmpty
            )
            .commands
    }

    private static func named<Value>(_ values: [HostName: Value]) -> [String: Value] {
        Dictionary(values.map { ($0.key.description, $0.value) }) { first, _ in first }
    }

    /// Hosts that left the inventory and whose units nobody could stop.
    private static func stillRunning(_ session: StageSession) async throws -> [Problem] {
        let terms = try await FormerMembers(session, nil).terms
        let members = Set(session.site.pool.members.map(\.host))
        return terms.remembered.sorted { $0.key < $1.key }
            .filter { !members.contains($0.key) && terms.retires($0.key, at: $0.value) }
            .map { host, address in
                Problem(
                    subject: host.description,
                    message:
                        "left the inventory, and may still run \(terms.units.joined(separator: ", ")) on \(address)")
            }
    }
}

extension StageAnswer.Host {
    init(_ host: FleetHealth.Host) {
        self.host = host.host
        state = host.state
        release = host.release?.description
        units = host.units
        balancers = Dictionary(host.balancers.map { ($0.key.description, $0.value?.rawValue ?? "absent") }) { $1 }
        remark = host.remarks.isEmpty ? nil : host.remarks.joined(separator: "; ")
    }
}

/// What an operator would type next.
struct NextCommands {
    let commands: [String]

    /// - Parameter isNew: Whether nothing was ever done to the stage.
    init(
        _ health: FleetHealth, _ site: StageSite, isUnfinished: Bool, isAtWork: Bool, hasFormer: Bool, isNew: Bool
    ) {
        let stage = site.stage.name
        var commands: [String] = []
        if isAtWork { commands.append("drover history \(stage)") }
        if isUnfinished { commands += ["drover rollout resume \(stage)", "drover rollback \(stage)"] }
        if health.state == .noBuild, !isUnfinished, !isAtWork {
            commands.append(site.stage.after == nil ? "drover rollout \(stage) BUILD" : "drover promote --to \(stage)")
        }
        let isSilent = health.hosts.contains { [.off, .unasked].contains($0.state) }
        if isSilent || !health.silentBalancers.isEmpty {
            let sources = site.stage.inventory.map { source in
                let path = site.file.resolve(source)
                return "-i \(RemoteCommand.quote(path.hasPrefix("./") ? String(path.dropFirst(2)) : path))"
            }
            commands.append("drover doctor \(sources.joined(separator: " "))")
        }
        let isMendable =
            health.hosts.contains { [.odd, .left, .partly, .out].contains($0.state) } || hasFormer
            || health.problems.contains { site.balancers.contains($0.subject) }
        let isReady = isNew || health.silentBalancers.isEmpty && health.state != .noBuild
        if isMendable, isReady, !isUnfinished, !isAtWork { commands.append("drover apply \(stage)") }
        self.commands = commands
    }
}
