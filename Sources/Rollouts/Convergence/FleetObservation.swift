public import Fleet

/// What is asked of one host before anything is planned.
public enum HostObservation: Hashable, Sendable {
    /// What it runs.
    case answered(HostSurvey)
    /// Why it did not answer.
    case silent(RolloutError)

    /// Asks `host` what it runs. Changes nothing.
    static func of(_ host: HostName, _ releases: any ReleaseControl) async -> Self {
        do throws(RolloutError) { return .answered(try await releases.survey(host)) } catch { return .silent(error) }
    }

    /// What it runs, when it answered.
    public var survey: HostSurvey? {
        if case .answered(let survey) = self { survey } else { nil }
    }
}

/// A stage as it is: what every member runs, and what every balancer serves.
public struct FleetObservation: Hashable, Sendable {
    /// Each member of the pool.
    public var hosts: [HostName: HostObservation]
    /// Each balancer.
    public var balancers: [BalancerView]
    /// How busy the members in service are, where somebody wanted to know it.
    public var loads: [HostName: HostLoad]

    /// What was seen.
    public init(
        hosts: [HostName: HostObservation], balancers: [BalancerView], loads: [HostName: HostLoad] = [:]
    ) {
        self.hosts = hosts
        self.balancers = balancers
        self.loads = loads
    }

    /// Hosts whose units somebody stopped and that serve nothing since, with who did.
    var stopped: [HostName: UnitStop] {
        hosts.compactMapValues(\.survey?.stopped).filter { !balancers.isServing($0.key) }
    }

    /// Asks every member and every balancer, all at once. Changes nothing.
    /// - Parameter isMeasured: Whether members in service are asked how busy they are as well.
    public static func take(
        of pool: Pool, releases: any ReleaseControl, traffic: any TrafficControl, isMeasured: Bool = false
    ) async -> Self {
        async let balancers = traffic.observe()
        let hosts = await withTaskGroup(of: (HostName, HostObservation).self) { group in
            for member in pool.members {
                group.addTask { (member.host, await .of(member.host, releases)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        let views = await balancers
        return Self(
            hosts: hosts, balancers: views, loads: isMeasured ? await loads(of: pool, views, releases) : [:])
    }
}
