public import Fleet

/// One tier of a service as a rollout changes it.
public struct TierPlan: Hashable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// Every host of it, those included that take no part in the rollout.
    public var hosts: [HostName]
    /// How carefully.
    public var policy: RolloutPolicy
    /// Whether balancers send its hosts traffic; where they do not, a host is in service while its units run and it is well.
    public var isBalanced: Bool

    /// A tier of `hosts`.
    public init(_ name: String, hosts: [HostName], policy: RolloutPolicy, isBalanced: Bool) {
        self.name = name
        self.hosts = hosts
        self.policy = policy
        self.isBalanced = isBalanced
    }

    /// `tier`, changed by `policy`.
    init(_ tier: TierSite, _ policy: RolloutPolicy) {
        self.init(tier.name, hosts: tier.hosts, policy: policy, isBalanced: tier.isBalanced)
    }

    /// How many of its hosts must stay in service throughout.
    public var floor: Int { policy.floor(of: hosts.count) }
}

extension RolloutPlan {
    /// The places of each host's tiers; none where the service has but one.
    var tiersOfHosts: [HostName: [Int]] {
        var places: [HostName: [Int]] = [:]
        for (index, tier) in (tiers ?? []).enumerated() {
            for host in tier.hosts where places[host]?.contains(index) != true {
                places[host, default: []].append(index)
            }
        }
        return places
    }

    /// Whether balancers send the host traffic, as those of a service without tiers.
    public func isBalanced(_ host: HostName) -> Bool {
        guard let tiers else { return true }
        return tiers.contains { $0.isBalanced && $0.hosts.contains(host) }
    }

    /// The names of the tiers that a host is in; none where the service has but one.
    public func tiers(of host: HostName) -> [String] {
        (tiers ?? []).filter { $0.hosts.contains(host) }.map(\.name)
    }
}
