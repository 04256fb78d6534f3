public import Fleet

extension HAProxyTraffic {
    /// Gives a server another name without taking its machine out of service; see ``TrafficControl``.
    ///
    /// HAProxy has no command for it. The member is registered beside the old server and gets no request until its own
    /// checks have passed everywhere; then the two change places in one line of commands on each balancer.
    public func rename(_ old: HostName, to member: PoolMember, patience: Duration) async throws(TrafficError) {
        let consoles = try await prepareEverywhere(member, patience: patience).all
        try await everywhere(consoles, "renamed") { console throws(TrafficError) in
            try await exchange(old, for: member, on: console)
        }
        try await everywhere(consoles, "in the file") { console throws(TrafficError) in
            _ = try await console.rewriteFile { $0.removing(old).adding(member) }
        }
        _ = try await drain(old, patience: patience)
        try await remove(old)
    }

    /// For the moment between the two commands both are in rotation, which no request notices; the other way round a
    /// pool of one machine would have none.
    private func exchange(
        _ old: HostName, for member: PoolMember, on console: BalancerConsole
    ) async throws(TrafficError) {
        let leaving = MembershipPlanner.draining(
            old.description, in: try await console.status(), isSticky: try await isSticky(on: console))
        let status = try await console.say([.want(.ready, member.host.description)] + leaving)
        if MembershipPlanner.isServing(member, in: status) { return }
        if !leaving.isEmpty { _ = try await console.say([.want(.ready, old.description)]) }
        throw console.failure(
            .unhealthy,
            "\(member.host) was up, then failed its check: "
                + (status[member.host.description]?.check ?? "it is gone"))
    }
}
