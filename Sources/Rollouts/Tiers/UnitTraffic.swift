import Fleet

/// What stands in for the traffic of a tier that no balancer sends anything, such as workers on a queue: a host is in service
/// while its units run and it is well.
struct UnitTraffic: TrafficControl {
    /// Has a host let go of its work before its units stop; gives how much of it was still open when `patience` ran out.
    typealias LettingGo = @Sendable (_ host: HostName, _ patience: Duration) async throws(TrafficError) -> Int

    let pool: Pool
    /// The tier, where balancers are named.
    let name: HostName
    /// How a host's service is, as it answers itself.
    let inspect: @Sendable (HostName) async throws(RolloutError) -> HostCondition
    /// Hosts let go of nothing unless said otherwise: the switch of a release restarts what takes work off a queue.
    var lettingGo: LettingGo = { _, _ in 0 }

    /// Asks every host.
    func observe() async -> [BalancerView] {
        let running = await forEachBounded(pool.members) { await state(of: $0) }
        return [BalancerView(balancer: name, running: running, configured: pool.members)]
    }

    private func state(of member: PoolMember) async -> RunningMember {
        var seen = RunningMember(
            host: member.host, address: member.address, port: member.port, state: .down, sessions: 0)
        do throws(RolloutError) {
            let condition = try await inspect(member.host)
            let objection = condition.objection(member.host, release: nil)
            if condition.release != nil, objection == nil { seen.state = .up }
            seen.check = condition.release == nil ? "no release" : objection?.message ?? ""
        } catch {
            seen.check = "does not answer: \(error.message)"
        }
        return seen
    }

    /// Has the host let go of its work.
    func drain(_ host: HostName, patience: Duration) async throws(TrafficError) -> Int {
        try await lettingGo(host, patience)
    }

    /// Nothing: a host is in service once it is well.
    func admit(_ member: PoolMember, patience: Duration) async throws(TrafficError) {}
    /// Nothing.
    func establish() async throws(TrafficError) {}
    /// Nothing.
    func remove(_ host: HostName) async throws(TrafficError) {}
    /// Nothing.
    func rename(_ old: HostName, to member: PoolMember, patience: Duration) async throws(TrafficError) {}
}
