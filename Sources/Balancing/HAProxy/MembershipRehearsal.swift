public import Fleet

/// Goes through steps on one balancer without doing them: what it would be told, what its file would be, and how many
/// members would serve. Pure.
struct MembershipRehearsal {
    let pool: Pool
    private(set) var status: BackendStatus
    private(set) var file: PoolFile
    private(set) var parts: [PoolRehearsal.Part] = []

    /// From what a balancer runs, and from its file.
    init(_ pool: Pool, from status: BackendStatus, _ file: PoolFile) {
        (self.pool, self.status, self.file) = (pool, status, file)
    }

    /// Members that get requests now, each machine once.
    var inService: Int { Set(status.servers.filter { $0.state == .up }.map(\.address)).count }

    /// Goes through one step. What is as it should be already is no part.
    mutating func take(_ step: PoolStep) {
        let before = (inService, file)
        let (commands, least) = commands(for: step)
        guard !commands.isEmpty || file != before.1 else { return }
        parts.append(
            PoolRehearsal.Part(
                step: step, commands: commands.map { $0.line(backend: pool.name) }, least: min(least, before.0),
                after: inService))
    }

    /// - Returns: What is said, and the fewest members in service meanwhile.
    private mutating func commands(for step: PoolStep) -> ([SocketCommand], Int) {
        switch step {
        case .admit(let member):
            let commands = preparing(member)
            let least = inService
            return (commands + open(member), least)
        case .update(let member):
            let leaving = MembershipPlanner.draining(member.host.description, in: status)
            set(member.host.description, "DRAIN")
            let least = inService
            return (leaving + preparing(member) + open(member), least)
        case .remove(let host):
            let leaving = MembershipPlanner.draining(host.description, in: status)
            let commands = leaving + leave(host.description)
            file = file.removing(host)
            return (commands, inService)
        case .rename(let old, let member):
            let commands = preparing(member) + open(member)
            let leaving = MembershipPlanner.draining(old.description, in: status)
            let end = leave(old.description)
            file = file.removing(old)
            return (commands + leaving + end, inService)
        }
    }

    /// Brings the member to where its checks run; a server that has its name elsewhere leaves first.
    private mutating func preparing(_ member: PoolMember) -> [SocketCommand] {
        let name = member.host.description
        let keywords = file.keywords(of: member, in: pool)
        switch MembershipPlanner.admission(
            member, keywords: keywords, asksAgent: file.asksAgent(of: member), in: status, isPrepared: false)
        {
        case .serving, .passed, .waiting: return []
        case .prepare(let commands): return commands
        case .elsewhere:
            let leaving = MembershipPlanner.draining(name, in: status) + leave(name)
            return leaving + preparing(member)
        }
    }

    private mutating func leave(_ name: String) -> [SocketCommand] {
        guard var server = status[name] else { return [] }
        // What is in progress has had its time by then, and is cut only where it goes on.
        server.sessions = 0
        let commands = MembershipPlanner.removal(name, in: BackendStatus(id: status.id, servers: [server]))
        status.servers.removeAll { $0.name == name }
        return commands
    }

    private mutating func open(_ member: PoolMember) -> [SocketCommand] {
        let name = member.host.description
        let isServing = MembershipPlanner.isServing(member, in: status)
        status.servers.removeAll { $0.name == name }
        status.servers.append(.serving(member, pool.check))
        file = file.adding(member)
        return isServing ? [] : [.want(.ready, name)]
    }

    private mutating func set(_ name: String, _ word: String) {
        for index in status.servers.indices where status.servers[index].name == name {
            status.servers[index].status = word
        }
    }
}

extension ServerStatus {
    /// A server as it is once its checks have passed.
    fileprivate static func serving(_ member: PoolMember, _ check: Pool.Check) -> Self {
        ServerStatus(
            name: member.host.description, address: ServerAddress(address: member.address, port: member.port),
            status: "UP", sessions: 0, queued: 0, connections: 0, checkStatus: "L7OK", checkCode: "", lastCheck: "",
            health: check.rise + check.fall - 1, rise: check.rise, fall: check.fall)
    }
}

extension HAProxyTraffic {
    /// What each balancer that answers would be told; see ``TrafficControl``.
    public func rehearse(_ steps: [PoolStep]) async -> [PoolRehearsal] {
        let pool = pool
        // One that does not answer is told of by whoever looks at the pool.
        return await answers { console throws(TrafficError) in
            let status = try await console.status()
            let found = try await console.readFile().file
            // Settings are brought about first, and told by themselves.
            let file = found.remade(for: pool, running: status)
            var rehearsal = MembershipRehearsal(pool, from: status, file)
            let inService = rehearsal.inService
            for step in steps { rehearsal.take(step) }
            let change = PoolFileChange(path: pool.configFile, before: file.text, after: rehearsal.file.text)
            return PoolRehearsal(
                balancer: console.host, inService: inService, parts: rehearsal.parts,
                file: change.before == change.after ? nil : change)
        }
    }
}
