public import Fleet

extension HAProxyTraffic {
    /// Leaves a balancer out of every change from now on; see ``TrafficControl``.
    ///
    /// Only while another answers: when none does, it is rather this machine that is cut off.
    public func leaveOut(_ balancer: HostName, reason: String) async -> LeavingOut {
        if absentees[balancer]?.isAccepted == true { return .already }
        let others = balancers.compactMap { $0.host != balancer && takesPart($0.host) ? consoles[$0.host] : nil }
        let answers = await fanOut(others) { console throws(TrafficError) in try await console.status() }
        let isAnyThere = answers.values.contains { if case .success = $0 { true } else { false } }
        guard isAnyThere else { return .impossible }
        return absentees.add(balancer, of: balancers.map(\.host), reason: reason)
    }

    /// Makes a balancer that was left out what the others are; see ``TrafficControl``.
    ///
    /// At run time first, at once; then its file, which it reads again where what runs is otherwise.
    public func align(_ balancer: HostName) async throws(TrafficError) {
        guard let console = consoles[balancer] else {
            throw TrafficError(.unreachable, balancer: balancer, unreachable(balancer) ?? "it is not asked")
        }
        let models = await fanOut(balancers.compactMap { takesPart($0.host) ? consoles[$0.host] : nil }) {
            console throws(TrafficError) in
            BalancerAlignment.Model(file: try await console.readFile().file, status: try await console.status())
        }
        // In the pool's order, so that the same one is followed each time.
        let answers = balancers.compactMap { try? models[$0.host]?.get() }  // Others that are silent say nothing here.
        guard let wanted = BalancerAlignment.file(like: answers) else {
            throw console.failure(.unreachable, "no other balancer answers that could say what it should be like")
        }
        let isSticky = wanted.isSticky(in: pool)
        let commands = BalancerAlignment.commands(to: wanted, from: try await console.status(), isSticky: isSticky)
        if !commands.isEmpty { _ = try await console.say(commands) }
        try await console.rewriteFile { $0.becoming(wanted) }
        if !BalancerAlignment.isMet(wanted, by: try await console.status()) {
            try await console.reload { BalancerAlignment.isMet(wanted, by: $0) }
        }
        absentees.end(balancer)
    }

    /// Whether changes are made on it.
    func takesPart(_ balancer: HostName) -> Bool { absentees[balancer] == nil }

    private func unreachable(_ balancer: HostName) -> String? {
        for case (balancer, .unreachable(let reason)) in balancers.map({ ($0.host, $0.reach) }) { return reason }
        return nil
    }
}
