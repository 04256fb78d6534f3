import Fleet

/// What a pool's file says, whether Drover writes all of it or the servers alone.
extension PoolFile {
    /// The same with the settings that `pool` wants, and with the servers that a reload must not lose. Somebody else's file
    /// has their settings.
    func remade(for pool: Pool, running status: BackendStatus) -> Self {
        adopted == nil ? PoolFile(pool, servers: MembershipPlanner.servers(file: self, running: status)) : self
    }

    /// The same with another balancer's servers; somebody else's file keeps what else it says of them.
    func becoming(_ wanted: Self) -> Self {
        guard let adopted else { return wanted }
        var file = self
        file.servers = wanted.servers.map { server in
            var server = server
            guard let own = self[server.member.host] else {
                (server.options, server.cookie) = (nil, nil)
                return adopted.filled(server)
            }
            (server.options, server.cookie) = (own.options, own.cookie)
            return server
        }
        return file
    }

    /// Whether what runs has the file's settings. Those of somebody else's carry no number that would tell.
    func isRun(by status: BackendStatus) -> Bool { adopted == nil ? status.id == id : status.id != nil }

    /// Whether clients are kept at their member.
    func isSticky(in pool: Pool) -> Bool { adopted?.isSticky ?? (pool.traffic.cookie != nil) }

    /// What `member` is added with at run time.
    func keywords(of member: PoolMember, in pool: Pool) -> String {
        guard let adopted else { return ServerKeywords.added(member, to: pool, weight: self[member.host]?.weight) }
        return adopted.keywords(of: server(of: member, adopted)).joined(separator: " ")
    }

    /// The weight it should run with; `nil` where the file does not tell.
    func weight(of member: PoolMember, in pool: Pool) -> Int? {
        self[member.host]?.weight ?? (adopted == nil ? pool.traffic.weight : adopted?.usualWeight)
    }

    /// Whether its agent is asked, which is to be so at run time as well.
    func asksAgent(of member: PoolMember) -> Bool {
        guard let adopted else { return traffic?.agent != nil && self[member.host]?.weight == nil }
        let words = adopted.keywords(of: server(of: member, adopted))
        guard let place = words.lastIndex(of: "agent-check") else { return false }
        return !words[place...].contains("no-agent-check")
    }

    /// How long it gets less than its share.
    func slowStart(of member: PoolMember, in pool: Pool) -> Duration? {
        guard let adopted else { return pool.traffic.slowStart }
        return adopted.slowStart(of: server(of: member, adopted))
    }

    /// Whether `add server` can bring it.
    func isAddable(_ member: PoolMember) -> Bool { adopted.map { $0.canAdd(server(of: member, $0)) } ?? true }

    private func server(of member: PoolMember, _ adopted: AdoptedFile) -> Server {
        self[member.host] ?? adopted.filled(Server(member: member))
    }
}

extension HAProxyTraffic {
    /// Whether clients are kept at their member, as the balancer has it.
    func isSticky(on console: BalancerConsole) async throws(TrafficError) -> Bool {
        guard pool.adoption != nil else { return pool.traffic.cookie != nil }
        return try await console.readFile().file.isSticky(in: pool)
    }

    /// Whether the balancer takes the member by its file alone.
    func isAddedByReload(_ member: PoolMember, on console: BalancerConsole) async throws(TrafficError) -> Bool {
        if try await console.dialect().adding(to: pool.traffic) == .byReload { return true }
        guard pool.adoption != nil else { return false }
        return try await !console.readFile().file.isAddable(member)
    }
}
