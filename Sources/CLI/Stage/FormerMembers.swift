import Fleet
import Inventories
import Rollouts

/// Hosts that are, or were, members of a stage's pool: what the journal remembers of them, and so how those are reached that
/// the inventory no longer names.
struct FormerMembers: Sendable {
    /// What holds for hosts that leave.
    var terms: FleetTerms
    private let records: [HostName: MemberRecord]
    private let site: StageSite

    /// Reads what is remembered, without the hosts that are to be forgotten.
    /// - Parameter departures: What the operator allows; `nil` where nothing is changed.
    init(_ session: StageSession, _ departures: DepartureOptions.Values?) async throws {
        let forgotten = departures?.forgotten ?? []
        site = session.site
        let records = try await session.journal.members(stage: site.stage.name)
            .filter { !forgotten.contains($0.host.description) }
        self.records = Dictionary(records.map { ($0.host, $0) }) { first, _ in first }
        var machines = Set(site.pool.members.map(\.address))
        for other in site.review.others { machines.formUnion(other.members.map(\.address)) }
        for stage in site.review.unread {
            machines.formUnion(try await session.journal.members(stage: stage).map(\.address))
        }
        terms = FleetTerms(
            policy: site.stage.rollout, allowsBelow: departures?.allowsBelow ?? false, units: site.file.units,
            named: Set(site.access.inventory.hosts), machines: machines,
            remembered: self.records.mapValues(\.address))
        for name in forgotten where terms.named.contains(where: { $0.description == name }) {
            throw InputError(
                "\(name) is in the inventory: only a host that left it can be forgotten",
                hints: ["take its line out first, then apply"])
        }
    }

    /// Forgets hosts that are gone for good.
    func forget(_ names: [String], _ session: StageSession) async throws {
        for name in names {
            try await session.journal.forget(try HostName(name), stage: site.stage.name)
        }
    }

    /// How a host is reached that left; `nil` when nothing says so.
    func endpoint(of host: HostName, at address: String) -> Endpoint? {
        site.formerEndpoint(host, at: address, records[host]?.way)
    }

    /// How the hosts are reached whose units `plan` stops.
    func endpoints(in plan: FleetPlan) -> [HostName: Endpoint] {
        var endpoints: [HostName: Endpoint] = [:]
        for case .retire(let host, let address, _) in plan.changes { endpoints[host] = endpoint(of: host, at: address) }
        return endpoints
    }

    /// Remembers the pool's members as they are now, and forgets those that go on under other names.
    func rememberMembers(_ session: StageSession) async throws {
        let now = site.pool.members.compactMap { member in
            site.endpoints[member.host].map {
                MemberRecord(
                    stage: site.stage.name, host: member.host, address: member.address, way: EndpointRecord($0))
            }
        }
        let changed = now.filter { records[$0.host] != $0 }
        if !changed.isEmpty { try await session.journal.remember(changed) }
        let members = Set(now.map(\.host))
        for record in records.values where !members.contains(record.host) {
            guard !terms.retires(record.host, at: record.address) else { continue }
            try await session.journal.forget(record.host, stage: site.stage.name)
        }
    }

    /// Forgets hosts whose units were stopped, and tells which may still run.
    /// - Returns: The hosts whose units were to be stopped.
    func conclude(
        _ plan: FleetPlan, _ report: FleetConvergence.Report, _ session: StageSession, _ teller: FleetTeller
    ) async throws -> Set<HostName> {
        var retired: Set<HostName> = []
        for case .retire(let host, let address, let units) in plan.changes {
            retired.insert(host)
            if let fault = report.unretired.first(where: { $0.host == host }) {
                try await remember(host, address, session)
                teller.tellStillRunning(fault, units, hints: hints(host, address, units))
            } else if report.done.contains(.retire(host, address: address, units: units)) {
                try await session.journal.forget(host, stage: site.stage.name)
            }
        }
        return retired
    }

    /// One that was never remembered is from now on, until its units are stopped.
    private func remember(_ host: HostName, _ address: String, _ session: StageSession) async throws {
        guard records[host] == nil, let endpoint = endpoint(of: host, at: address) else { return }
        try await session.journal.remember([
            MemberRecord(stage: site.stage.name, host: host, address: address, way: EndpointRecord(endpoint))
        ])
    }

    private func hints(_ host: HostName, _ address: String, _ units: [String]) -> [String] {
        let endpoint = endpoint(of: host, at: address)
        let user = endpoint?.user.map { "\($0)@" } ?? ""
        let port = endpoint.map { $0.port == 22 ? "" : "-p \($0.port) " } ?? ""
        let stop = "systemctl disable --now \(units.joined(separator: " "))"
        return [
            "stop them there: ssh \(port)\(user)\(endpoint?.address ?? address) sudo \(stop)",
            "'drover apply \(site.stage.name)' tries again; for a machine that is gone, add: --forget \(host)",
        ]
    }
}
