public import Fleet

extension HAProxyTraffic {
    /// What came of one balancer's checks of a member.
    private enum Finding: Sendable {
        /// It got traffic before the call and passes its checks.
        case serving
        /// Its checks passed while no request reached it.
        case passed
        /// They did not; what the last one said, and whether it got traffic before the call.
        case failed(check: String, wasServing: Bool)
    }

    /// Registers the member where it is missing and waits until it is up on every balancer; see ``TrafficControl``.
    ///
    /// Two steps: its checks pass on every balancer while it is out of rotation, then it goes into rotation on all. A member
    /// that fails is kept out where it was out, and left as it is where it had traffic: a balancer that cannot see the pool
    /// must not empty the others. A balancer where somebody took it out by hand is passed over.
    public func admit(_ member: PoolMember, patience: Duration) async throws(TrafficError) {
        let asked = try reachable()
        let kept = try await everywhere(asked, "asked") { console throws(TrafficError) in
            try await isKeptOut(member.host, on: console)
        }
        let consoles = zip(asked, kept).filter { !$0.1 }.map(\.0)
        if !consoles.isEmpty { try await admit(member, on: consoles, patience: patience) }
    }

    private func isKeptOut(_ host: HostName, on console: BalancerConsole) async throws(TrafficError) -> Bool {
        let status = try await console.status()
        if status[host.description]?.state == .up { return false }
        let file = try await console.readFile().file
        return file[host]?.keptOut != nil
            || MembershipPlanner.isOutByHand(host.description, file: file, running: status)
    }

    func admit(_ member: PoolMember, on chosen: [BalancerConsole], patience: Duration) async throws(TrafficError) {
        let (consoles, newcomers) = try await prepareEverywhere(member, on: chosen, patience: patience)
        do {
            // At run time before in the file: what is out although the file has it in was taken out by somebody else.
            try await everywhere(consoles, "in rotation") { console throws(TrafficError) in
                try await open(member, on: console)
            }
            try await everywhere(consoles, "in the file") { console throws(TrafficError) in
                _ = try await console.rewriteFile { $0.adding(member) }
                // A balancer that started anew in between has it out.
                try await open(member, on: console)
            }
            try await everywhere(consoles, "in rotation") { console throws(TrafficError) in
                try await waitForWholeShare(member, on: console)
            }
        } catch {
            _ = await keepOut(member, on: newcomers)
            throw error
        }
    }

    /// Has the member pass its checks on every balancer, out of rotation where it was out.
    /// - Returns: The balancers, and those of them that gave it no traffic before.
    /// - Throws: When it does not pass on one of them; it is then kept out where it was out.
    func prepareEverywhere(
        _ member: PoolMember, on chosen: [BalancerConsole]? = nil, patience: Duration
    ) async throws(TrafficError) -> (all: [BalancerConsole], newcomers: [BalancerConsole]) {
        do {
            try PoolRules.check(member)
        } catch {
            throw TrafficError(.refused, balancer: member.host, error.message, hints: error.hints)
        }
        let all = try reachable()
        let consoles = chosen ?? all
        let findings = await fanOut(consoles) { console throws(TrafficError) in
            try await prepare(member, on: console, patience: patience)
        }
        let newcomers = consoles.filter { findings[$0.host].map(Self.wasServing) == false }
        try await keepOutUnlessPassed(member, findings, consoles, newcomers)
        return (consoles, newcomers)
    }

    /// Brings the member to where its checks run, and waits for them.
    private func prepare(
        _ member: PoolMember, on console: BalancerConsole, patience: Duration
    ) async throws(TrafficError) -> Finding {
        let name = member.host.description
        var isPrepared = false
        var check = ""
        let file = try await console.readFile().file
        let finding = try await wait(
            upTo: patience, every: timings.poll, on: clock, for: console.host
        ) { () async throws(TrafficError) -> Finding? in
            let status = try await console.status()
            check = status[name]?.check ?? ""
            let keywords = file.keywords(of: member, in: pool)
            switch MembershipPlanner.admission(
                member, keywords: keywords, asksAgent: file.asksAgent(of: member), in: status, isPrepared: isPrepared)
            {
            case .serving: return .serving
            case .passed: return .passed
            case .waiting: return nil
            case .elsewhere:
                // The old address leaves once the new one answers, not before.
                if let said = try await refusal(of: member, on: console) {
                    check = said
                } else {
                    try await vacate(member.host, on: console, patience: patience)
                }
            case .prepare(let commands):
                try await prepare(member, by: commands, on: console)
                isPrepared = true
            }
            return nil
        }
        return finding ?? .failed(check: check, wasServing: !isPrepared)
    }

    /// Where a server cannot be added by a command, the file adds it, out of rotation.
    private func prepare(
        _ member: PoolMember, by commands: [SocketCommand], on console: BalancerConsole
    ) async throws(TrafficError) {
        guard case .add = commands.first, try await isAddedByReload(member, on: console) else {
            _ = try await console.say(commands)
            return
        }
        let name = member.host.description
        try await console.rewriteFile { $0.placing(member).disabling(member.host) }
        try await console.reload { $0[name]?.address == ServerAddress(address: member.address, port: member.port) }
        _ = try await console.say(Array(commands.dropFirst()))
    }

    /// Takes out the server that has the member's name at another address, without losing its requests.
    private func vacate(
        _ host: HostName, on console: BalancerConsole, patience: Duration
    ) async throws(TrafficError) {
        let name = host.description
        try await console.rewriteFile { $0.disabling(host) }
        let isSticky = try await isSticky(on: console)
        _ = try await console.say(
            MembershipPlanner.draining(name, in: try await console.status(), isSticky: isSticky))
        _ = try await waitUntilIdle(name, on: console, patience: patience)
        try await unregister(host, on: console)
    }

    /// Puts a member whose checks have passed into rotation and reads it back.
    private func open(_ member: PoolMember, on console: BalancerConsole) async throws(TrafficError) {
        let name = member.host.description
        let file = try await console.readFile().file
        let weight = file.weight(of: member, in: pool)
        let before = try await console.status()
        let commands = MembershipPlanner.opening(
            name, weight: weight, asksAgent: file.asksAgent(of: member), in: before)
        if MembershipPlanner.isServing(member, in: before), commands.count == 1 { return }
        let status = try await console.say(commands)
        guard MembershipPlanner.isServing(member, in: status) else {
            throw console.failure(
                .unhealthy, "\(name) was up, then failed its check: \(status[name]?.check ?? "it is gone")")
        }
    }

    /// Waits until a member that was slowly started gets its whole share: the next batch must not come before.
    private func waitForWholeShare(_ member: PoolMember, on console: BalancerConsole) async throws(TrafficError) {
        let file = try await console.readFile().file
        guard let slowStart = file.slowStart(of: member, in: pool) else { return }
        _ = try await wait(
            upTo: slowStart + pool.check.interval, every: timings.poll, on: clock, for: console.host
        ) { () async throws(TrafficError) -> Bool? in
            try await console.status()[member.host.description]?.throttle == nil ? true : nil
        }
    }

    /// Goes on when the member passed everywhere; otherwise keeps it out of `newcomers`.
    private func keepOutUnlessPassed(
        _ member: PoolMember, _ findings: [HostName: Result<Finding, TrafficError>], _ consoles: [BalancerConsole],
        _ newcomers: [BalancerConsole]
    ) async throws(TrafficError) {
        var reasons: [(HostName, String)] = []
        var errors: [TrafficError] = []
        for console in consoles {
            switch findings[console.host] {
            case .success(.serving)?, .success(.passed)?, nil: break
            case .success(.failed(let check, _))?:
                reasons.append((console.host, check.isEmpty ? "no check yet" : check))
            case .failure(let error)?: errors.append(error)
            }
        }
        guard !reasons.isEmpty || !errors.isEmpty else { return }
        let kept = await keepOut(member, on: newcomers)
        if let error = errors.first { throw error }
        try throwUnhealthy(member, reasons, kept)
    }

    /// Puts the member into maintenance and disables it in the file, if that names it: a restart leaves it out as well.
    private func keepOut(
        _ member: PoolMember, on consoles: [BalancerConsole]
    ) async -> [HostName: Result<Void, TrafficError>] {
        await fanOut(consoles) { console throws(TrafficError) in
            _ = try await console.rewriteFile { $0.disabling(member.host) }
            _ = try await console.say([.want(.maint, member.host.description)])
        }
    }

    private static func wasServing(_ finding: Result<Finding, TrafficError>) -> Bool {
        switch finding {
        case .success(.serving), .success(.failed(_, wasServing: true)): true
        // Where nothing is known, it may have been: what cannot be asked cannot be told either.
        case .failure: true
        case .success(.passed), .success(.failed): false
        }
    }

    private func throwUnhealthy(
        _ member: PoolMember, _ reasons: [(HostName, String)], _ kept: [HostName: Result<Void, TrafficError>]
    ) throws(TrafficError) {
        guard let first = reasons.first else { return }
        let told = reasons.map { "\($0.0) says \($0.1)" }.joined(separator: ", ")
        // The result is only asked whether it is one: its error says less than the checks do.
        let open = kept.filter { (try? $0.value.get()) == nil }.keys.sorted()
        let hints =
            open.isEmpty
            ? [] : ["it could not be put into maintenance on \(open.map(\.description).joined(separator: ", "))"]
        let left = kept.isEmpty ? "left as it is" : "kept out"
        throw TrafficError(
            .unhealthy, balancer: first.0, "\(member.host) does not pass its checks (\(told)) and is \(left)",
            hints: ["ask it yourself: \(pool.check.question) at \(member.address):\(member.port)"] + hints)
    }
}
