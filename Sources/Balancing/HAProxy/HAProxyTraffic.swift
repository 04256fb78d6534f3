public import Fleet

/// Moves traffic with HAProxy 2.4 or newer: at run time over the admin socket, so that no request is lost, and in the
/// pool's file, so that a restart comes up the same.
public struct HAProxyTraffic: TrafficControl, BalancerGroup {
    /// The pool as desired.
    public let pool: Pool
    let balancers: [Balancer]
    let consoles: [HostName: BalancerConsole]
    let timings: HAProxyTimings
    let clock: any Clock<Duration>
    var poll: Duration { timings.poll }
    let absentees: Absentees

    /// The traffic of `pool` over `balancers`.
    /// - Parameters:
    ///   - privilege: Whose rights reach the admin socket, the files and the service.
    ///   - fence: What every change passes on every balancer; `nil` lets all through.
    ///   - returning: Balancers that were left out earlier, with the reason. Nothing is changed until each has been aligned
    ///     or left out again.
    /// - Throws: ``InputError`` when the pool cannot be written as HAProxy's, such as a member whose address is a name.
    public init(
        pool: Pool, balancers: [Balancer], installation: HAProxyInstallation = HAProxyInstallation(),
        timings: HAProxyTimings = HAProxyTimings(), privilege: Privilege = .root, fence: BalancerFence? = nil,
        returning: [HostName: String] = [:], clock: any Clock<Duration> = ContinuousClock()
    ) throws(InputError) {
        try PoolRules.check(pool)
        self.pool = pool
        self.balancers = balancers
        self.timings = timings
        self.clock = clock
        absentees = Absentees(of: balancers, returning: returning)
        consoles = balancers.reduce(into: [:]) { consoles, balancer in
            guard case .over(let transport) = balancer.reach else { return }
            consoles[balancer.host] = BalancerConsole(
                transport: transport, pool: pool, installation: installation, timings: timings, privilege: privilege,
                fence: fence, clock: clock)
        }
    }

    /// Asks every balancer that is not left out; see ``TrafficControl``.
    public func observe() async -> [BalancerView] {
        await views { console throws(TrafficError) in
            let status = try await console.status()
            return view(console.host, status, try await console.readFile())
        }
    }

    private func view(_ host: HostName, _ status: BackendStatus, _ reading: BalancerConsole.Reading) -> BalancerView {
        let file = reading.file
        let wanted = file.remade(for: pool, running: status)
        let running = status.servers.compactMap { server -> RunningMember? in
            // A server that no host can be named after is none of the pool's members, whoever put it there.
            guard let name = try? HostName(server.name) else { return nil }
            var member = RunningMember(
                host: name, address: server.address?.address ?? "", port: server.address?.port ?? 0,
                state: server.state, sessions: server.sessions, queued: server.queued, check: server.check,
                counters: server.counters)
            (member.weight, member.throttle, member.agent) = (server.weight, server.throttle, server.agent)
            return member
        }
        var view = BalancerView(
            balancer: host, running: running, configured: file.members,
            isEstablished: file.settings == wanted.settings && wanted.isRun(by: status))
        view.disabled = Set(file.servers.filter(\.isDisabled).map(\.member.host))
        view.check = file.check
        view.traffic = file.traffic
        for server in file.servers {
            let name = server.member.host
            view.weights[name] = server.weight
            let isOut = MembershipPlanner.isOutByHand(name.description, file: file, running: status)
            let seen = isOut ? KeptOut(isMaintenance: status[name.description]?.isInMaintenance == true) : nil
            view.keptOut[name] = server.keptOut ?? seen
        }
        view.queued = status.queued
        if !view.isEstablished, file.adopted == nil {
            view.fileChange = PoolFileChange(path: pool.configFile, before: reading.text, after: wanted.text)
        }
        return view
    }

    /// Takes the member out of rotation everywhere; see ``TrafficControl``.
    public func drain(_ host: HostName, patience: Duration) async throws(TrafficError) -> Int {
        let name = host.description
        let consoles = try reachable()
        // First on all of them, so that no balancer sends more while another is waited for. In the file before at run time:
        // a balancer that starts anew in between must not give it traffic again.
        try await everywhere(consoles, "out of rotation") { console throws(TrafficError) in
            let status = try await console.status()
            try await console.rewriteFile { file in
                // What somebody else took out a moment ago stays out afterwards.
                guard MembershipPlanner.isOutByHand(name, file: file, running: status) else {
                    return file.disabling(host)
                }
                return file.keepingOut(host, KeptOut(isMaintenance: status[name]?.isInMaintenance == true))
            }
            let commands = MembershipPlanner.draining(
                name, in: try await console.status(), isSticky: try await isSticky(on: console))
            if try await console.say(commands)[name]?.state == .up {
                throw console.failure(.notApplied, "\(name) still gets traffic after it was drained")
            }
        }
        let left = try await everywhere(consoles, "drained") { console throws(TrafficError) in
            try await waitUntilIdle(name, on: console, patience: patience)
        }
        return left.reduce(0, +)
    }

    /// Sessions and queued requests that are left when `patience` runs out.
    func waitUntilIdle(
        _ name: String, on console: BalancerConsole, patience: Duration
    ) async throws(TrafficError) -> Int {
        var left = 0
        _ = try await wait(
            upTo: patience, every: timings.poll, on: clock, for: console.host
        ) { () async throws(TrafficError) -> Bool? in
            guard let server = try await console.status()[name] else {
                left = 0
                return true
            }
            guard server.state != .up else {
                throw console.failure(
                    .notApplied, "\(name) gets traffic again: another put it back into rotation")
            }
            left = server.sessions + server.queued
            // What is in progress on a host that is gone never ends.
            return left == 0 || server.isGone ? true : nil
        }
        return left
    }

    /// Takes a drained member out of every balancer and every file; see ``TrafficControl``.
    public func remove(_ host: HostName) async throws(TrafficError) {
        try await everywhere(try reachable(), "removed") { console throws(TrafficError) in
            try await unregister(host, on: console)
            try await console.rewriteFile { $0.removing(host) }
        }
    }

    /// Takes a server out at run time, waiting for its connections to end.
    func unregister(_ host: HostName, on console: BalancerConsole) async throws(TrafficError) {
        let name = host.description
        if try await console.dialect().removing == .byReload {
            try await console.rewriteFile { $0.removing(host) }
            if try await console.status()[name] != nil { try await console.reload { $0[name] == nil } }
            return
        }
        var refusal = ""
        let isGone = try await wait(
            upTo: timings.removal, every: timings.poll, on: clock, for: console.host
        ) { () async throws(TrafficError) -> Bool? in
            let commands = MembershipPlanner.removal(name, in: try await console.status())
            if commands.isEmpty { return true }
            let (refusals, status) = try await console.attempt(commands)
            refusal = refusals.last ?? ""
            return status[name] == nil ? true : nil
        }
        if isGone == nil {
            throw console.failure(
                .refused, "\(name) cannot be taken out after \(timings.removal): \(refusal)",
                hints: ["it is in maintenance and gets no traffic; try again later"])
        }
    }
}
