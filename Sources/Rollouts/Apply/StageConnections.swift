public import Fleet
public import Inventories

/// The ways to a stage's hosts and balancers, opened on first use.
public struct StageConnections: Sendable {
    /// Opens the traffic of a pool over its balancers. `returning` are those that were left out earlier and have to be made
    /// right first, each with the reason.
    public typealias OpenTraffic =
        @Sendable (_ pool: Pool, _ balancers: [Balancer], _ fence: BalancerFence?, _ returning: [HostName: String])
        throws(InputError) -> any TrafficControl

    private let dialer: Dialer
    private let openTraffic: OpenTraffic

    /// Connections by `dialer`, and traffic as `openTraffic` opens it.
    public init(_ dialer: Dialer, openTraffic: @escaping OpenTraffic) {
        self.dialer = dialer
        self.openTraffic = openTraffic
    }

    /// What every balancer of the stage answers. Changes nothing.
    /// - Throws: ``InputError`` for a pool that no balancer could have.
    public func observePool(of site: StageSite) async throws(InputError) -> [BalancerView] {
        try await traffic(of: site).observe()
    }

    /// Ends every connection.
    public func close() async { await dialer.connector.closeAll() }

    /// The pool's traffic, over connections to its balancers. One that cannot be reached stays in the pool, unknown.
    ///
    /// - Parameters:
    ///   - chosen: Only these balancers, for asking; `nil` for all.
    ///   - token: The lease's fencing token, for changing anything.
    ///   - returning: Balancers that were left out earlier and have to be made right first, with the reason.
    ///   - releases: Asks hosts of tiers that no balancer has how they are; without it, such tiers are left out.
    func traffic(
        of site: StageSite, over chosen: [HostName]? = nil, token: Int64? = nil, returning: [HostName: String] = [:],
        asking releases: (any ReleaseControl)? = nil
    ) async throws(InputError) -> any TrafficControl {
        if site.tiers.isEmpty {
            return try await traffic(of: site.pool, chosen ?? site.balancers, site, token, returning)
        }
        var parts: [TierTraffic.Part] = []
        for tier in site.tiers {
            let balancers = tier.balancers.filter { chosen?.contains($0) ?? true }
            if !balancers.isEmpty {
                let traffic = try await traffic(
                    of: tier.pool, balancers, site, token, returning.filter { balancers.contains($0.key) })
                parts.append(TierTraffic.Part(tier: tier.name, traffic: traffic, balancers: balancers))
            } else if !tier.isBalanced, let releases, let name = tier.viewName {
                let traffic = UnitTraffic(
                    pool: tier.pool, name: name,
                    inspect: { host throws(RolloutError) in try await releases.inspect(host) })
                parts.append(TierTraffic.Part(tier: tier.name, traffic: traffic, balancers: []))
            }
        }
        return TierTraffic(pool: site.pool, parts: parts)
    }

    private func traffic(
        of pool: Pool, _ balancers: [HostName], _ site: StageSite, _ token: Int64?, _ returning: [HostName: String]
    ) async throws(InputError) -> any TrafficControl {
        let reached = await withTaskGroup(of: (HostName, Balancer).self) { group in
            for host in balancers { group.addTask { (host, await reach(host, in: site)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return try openTraffic(
            pool, balancers.compactMap { reached[$0] },
            token.map {
                BalancerFence(folder: site.layout.stageFolder, lock: site.layout.stateFolder + "/lock", token: $0)
            }, returning)
    }

    private func reach(_ host: HostName, in site: StageSite) async -> Balancer {
        if let reason = site.leftOut[host] { return Balancer(host, .excluded(reason: reason)) }
        do throws(TransportError) {
            return Balancer(host, .over(try await transport(to: host, in: site)))
        } catch {
            return Balancer(host, .unreachable(reason: error.message))
        }
    }

    /// The transport to a host of the stage, or to one that left it, which is reached as `former` says.
    func transport(
        to host: HostName, in site: StageSite, or former: Route? = nil
    ) async throws(TransportError) -> any Transport {
        guard let route = site.routes[host] ?? former else {
            throw TransportError(.unknownHost, host: host, "the inventory of stage \(site.stage.name) has no such host")
        }
        return try await dialer.transport(to: route)
    }
}
