import Fleet

extension PoolFile {
    /// The same file with `member` in it, at its place if it has one, and not disabled.
    func adding(_ member: PoolMember) -> Self {
        var file = placing(member)
        file.change(member.host) { server in
            server.isDisabled = false
            server.keptOut = nil
        }
        return file
    }

    /// The same file with `member` in it, at its place if it has one, and otherwise out of rotation.
    func placing(_ member: PoolMember) -> Self {
        var file = self
        if servers.contains(where: { $0.member.host == member.host }) {
            file.change(member.host) { $0.member = member }
        } else {
            let cookie = traffic?.cookie.map { _ in member.host.description }
            let server = Server(member: member, isDisabled: true, cookie: cookie)
            file.servers.append(adopted?.filled(server) ?? server)
        }
        return file
    }

    /// The same file with `host` out of rotation, if it is named.
    func disabling(_ host: HostName) -> Self { changing(host) { $0.isDisabled = true } }

    /// The same file with `host` out of rotation by somebody's hand, if it is named.
    func keepingOut(_ host: HostName, _ note: KeptOut) -> Self {
        changing(host) { server in
            server.isDisabled = true
            server.keptOut = note
        }
    }

    /// The same file with another weight of `host`, if it is named.
    func weighing(_ host: HostName, _ weight: Int) -> Self {
        let usual = traffic?.weight
        let hasAgents = traffic?.agent != nil
        return changing(host) { server in
            server.weight = weight == usual ? nil : weight
            server.isUnasked = hasAgents && server.weight != nil
        }
    }

    /// The same file without `host`.
    func removing(_ host: HostName) -> Self {
        var file = self
        file.servers.removeAll { $0.member.host == host }
        return file
    }

    private func changing(_ host: HostName, _ change: (inout Server) -> Void) -> Self {
        var file = self
        file.change(host, change)
        return file
    }

    private mutating func change(_ host: HostName, _ change: (inout Server) -> Void) {
        guard let place = servers.firstIndex(where: { $0.member.host == host }) else { return }
        change(&servers[place])
    }
}
