import Fleet

/// Decides what a balancer that was away has to be like. Pure: from what the others answered to its file.
enum BalancerAlignment {
    /// A balancer that took part all the time.
    struct Model: Sendable {
        var file: PoolFile
        var status: BackendStatus
    }

    /// The first one's file; a member that any of them keeps out of rotation is disabled in it.
    static func file(like models: [Model]) -> PoolFile? {
        guard let first = models.first else { return nil }
        let servers = models.map { MembershipPlanner.servers(file: $0.file, running: $0.status) }
        let disabled = Set(servers.joined().filter(\.isDisabled).map(\.member.host))
        var file = first.file
        file.servers = servers[0].map { server in
            var server = server
            server.isDisabled = disabled.contains(server.member.host)
            let notes = models.compactMap { $0.file[server.member.host]?.keptOut }
            server.keptOut = server.isDisabled ? server.keptOut ?? notes.first : nil
            return server
        }
        return file
    }

    /// What has to be said at once, so that nothing gets traffic that `file` does not give any.
    static func commands(
        to file: PoolFile, from status: BackendStatus, isSticky: Bool = false
    ) -> [SocketCommand] {
        status.servers.filter { server in
            guard !server.isInMaintenance, server.state != .draining else { return false }
            return !file.servers.contains { !$0.isDisabled && isSame($0.member, server) }
        }.map { .want(isSticky ? .maint : .drain, $0.name) }
    }

    /// Whether the balancer runs `file`: its settings, its servers, and those out of rotation that it disables.
    static func isMet(_ file: PoolFile, by status: BackendStatus) -> Bool {
        guard file.isRun(by: status), status.servers.count == file.servers.count else { return false }
        return file.servers.allSatisfy { wanted in
            let name = wanted.member.host.description
            guard let server = status[name], isSame(wanted.member, server) else { return false }
            let weight = wanted.weight ?? file.traffic?.weight
            // What an agent said is its own.
            let isOther = server.agent == nil && server.weight != nil && weight != nil && server.weight != weight
            let isAsked = file.adopted != nil || file.asksAgent(of: wanted.member) == (server.agent != nil)
            return wanted.isDisabled == isOut(name, in: status) && !isOther && isAsked
        }
    }

    private static func isSame(_ member: PoolMember, _ server: ServerStatus) -> Bool {
        server.name == member.host.description
            && server.address == ServerAddress(address: member.address, port: member.port)
    }

    private static func isOut(_ name: String, in status: BackendStatus) -> Bool {
        guard let server = status[name] else { return false }
        return server.state == .maintenance || server.state == .draining
    }
}
