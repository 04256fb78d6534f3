import Fleet

extension HAProxyTraffic {
    /// The balancers a change is made on.
    /// - Throws: `.unreachable` when one that was not left out cannot be reached: it may be sending requests.
    func reachable() throws(TrafficError) -> [BalancerConsole] {
        for balancer in balancers {
            if let absence = absentees[balancer.host] {
                if absence.isAccepted { continue }
                throw silence(of: balancer.host, absence.text)
            }
            if case .unreachable(let reason) = balancer.reach { throw silence(of: balancer.host, reason) }
        }
        return balancers.compactMap { takesPart($0.host) ? consoles[$0.host] : nil }
    }

    private func silence(of balancer: HostName, _ reason: String) -> TrafficError {
        TrafficError(
            .unreachable, balancer: balancer, reason,
            hints: ["mend it, or go on without it: --without \(balancer) \"REASON\""])
    }

    /// Does `work` on all balancers at once and gives what came of it on each.
    func fanOut<Answer: Sendable>(
        _ consoles: [BalancerConsole],
        _ work: @escaping @Sendable (BalancerConsole) async throws(TrafficError) -> Answer
    ) async -> [HostName: Result<Answer, TrafficError>] {
        let results = await forEachBounded(consoles) { console in
            await Result { () async throws(TrafficError) in try await work(console) }
        }
        return zip(consoles, results).reduce(into: [:]) { $0[$1.0.host] = $1.1 }
    }

    /// Does `work` on all balancers at once.
    /// - Parameter done: What holds where it succeeded, for the error of the balancer where it did not.
    @discardableResult
    func everywhere<Answer: Sendable>(
        _ consoles: [BalancerConsole], _ done: String,
        _ work: @escaping @Sendable (BalancerConsole) async throws(TrafficError) -> Answer
    ) async throws(TrafficError) -> [Answer] {
        let results = await fanOut(consoles, work)
        var answers: [Answer] = []
        var failed: [TrafficError] = []
        var succeeded: [String] = []
        for console in consoles {
            switch results[console.host] {
            case .success(let answer)?:
                answers.append(answer)
                succeeded.append(console.host.description)
            case .failure(let error)?: failed.append(error)
            case nil: break
            }
        }
        guard let error = failed.first else { return answers }
        let others = failed.dropFirst().map { "also on \($0.balancer): \($0.message)" }
        let held = succeeded.isEmpty ? [] : ["\(done) on \(succeeded.joined(separator: ", "))"]
        throw TrafficError(error.code, balancer: error.balancer, error.message, hints: error.hints + others + held)
    }
}
