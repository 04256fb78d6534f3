public import Fleet

/// A host that left the inventory and whose units may still run.
public struct StillRunning: Hashable, Sendable {
    /// The host.
    public var host: HostName
    /// Its address.
    public var address: String
    /// The units that were to be stopped.
    public var units: [String]
    /// Why they were not; `nil` when nobody tried just now.
    public var error: RolloutError?
    /// How the host is reached, where that is known.
    public var route: Route?
}

/// Hosts that are, or were, members of a stage's pool: what the journal remembers of them, and so how those are reached that
/// the inventory no longer names.
struct FormerMembers: Sendable {
    /// What holds for hosts that leave.
    var terms: FleetTerms
    private let records: [HostName: MemberRecord]
    private let session: StageSession

    private var site: StageSite { session.site }
    private var stage: String { session.name }

    /// Reads what is remembered, without the hosts that are to be forgotten.
    /// - Throws: ``InputError`` for a host to be forgotten that the inventory names; ``JournalError``.
    init(_ session: StageSession, _ departures: Departures) async throws {
        self.session = session
        let site = session.site
        let records = try await session.journal.members(stage: session.name)
            .filter { !departures.forgotten.contains($0.host) }
        self.records = Dictionary(records.map { ($0.host, $0) }) { first, _ in first }
        var machines = Set(site.pool.members.map(\.address))
        for other in site.review.others { machines.formUnion(other.members.map(\.address)) }
        for stage in site.review.unread {
            machines.formUnion(try await session.journal.members(stage: stage).map(\.address))
        }
        terms = FleetTerms(
            policy: site.stage.rollout, allowsBelow: departures.allowsBelow, units: site.file.units,
            named: site.named, machines: machines, remembered: self.records.mapValues(\.address))
        terms.retirement = site.file.retirement
        terms.tiers = site.tiers
        for host in departures.forgotten where terms.named.contains(host) {
            throw InputError(
                "\(host) is in the inventory: only a host that left it can be forgotten",
                hints: ["take its line out first, then apply"])
        }
    }

    /// Forgets hosts that are gone for good.
    func forget(_ hosts: [HostName]) async throws {
        for host in hosts { try await session.journal.forget(host, stage: stage) }
    }

    /// Hosts that left the inventory and whose units nobody could stop, by name.
    var stillRunning: [StillRunning] {
        let members = Set(site.pool.members.map(\.host))
        return terms.remembered.sorted { $0.key < $1.key }
            .filter { !members.contains($0.key) && terms.retires($0.key, at: $0.value) }
            .map { StillRunning(host: $0, address: $1, units: terms.units, route: route(to: $0, at: $1)) }
    }

    /// How a host is reached that left; `nil` when nothing says so.
    private func route(to host: HostName, at address: String) -> Route? {
        site.formerRoute(to: host, at: address, records[host]?.way)
    }

    /// How the hosts are reached whose units `plan` stops.
    func routes(in plan: FleetPlan) -> [HostName: Route] {
        var routes: [HostName: Route] = [:]
        for case .retire(let host, let address, _) in plan.changes { routes[host] = route(to: host, at: address) }
        return routes
    }

    /// Remembers the pool's members as they are now, and forgets those that go on under other names.
    func rememberMembers() async throws {
        let now = site.pool.members.compactMap { member in
            site.routes[member.host].map {
                MemberRecord(stage: stage, host: member.host, address: member.address, way: RouteRecord($0))
            }
        }
        let changed = now.filter { records[$0.host] != $0 }
        if !changed.isEmpty { try await session.journal.remember(changed) }
        let members = Set(now.map(\.host))
        for record in records.values where !members.contains(record.host) {
            guard !terms.retires(record.host, at: record.address) else { continue }
            try await session.journal.forget(record.host, stage: stage)
        }
    }

    /// Forgets hosts whose units were stopped, and tells which may still run.
    /// - Returns: The hosts whose units were to be stopped.
    func conclude(_ plan: FleetPlan, _ report: FleetConvergence.Report) async throws -> Set<HostName> {
        var retired: Set<HostName> = []
        for case .retire(let host, let address, let units) in plan.changes {
            retired.insert(host)
            if let error = report.unretired.first(where: { $0.host == host }) {
                try await remember(host, address)
                session.tell(
                    .stillRunning(
                        StillRunning(
                            host: host, address: address, units: units, error: error,
                            route: route(to: host, at: address))))
            } else if report.done.contains(.retire(host, address: address, units: units)) {
                try await session.journal.forget(host, stage: stage)
            }
        }
        return retired
    }

    /// One that was never remembered is from now on, until its units are stopped.
    private func remember(_ host: HostName, _ address: String) async throws {
        guard records[host] == nil, let route = route(to: host, at: address) else { return }
        try await session.journal.remember([
            MemberRecord(stage: stage, host: host, address: address, way: RouteRecord(route))
        ])
    }
}
