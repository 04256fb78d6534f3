import Fleet

/// What people do by hand, in every tier of the host.
extension TierTraffic {
    func keepOut(_ host: HostName, _ note: KeptOut, patience: Duration) async throws(TrafficError) -> Int {
        var cut = 0
        for part in try balanced(host) { cut += try await part.traffic.keepOut(host, note, patience: patience) }
        return cut
    }

    func letIn(_ member: PoolMember, patience: Duration) async throws(TrafficError) {
        for part in try balanced(member.host) {
            if let own = part.member(member.host) { try await part.traffic.letIn(own, patience: patience) }
        }
    }

    func weigh(_ host: HostName, _ weight: Int) async throws(TrafficError) {
        for part in try balanced(host) { try await part.traffic.weigh(host, weight) }
    }

    func noteKeptOut(at moment: Timestamp) async {
        for part in parts where !part.balancers.isEmpty { await part.traffic.noteKeptOut(at: moment) }
    }

    /// The host's tiers with balancers; the others have nobody who could keep it out.
    private func balanced(_ host: HostName) throws(TrafficError) -> [Part] {
        let found = parts.filter { $0.has(host) && !$0.balancers.isEmpty }
        guard found.isEmpty else { return found }
        throw TrafficError(
            .refused, balancer: host, "no balancer sends it anything",
            hints: ["drover stop takes it out of service, and drover start brings it back"])
    }
}

/// What is asked of every pool.
extension TierTraffic {
    func examine() async -> [ContractFinding] {
        await forEachBounded(parts) { await $0.traffic.examine() }.flatMap(\.self)
    }

    func rehearse(_ steps: [PoolStep]) async -> [PoolRehearsal] {
        await forEachBounded(parts) { part in
            await part.traffic.rehearse(steps.compactMap { part.own($0) })
        }.flatMap(\.self)
    }

    func isBypassed(_ balancer: HostName) async -> Bool {
        let concerned = parts.filter { $0.balancers.contains(balancer) }
        for part in concerned where await !part.traffic.isBypassed(balancer) { return false }
        return !concerned.isEmpty
    }
}

extension TierTraffic.Part {
    /// The step as it is in this tier; `nil` where it is not about it.
    fileprivate func own(_ step: PoolStep) -> PoolStep? {
        switch step {
        case .admit(let member): self.member(member.host).map(PoolStep.admit)
        case .update(let member): self.member(member.host).map(PoolStep.update)
        case .rename(let old, let member): self.member(member.host).map { .rename(old, to: $0) }
        case .remove(let host): has(host) ? nil : step
        }
    }
}
