import Fleet

/// Decides which commands move a server of one balancer toward where it should be. Pure: from what was read to what to say.
enum MembershipPlanner {
    /// Where a member stands that is to be admitted.
    enum Admission: Equatable, Sendable {
        /// It gets traffic already, and its checks pass.
        case serving
        /// Its checks have passed, and it gets no traffic yet.
        case passed
        /// Its checks have to be waited for.
        case waiting
        /// Another address has its name: the old server has to leave first.
        case elsewhere
        /// These have to be said, then its checks be waited for.
        case prepare([SocketCommand])
    }

    /// How to bring `member` to where its checks run and no request reaches it.
    ///
    /// Draining keeps requests away while checks run; forgetting the passed checks makes sure that those which count were
    /// answered by what runs there now. A member that gets traffic is never drained for it: after a reload, none has
    /// passed a check yet, and draining them all would end the service.
    ///
    /// A member whose agent is asked is put up in its agent's stead first, whether or not there is one; its own checks decide.
    static func admission(
        _ member: PoolMember, keywords: String, asksAgent: Bool = false, in backend: BackendStatus, isPrepared: Bool
    ) -> Admission {
        let name = member.host.description
        let found = backend[name]
        let asking = asksAgent && found?.agent == nil ? asking(name) : []
        let checking = asking + [.healthDown(name), .enableHealth(name)]
        guard let server = found else {
            return .prepare([.add(member, keywords), .want(.drain, name)] + checking)
        }
        guard server.address == ServerAddress(address: member.address, port: member.port) else { return .elsewhere }
        if server.state == .up { return server.isHealthy ? .serving : .waiting }
        if !isPrepared || server.isInMaintenance {
            return .prepare([.want(.drain, name)] + checking)
        }
        return server.isHealthy ? .passed : .waiting
    }

    /// Whether a member gets traffic.
    static func isServing(_ member: PoolMember, in backend: BackendStatus) -> Bool {
        guard let server = backend[member.host.description] else { return false }
        return server.state == .up && server.address == ServerAddress(address: member.address, port: member.port)
    }

    /// How to take a server out of rotation; nothing for one that is in maintenance or does not run.
    ///
    /// Where a cookie keeps clients at their server, a drained one never has fewer: they go elsewhere from one in
    /// maintenance alone.
    static func draining(_ name: String, in backend: BackendStatus, isSticky: Bool = false) -> [SocketCommand] {
        guard let server = backend[name], !server.isInMaintenance else { return [] }
        return [.want(isSticky ? .maint : .drain, name)]
    }

    private static func asking(_ name: String) -> [SocketCommand] { [.enableAgent(name), .agentUp(name)] }

    /// How to put a server into rotation with its weight, where that is known. One that comes begins with its whole weight,
    /// of which its agent soon says how much it gets: what it said of an earlier release is past.
    static func opening(
        _ name: String, weight: Int?, asksAgent: Bool = false, in backend: BackendStatus
    ) -> [SocketCommand] {
        let server = backend[name]
        let asking = asksAgent && server?.agent == nil ? asking(name) : []
        let leaving: [SocketCommand] = !asksAgent && server?.agent != nil ? [.disableAgent(name)] : []
        let ready = [.want(.ready, name)] + asking + leaving
        let isAgents = asksAgent && server?.state == .up
        guard let weight, let found = server?.weight, found != weight, !isAgents else { return ready }
        return ready + [.weigh(name, weight)]
    }

    /// Whether a server is out of rotation though the file has it in, at its address: by somebody's hand, since Drover
    /// writes down what it takes out before it does.
    static func isOutByHand(_ name: String, file: PoolFile, running backend: BackendStatus) -> Bool {
        guard let server = backend[name], server.state == .maintenance || server.state == .draining,
            let entry = file.servers.first(where: { $0.member.host.description == name }), !entry.isDisabled
        else { return false }
        return server.address == ServerAddress(address: entry.member.address, port: entry.member.port)
    }

    /// How to take a drained server out. What is still in progress had the caller's patience and is cut.
    static func removal(_ name: String, in backend: BackendStatus) -> [SocketCommand] {
        guard let server = backend[name] else { return [] }
        let cut: [SocketCommand] = server.sessions > 0 ? [.shutdownSessions(name)] : []
        let silencing: [SocketCommand] = server.agent == nil ? [] : [.disableAgent(name)]
        return silencing + [.want(.maint, name)] + cut + [.delete(name)]
    }

    /// The servers the file should name so that a reload changes nobody's traffic: those of the file and those that run,
    /// disabled where they are out of rotation now. Of one that is down nothing else can be seen: the file knows whether it
    /// was taken out.
    static func servers(file: PoolFile, running backend: BackendStatus) -> [PoolFile.Server] {
        var servers = file.servers
        for status in backend.servers {
            let isOut = status.state == .maintenance || status.state == .draining
            if let place = servers.firstIndex(where: { $0.member.host.description == status.name }) {
                if isOutByHand(status.name, file: file, running: backend) {
                    servers[place].keptOut = KeptOut(isMaintenance: status.isInMaintenance)
                }
                if isOut || status.state == .up { servers[place].isDisabled = isOut }
                // A server whose name no host can have is not ours to write down; the reload drops it.
            } else if let host = try? HostName(status.name), let address = status.address {
                let member = PoolMember(host: host, address: address.address, port: address.port)
                servers.append(PoolFile.Server(member: member, isDisabled: isOut))
            }
        }
        return servers
    }
}
