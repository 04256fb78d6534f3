import Fleet

extension NginxTraffic {
    /// The balancers a change is made on.
    /// - Throws: `.unreachable` when one that was not left out cannot be reached: it may be sending requests.
    func reachable() throws(TrafficError) -> [NginxConsole] {
        for balancer in balancers {
            let reason: String
            if let absence = absentees[balancer.host] {
                if absence.isAccepted { continue }
                reason = absence.text
            } else if case .unreachable(let silence) = balancer.reach {
                reason = silence
            } else {
                continue
            }
            throw TrafficError(
                .unreachable, balancer: balancer.host, reason,
                hints: ["mend it, or go on without it: --without \(balancer.host) \"REASON\""])
        }
        return balancers.compactMap { absentees[$0.host] == nil ? consoles[$0.host] : nil }
    }

    /// Does `work` on all balancers at once and gives what came of it on each.
    func fanOut<Answer: Sendable>(
        _ consoles: [NginxConsole],
        _ work: @escaping @Sendable (NginxConsole) async throws(TrafficError) -> Answer
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
        _ consoles: [NginxConsole], _ done: String,
        _ work: @escaping @Sendable (NginxConsole) async throws(TrafficError) -> Answer
    ) async throws(TrafficError) -> [Answer] {
        let results = await fanOut(consoles, work)
        var answers: [Answer] = []
        var succeeded: [String] = []
        var failed: TrafficError?
        for console in consoles {
            switch results[console.host] {
            case .success(let answer)?:
                answers.append(answer)
                succeeded.append(console.host.description)
            case .failure(let error)?: failed = failed ?? error
            case nil: break
            }
        }
        guard let failed else { return answers }
        let held = succeeded.isEmpty ? [] : ["\(done) on \(succeeded.joined(separator: ", "))"]
        throw TrafficError(failed.code, balancer: failed.balancer, failed.message, hints: failed.hints + held)
    }
}
