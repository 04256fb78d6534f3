import Fleet
import Insight

/// What the balancers before a tier counted for its members, and did themselves.
struct TierTrafficView: Sendable {
    /// Each member once, all balancers together.
    let members: [MemberObservation]
    let balancers: [BalancerObservation]

    /// - Parameter services: What all hosts' services said.
    init(_ tier: StageTiers.Tier, _ services: [ServiceObservation]) {
        var counted: [MemberObservation] = []
        var balancers: [BalancerObservation] = []
        for balancer in tier.balancers {
            let own = services.filter { $0.host == balancer }
            let found = own.compactMap { service -> HAProxyFigures? in
                if case .haproxy(let figures) = service.figures { figures } else { nil }
            }
            guard let figures = found.first else {
                let why = own.compactMap(\.error).first ?? "it does not say what it counts"
                balancers.append(BalancerObservation(host: balancer, error: why))
                continue
            }
            balancers.append(figures.observation(of: balancer, before: tier.pool?.name))
            counted += figures.backends.first { $0.name == tier.pool?.name }?.members ?? []
        }
        let merged = counted.merged
        members = tier.hosts.compactMap { host in merged.first { $0.host == host } }
        self.balancers = balancers
    }
}
