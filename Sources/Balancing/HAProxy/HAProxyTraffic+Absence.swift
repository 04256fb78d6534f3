public import Fleet

extension HAProxyTraffic {
    /// Leaves a balancer out of every change from now on; see ``TrafficControl``.
    public func leaveOut(_ balancer: HostName, reason: String) async -> LeavingOut {
        await leavingOut(balancer, reason: reason)
    }

    /// Makes a balancer that was left out what the others are; see ``TrafficControl``.
    ///
    /// At run time first, at once; then its file, which it reads again where what runs is otherwise.
    public func align(_ balancer: HostName) async throws(TrafficError) {
        guard let console = consoles[balancer] else {
            throw TrafficError(.unreachable, balancer: balancer, unreachable(balancer) ?? "it is not asked")
        }
        // In the pool's order, so that the same one is followed each time.
        let models = await answers { console throws(TrafficError) in
            BalancerAlignment.Model(file: try await console.readFile().file, status: try await console.status())
        }
        guard let wanted = BalancerAlignment.file(like: models) else {
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
}
