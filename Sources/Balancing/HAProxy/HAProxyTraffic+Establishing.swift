public import Fleet

extension HAProxyTraffic {
    /// A balancer that lacks the pool's settings, as it was found.
    private struct Lacking: Sendable {
        let console: BalancerConsole
        let status: BackendStatus
        let reading: BalancerConsole.Reading

        /// Servers that get traffic.
        var serving: [ServerStatus] { status.servers.filter { $0.state == .up } }
    }

    /// Makes the backend's settings and its file what the pool wants; see ``TrafficControl``.
    ///
    /// Reloads a balancer only where settings differ, one balancer after the other, so that settings that turn out to be
    /// bad stop at the first, which gets its former ones back.
    public func establish() async throws(TrafficError) {
        let lacking = try await lacking()
        try await tryOut(lacking)
        for (place, balancer) in lacking.enumerated() {
            do throws(TrafficError) {
                try await change(balancer)
            } catch {
                throw error.adding(hint: Self.standing(lacking.prefix(place)))
            }
        }
    }

    private static func standing(_ changed: ArraySlice<Lacking>) -> String {
        let names = changed.map(\.console.host.description).joined(separator: ", ")
        return changed.isEmpty ? "no other balancer was changed" : "members are up with the new settings on \(names)"
    }

    /// The same where no member gets traffic; see ``TrafficControl``.
    public func establishWhereEmpty() async throws(TrafficError) {
        for balancer in try await lacking() where balancer.status.servers.isEmpty {
            try await change(balancer)
        }
    }

    /// Asks the member from every balancer; see ``TrafficControl``.
    public func probe(_ member: PoolMember) async throws(TrafficError) {
        try await everywhere(try reachable(), "it passes") { console throws(TrafficError) in
            guard let said = try await refusal(of: member, on: console) else { return }
            throw console.failure(
                .unhealthy, "\(pool.check.question) at \(member.address):\(member.port) gives \(said)")
        }
    }

    /// What a member says that would not count as healthy, asked from `console`; `nil` when it passes.
    func refusal(of member: PoolMember, on console: BalancerConsole) async throws(TrafficError) -> String? {
        let name = member.host.description
        let address = ServerAddress(address: member.address, port: member.port)
        return try await console.trial([(name, address)])[name] ?? nil
    }

    private func lacking() async throws(TrafficError) -> [Lacking] {
        let found = try await everywhere(try reachable(), "asked") { console throws(TrafficError) in
            Lacking(console: console, status: try await console.status(), reading: try await console.readFile())
        }
        let lacking = found.filter { balancer in
            let wanted = balancer.reading.file.remade(for: pool, running: balancer.status)
            return balancer.reading.file.settings != wanted.settings || !wanted.isRun(by: balancer.status)
        }
        // Somebody else's settings are brought by nobody else.
        if pool.adoption != nil, let balancer = lacking.first {
            throw balancer.console.failure(
                .refused, "HAProxy does not run backend \(pool.name), which \(pool.configFile) has",
                hints: ["see that the service reads that file, then: systemctl reload haproxy"])
        }
        return lacking
    }

    /// Asks every member in service what the new check asks, from the balancer that it serves: one that would go down keeps
    /// the settings away from all balancers.
    private func tryOut(_ lacking: [Lacking]) async throws(TrafficError) {
        let targets = lacking.reduce(into: [:]) { targets, balancer in
            targets[balancer.console.host] = balancer.serving.compactMap { server in
                server.address.map { (name: server.name, $0) }
            }
        }
        let answers = await fanOut(lacking.map(\.console)) { console throws(TrafficError) in
            try await console.trial(targets[console.host] ?? [])
        }
        var failing: [(balancer: HostName, told: String)] = []
        for balancer in lacking {
            guard let answer = answers[balancer.console.host] else { continue }
            for (member, said) in try answer.get().sorted(by: { $0.key < $1.key }) {
                if let said { failing.append((balancer.console.host, "\(member) answers \(said)")) }
            }
        }
        guard let first = failing.first else { return }
        let told = failing.filter { $0.balancer == first.balancer }.map(\.told)
        let more = told.count > 3 ? ", and \(told.count - 3) more" : ""
        throw TrafficError(
            .unhealthy, balancer: first.balancer,
            "the new check \(pool.check.question) fails on members in service: \(told.prefix(3).joined(separator: ", "))"
                + more,
            hints: [
                "no balancer was changed; mend pool.check in drover.yml, "
                    + "or have the members answer \(pool.check.expect.lowerBound) to \(pool.check.expect.upperBound) to it",
                "members are asked as HAProxy does: HTTP/1.1, Host: \(pool.name), an answer within \(pool.check.interval)",
            ])
    }

    private func change(_ balancer: Lacking) async throws(TrafficError) {
        let console = balancer.console
        let wanted = PoolFile(pool, servers: []).id
        let pool = pool
        try await console.rewriteFile { file in
            PoolFile(pool, servers: MembershipPlanner.servers(file: file, running: balancer.status))
        }
        do throws(TrafficError) {
            try await console.reload { $0.id == wanted }
            try await count(balancer.serving.map(\.name), on: console)
        } catch {
            try await putBack(balancer, after: error)
        }
    }

    /// Waits until as many members are up as were before: all have passed a check with the new settings, or had the time to.
    private func count(_ names: [String], on console: BalancerConsole) async throws(TrafficError) {
        guard !names.isEmpty else { return }
        var down: [String] = []
        _ = try await wait(
            upTo: pool.check.interval * pool.check.rise + timings.settling, every: timings.poll, on: clock,
            for: console.host
        ) { () async throws(TrafficError) -> Bool? in
            let status = try await console.status()
            let servers = names.map { ($0, status[$0]) }
            down = servers.filter { $0.1?.state != .up }.map { "\($0.0) (\($0.1?.check ?? "gone"))" }
            // The service is down behind this balancer: not to be waited out.
            if down.count == names.count { return true }
            return servers.allSatisfy { $0.1?.state == .up && $0.1?.isHealthy == true } ? true : nil
        }
        guard !down.isEmpty else { return }
        throw console.failure(
            .unhealthy,
            "\(names.count - down.count) of \(names.count.of("member")) up with the new settings: down are "
                + down.joined(separator: ", "))
    }

    private func putBack(_ balancer: Lacking, after error: TrafficError) async throws(TrafficError) {
        // A newer controller decides now; a wait that was cut short has found nothing wrong.
        guard error.code != .fenced, error.code != .cancelled, !balancer.reading.isAbsent else { throw error }
        let console = balancer.console
        do throws(TrafficError) {
            try await console.rewriteFile(as: formerText(balancer))
            try await console.reload { $0.id == balancer.status.id }
        } catch let second {
            throw error.adding(hint: "its former settings could not be put back: \(second.message)")
        }
        throw error.adding(hint: "\(console.host) has its former settings again")
    }

    /// The file as it was, with servers out of rotation that are out now.
    private func formerText(_ balancer: Lacking) -> String {
        let former = balancer.reading.file
        let servers = MembershipPlanner.servers(file: former, running: balancer.status)
        if servers == former.servers { return balancer.reading.text }
        var file = former
        file.servers = servers
        return file.text
    }
}

extension TrafficError {
    fileprivate func adding(hint: String) -> Self {
        Self(code, balancer: balancer, message, hints: hints + [hint])
    }
}
