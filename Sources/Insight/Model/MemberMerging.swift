public import Fleet

extension [MemberObservation] {
    /// What several balancers counted for the same members, together: rates, sessions and what waits add up, times are means by
    /// requests, and a member is up where one balancer has it so. In the order in which members are first named.
    public var merged: [MemberObservation] {
        var order: [HostName] = []
        var groups: [HostName: [MemberObservation]] = [:]
        for member in self {
            if groups[member.host] == nil { order.append(member.host) }
            groups[member.host, default: []].append(member)
        }
        return order.compactMap { groups[$0].flatMap(Self.together) }
    }

    private static func together(_ all: [MemberObservation]) -> MemberObservation? {
        guard var whole = all.first, all.count > 1 else { return all.first }
        func sum(_ value: (MemberObservation) -> Double?) -> Double? {
            let known = all.compactMap(value)
            return known.isEmpty ? nil : known.reduce(0, +)
        }
        func mean(_ value: (MemberObservation) -> Double?) -> Double? {
            let known = all.compactMap { member in value(member).map { ($0, Swift.max(member.requests ?? 0, 1e-6)) } }
            let weight = known.reduce(0) { $0 + $1.1 }
            return weight > 0 ? known.reduce(0) { $0 + $1.0 * $1.1 } / weight : nil
        }
        let states = all.compactMap(\.state)
        whole.state = states.contains(.up) ? .up : states.first
        whole.requests = sum(\.requests)
        whole.answers = (0..<6).map { place in all.reduce(0) { $0 + (place < $1.answers.count ? $1.answers[place] : 0) }
        }
        if all.allSatisfy(\.answers.isEmpty) { whole.answers = [] }
        whole.connectionFailures = all.reduce(0) { $0 + $1.connectionFailures }
        whole.brokenAnswers = all.reduce(0) { $0 + $1.brokenAnswers }
        whole.retries = all.reduce(0) { $0 + $1.retries }
        whole.abandoned = all.reduce(0) { $0 + $1.abandoned }
        whole.sessions = sum(\.sessions)
        whole.sessionLimit = all.contains { $0.sessionLimit == nil } ? nil : sum(\.sessionLimit)
        whole.queued = sum(\.queued)
        whole.queueGrowth = sum(\.queueGrowth)
        whole.queueTime = mean(\.queueTime)
        whole.connectTime = mean(\.connectTime)
        whole.responseTime = mean(\.responseTime)
        whole.totalTime = mean(\.totalTime)
        return whole
    }
}

extension HAProxyFigures {
    /// What the balancer says of itself, as one before the tier whose pool is the backend of this name.
    public func observation(of host: HostName, before backend: String? = nil) -> BalancerObservation {
        let pool = backends.first { $0.name == backend }
        return BalancerObservation(
            host: host, requests: pool?.requests ?? process.requests, connections: process.connections,
            connectionLimit: process.connectionLimit, queued: pool?.queued, idle: process.idle)
    }
}
