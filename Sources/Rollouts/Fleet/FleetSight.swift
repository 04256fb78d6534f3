public import Fleet

/// What is asked of one host before anything is planned.
public enum HostSight: Hashable, Sendable {
    /// What it runs.
    case answered(HostSurvey)
    /// Why it did not answer.
    case silent(RolloutFault)

    /// What it runs, when it answered.
    public var survey: HostSurvey? {
        if case .answered(let survey) = self { survey } else { nil }
    }
}

/// A stage as it is: what every member runs, and what every balancer serves.
public struct FleetSight: Hashable, Sendable {
    /// Each member of the pool.
    public var hosts: [HostName: HostSight]
    /// Each balancer.
    public var balancers: [BalancerView]

    /// What was seen.
    public init(hosts: [HostName: HostSight], balancers: [BalancerView]) {
        self.hosts = hosts
        self.balancers = balancers
    }

    /// Asks every member and every balancer, all at once. Changes nothing.
    public static func take(
        of pool: Pool, releases: any ReleaseControl, traffic: any TrafficControl
    ) async -> Self {
        async let balancers = traffic.observe()
        let hosts = await withTaskGroup(of: (HostName, HostSight).self) { group in
            for member in pool.members {
                group.addTask { (member.host, await sight(of: member.host, releases)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return Self(hosts: hosts, balancers: await balancers)
    }

    private static func sight(of host: HostName, _ releases: any ReleaseControl) async -> HostSight {
        do throws(RolloutFault) {
            return .answered(try await releases.survey(host))
        } catch {
            return .silent(error)
        }
    }
}
