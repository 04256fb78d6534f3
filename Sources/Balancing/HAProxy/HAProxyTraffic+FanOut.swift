import Fleet

extension HAProxyTraffic {
    /// The balancers a change is made on.
    /// - Throws: `.unreachable` when one that was not given up cannot be reached: it may be sending requests.
    func reachable() throws(TrafficError) -> [BalancerConsole] {
        for balancer in balancers {
            if case .unreachable(let reason) = balancer.reach {
                throw TrafficError(
                    .unreachable, balancer: balancer.host, reason,
                    hints: ["nothing was changed; a balancer that is out of service has to be excluded by name"])
            }
        }
        return balancers.compactMap { consoles[$0.host] }
    }

    /// Does `work` on all balancers at once and gives what came of it on each.
    func fanOut<Answer: Sendable>(
        _ consoles: [BalancerConsole],
        _ work: @escaping @Sendable (BalancerConsole) async throws(TrafficError) -> Answer
    ) async -> [HostName: Result<Answer, TrafficError>] {
        await withTaskGroup(of: (HostName, Result<Answer, TrafficError>).self) { group in
            for console in consoles {
                group.addTask {
                    do throws(TrafficError) {
                        return (console.host, .success(try await work(console)))
                    } catch {
                        return (console.host, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
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
