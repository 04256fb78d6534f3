public import Fleet

extension HAProxyTraffic {
    /// Takes the member out of rotation until somebody lets it in again; see ``ManualControl``.
    public func keepOut(_ host: HostName, _ note: KeptOut, patience: Duration) async throws(TrafficError) -> Int {
        let name = host.description
        let consoles = try reachable()
        try await everywhere(consoles, "asked") { console throws(TrafficError) in try await expect(host, on: console) }
        try await everywhere(consoles, "out of rotation") { console throws(TrafficError) in
            try await console.rewriteFile { $0.keepingOut(host, note) }
            let commands = MembershipPlanner.draining(
                name, in: try await console.status(), isSticky: try await isSticky(on: console))
            if try await console.say(commands)[name]?.state == .up {
                throw console.failure(.notApplied, "\(name) still gets traffic after it was drained")
            }
        }
        let left = try await everywhere(consoles, "drained") { console throws(TrafficError) in
            let left = try await waitUntilIdle(name, on: console, patience: patience)
            try await settle(name, note, on: console)
            return left
        }
        return left.reduce(0, +)
    }

    /// Once nothing is in progress: in maintenance, or out of it where only a drain is wanted and a cookie forbids none.
    private func settle(_ name: String, _ note: KeptOut, on console: BalancerConsole) async throws(TrafficError) {
        guard let server = try await console.status()[name] else { return }
        let isSticky = try await isSticky(on: console)
        let isMaintenance = note.isMaintenance || isSticky
        let wish: SocketCommand.AdministrativeState =
            isMaintenance ? .maint : .drain
        guard server.isInMaintenance != (wish == .maint) else { return }
        let state = try await console.say([.want(wish, name)])[name]?.state
        if state == .up { throw console.failure(.notApplied, "\(name) gets traffic again after it was drained") }
    }

    private func expect(_ host: HostName, on console: BalancerConsole) async throws(TrafficError) {
        guard try await console.readFile().file[host] == nil else { return }
        throw console.failure(
            .refused, "\(host) is not in \(pool.configFile), and gets no traffic",
            hints: ["members come into the pool with: drover apply"])
    }

    /// Puts the member into rotation, whoever took it out; see ``ManualControl``.
    public func letIn(_ member: PoolMember, patience: Duration) async throws(TrafficError) {
        try await admit(member, on: try reachable(), patience: patience)
    }

    /// Gives the member a weight of its own; see ``ManualControl``.
    public func weigh(_ host: HostName, _ weight: Int) async throws(TrafficError) {
        let consoles = try reachable()
        try await everywhere(consoles, "asked") { console throws(TrafficError) in
            try await expect(host, on: console)
            let file = try await console.readFile().file
            if file.adopted != nil, let server = file[host], file.asksAgent(of: server.member) {
                throw console.failure(
                    .refused, "the agent of \(host) decides its weight, as \(pool.configFile) says",
                    hints: ["take agent-check out of its line there, or write no-agent-check behind it"])
            }
            // Weights in somebody's own file are theirs, and this one's from here on.
            guard file.adopted != nil || (file.traffic?.weight ?? 0) > 1 else {
                throw console.failure(
                    .refused, "members have no weight that could be divided, as an earlier version wrote the pool",
                    hints: ["the pool's settings are brought by: drover apply"])
            }
        }
        let name = host.description
        try await everywhere(consoles, "weighed") { console throws(TrafficError) in
            try await console.rewriteFile { $0.weighing(host, weight) }
            guard let server = try await console.status()[name] else { return }
            let file = try await console.readFile().file
            let asksAgent = file[host].map { file.asksAgent(of: $0.member) } ?? false
            // First the agent, or its next reply would be the weight.
            let silencing: [SocketCommand] = server.agent == nil || asksAgent ? [] : [.disableAgent(name)]
            let found = try await console.say(silencing + [.weigh(name, weight)])[name]?.weight
            guard found == weight || asksAgent else {
                throw console.failure(
                    .notApplied, "\(name) has weight \(found ?? 0) after it was given \(weight)",
                    hints: ["the pool's 'balance' may know no such weights"])
            }
            if asksAgent { try await ask(agentOf: name, on: console) }
        }
    }

    /// Has the member's agent asked again. HAProxy knows of none where it started while the file said to leave it alone: it
    /// reads the file again then.
    private func ask(agentOf name: String, on console: BalancerConsole) async throws(TrafficError) {
        if try await console.attempt([.enableAgent(name), .agentUp(name)]).status[name]?.agent != nil { return }
        try await console.reload { $0[name]?.agent != nil }
    }

    /// Writes down who was taken out at a balancer's own console; see ``ManualControl``.
    public func noteKeptOut(at moment: Timestamp) async {
        // A balancer that does not answer is told of by whatever is done next.
        _ = await fanOut(present) {
            console throws(TrafficError) in
            let status = try await console.status()
            try await console.rewriteFile { file in
                file.servers.map(\.member.host).reduce(file) { file, host in
                    guard MembershipPlanner.isOutByHand(host.description, file: file, running: status) else {
                        return file
                    }
                    let isMaintenance = status[host.description]?.isInMaintenance == true
                    return file.keepingOut(host, KeptOut(since: moment, isMaintenance: isMaintenance))
                }
            }
        }
    }
}
