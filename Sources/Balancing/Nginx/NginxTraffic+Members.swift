public import Fleet

extension NginxTraffic {
    /// Asks the member from every balancer until it passes, and gives it requests then; see ``TrafficControl``.
    ///
    /// A member that fails is left out where it was out, and as it is where it had requests. One that has its name at another
    /// address gives that up in the same reload.
    public func admit(_ member: PoolMember, patience: Duration) async throws(TrafficError) {
        let consoles = try reachable()
        try await untilHealthy(member, on: consoles, patience: patience)
        let former = try await everywhere(consoles, "in rotation") { console throws(TrafficError) -> PoolMember? in
            let before = try await console.readFile().file.members.first { $0.host == member.host && $0 != member }
            try await console.bring { $0.adding(member) }
            return before
        }
        // What is in progress where it was ends by itself, and is waited for.
        for case let before? in former {
            _ = try await everywhere(consoles, "drained") { console throws(TrafficError) in
                try await untilIdle(before, on: console, patience: patience)
            }
        }
    }

    /// Waits until the member passes as often in a row as its check wants, everywhere.
    private func untilHealthy(
        _ member: PoolMember, on consoles: [NginxConsole], patience: Duration
    ) async throws(TrafficError) {
        let check = pool.check
        try await everywhere(consoles, "it passes") { console throws(TrafficError) in
            var (passed, said) = (0, "nothing yet")
            let isUp = try await wait(
                upTo: patience, every: min(check.interval, .seconds(5)), on: clock, for: console.host
            ) { () async throws(TrafficError) -> Bool? in
                let refusal = try await console.trial([member])[member.host]
                (passed, said) = (refusal == nil ? passed + 1 : 0, refusal ?? "")
                return passed >= check.rise ? true : nil
            }
            guard isUp == nil else { return }
            throw console.failure(
                .unhealthy,
                "\(member.host) does not pass its checks (GET \(check.path) gives \(said)) and is left as it is",
                hints: ["ask it yourself: GET \(check.path) at \(member.address):\(member.port)"])
        }
    }

    /// Takes the member out of rotation everywhere and waits for its connections to end; see ``TrafficControl``.
    public func drain(_ host: HostName, patience: Duration) async throws(TrafficError) -> Int {
        let consoles = try reachable()
        try await everywhere(consoles, "out of rotation") { console throws(TrafficError) in
            try await console.bring { $0.disabling(host) }
        }
        let left = try await everywhere(consoles, "drained") { console throws(TrafficError) in
            guard let member = try await console.status()[host]?.member else { return 0 }
            return try await untilIdle(member, on: console, patience: patience)
        }
        return left.reduce(0, +)
    }

    /// - Returns: How many connections to the member are left when `patience` runs out.
    private func untilIdle(
        _ member: PoolMember, on console: NginxConsole, patience: Duration
    ) async throws(TrafficError) -> Int {
        var (left, idle) = (0, 0)
        _ = try await wait(
            upTo: patience, every: timings.poll, on: clock, for: console.host
        ) { () async throws(TrafficError) -> Bool? in
            let status = try await console.status([member])
            guard status[member.host].map({ $0.isDown || $0.member != member }) ?? true else {
                throw console.failure(
                    .notApplied, "\(member.host) gets requests again: another put it back into rotation")
            }
            left = status.sessions(member)
            idle = left == 0 ? idle + 1 : 0
            // A worker that ends may have been about to connect.
            return idle >= 2 ? true : nil
        }
        return left
    }

    /// Takes a drained member out of every file; see ``TrafficControl``.
    public func remove(_ host: HostName) async throws(TrafficError) {
        try await everywhere(try reachable(), "removed") { console throws(TrafficError) in
            try await console.bring { $0.removing(host) }
        }
    }

    /// Gives a server another name; see ``TrafficControl``. To nginx names are comments: nothing changes for its machine.
    public func rename(_ old: HostName, to member: PoolMember, patience: Duration) async throws(TrafficError) {
        let consoles = try reachable()
        try await untilHealthy(member, on: consoles, patience: patience)
        try await everywhere(consoles, "renamed") { console throws(TrafficError) in
            try await console.bring { $0.renaming(old, to: member) }
        }
    }

    // MARK: balancers that were away

    /// Leaves a balancer out of every change from now on, while another answers; see ``TrafficControl``.
    public func leaveOut(_ balancer: HostName, reason: String) async -> LeavingOut {
        await leavingOut(balancer, reason: reason)
    }

    /// Makes a balancer that was left out what the others are; see ``TrafficControl``.
    public func align(_ balancer: HostName) async throws(TrafficError) {
        guard let console = consoles[balancer] else {
            throw TrafficError(.unreachable, balancer: balancer, unreachable(balancer) ?? "it is not asked")
        }
        // In the pool's order, so that the same one is followed each time.
        let files = await answers { console throws(TrafficError) in try await console.readFile().file }
        guard var wanted = files.first else {
            throw console.failure(.unreachable, "no other balancer answers that could say what it should be like")
        }
        let out = Set(files.flatMap { $0.servers.filter(\.isDown).map(\.member.host) })
        for host in out { wanted = wanted.disabling(host) }
        let file = wanted
        try await console.bring { _ in file }
        absentees.end(balancer)
    }
}

extension UpstreamFile {
    /// The same file with the server of `old` called as `member` is; without it where both are there.
    func renaming(_ old: HostName, to member: PoolMember) -> Self {
        var file = removing(member.host)
        guard let place = file.servers.firstIndex(where: { $0.member.host == old }) else { return adding(member) }
        file.servers[place] = Server(member: member)
        return file
    }
}
