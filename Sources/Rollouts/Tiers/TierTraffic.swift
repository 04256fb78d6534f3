import Fleet

/// The traffic of several tiers as one: what is done to a host is done in each tier that has it.
struct TierTraffic: TrafficControl {
    /// One tier.
    struct Part: Sendable {
        /// Its name.
        let tier: String
        /// Its traffic, over its own pool.
        let traffic: any TrafficControl
        /// Its balancers; none where hosts are asked themselves.
        let balancers: [HostName]

        func has(_ host: HostName) -> Bool { traffic.pool.members.contains { $0.host == host } }
        func member(_ host: HostName) -> PoolMember? { traffic.pool.members.first { $0.host == host } }
    }

    /// All hosts of all tiers, each once.
    let pool: Pool
    let parts: [Part]

    /// Asks every balancer of every tier, and the hosts of those that have none. One view a tier and balancer.
    func observe() async -> [BalancerView] {
        await forEachBounded(parts) { part in
            await part.traffic.observe().map { $0.of(part.tier, part.traffic.pool, isOfHosts: part.balancers.isEmpty) }
        }.flatMap(\.self)
    }

    /// Every pool.
    func establish() async throws(TrafficError) { for part in parts { try await part.traffic.establish() } }

    /// Every pool that serves no member.
    func establishWhereEmpty() async throws(TrafficError) {
        for part in parts { try await part.traffic.establishWhereEmpty() }
    }

    /// In every tier of the host.
    func probe(_ member: PoolMember) async throws(TrafficError) {
        for part in parts { if let own = part.member(member.host) { try await part.traffic.probe(own) } }
    }

    /// In every pool that it balances.
    func leaveOut(_ balancer: HostName, reason: String) async -> LeavingOut {
        var all: LeavingOut = .impossible
        for part in parts where part.balancers.contains(balancer) {
            switch await part.traffic.leaveOut(balancer, reason: reason) {
            case .impossible: return .impossible
            case .done: all = .done
            case .already: all = all == .done ? .done : .already
            }
        }
        return all
    }

    /// In every pool that it balances.
    func align(_ balancer: HostName) async throws(TrafficError) {
        for part in parts where part.balancers.contains(balancer) { try await part.traffic.align(balancer) }
    }

    /// In every tier of the host, under the port it has there.
    func admit(_ member: PoolMember, patience: Duration) async throws(TrafficError) {
        for part in parts {
            if let own = part.member(member.host) { try await part.traffic.admit(own, patience: patience) }
        }
    }

    /// In every tier of the host.
    func drain(_ host: HostName, patience: Duration) async throws(TrafficError) -> Int {
        var cut = 0
        for part in parts(of: host) { cut += try await part.traffic.drain(host, patience: patience) }
        return cut
    }

    /// From every tier of the host.
    func remove(_ host: HostName) async throws(TrafficError) {
        for part in parts(of: host) { try await part.traffic.remove(host) }
    }

    /// In every tier of the member.
    func rename(_ old: HostName, to member: PoolMember, patience: Duration) async throws(TrafficError) {
        for part in parts {
            if let own = part.member(member.host) { try await part.traffic.rename(old, to: own, patience: patience) }
        }
    }

    /// The tiers that have the host; one that none has may be in any pool.
    private func parts(of host: HostName) -> [Part] {
        let own = parts.filter { $0.has(host) }
        return own.isEmpty ? parts : own
    }

    /// Only the tiers that do not have the host: those that it leaves.
    func left(by host: HostName) -> Self { Self(pool: pool, parts: parts.filter { !$0.has(host) }) }
}

extension BalancerView {
    /// The view as one of a tier's pool.
    func of(_ tier: String, _ pool: Pool, isOfHosts: Bool = false) -> Self {
        var view = self
        (view.tier, view.wanted, view.isOfHosts) = (tier, pool.members, isOfHosts)
        return view
    }
}
