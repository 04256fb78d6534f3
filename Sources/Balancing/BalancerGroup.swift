import Fleet

/// One balancer, and how it is talked to.
protocol BalancerEnd: Sendable {
    var transport: any Transport { get }

    /// Asks whether its program is there, and nothing more.
    func expectAnswer() async throws(TrafficError)

    /// Looks at whether it is as a driver needs it. Changes nothing.
    func examine() async throws(TrafficError) -> [ContractFinding]
}

extension BalancerEnd {
    var host: HostName { transport.host }
}

/// What drivers have in common: several balancers that are asked and changed side by side, some of which may be left out.
protocol BalancerGroup: Sendable {
    associatedtype Console: BalancerEnd

    var pool: Pool { get }
    var balancers: [Balancer] { get }
    /// Those that can be reached.
    var consoles: [HostName: Console] { get }
    var absentees: Absentees { get }
    /// Time between two questions to a balancer.
    var poll: Duration { get }
    var clock: any Clock<Duration> { get }
}

extension BalancerGroup {
    /// Whether changes are made on it.
    func takesPart(_ balancer: HostName) -> Bool { absentees[balancer] == nil }

    /// Those that take part and can be reached, in the inventory's order.
    var present: [Console] { balancers.compactMap { takesPart($0.host) ? consoles[$0.host] : nil } }

    /// Those of ``present`` that are not `balancer`.
    private func others(than balancer: HostName) -> [Console] { present.filter { $0.host != balancer } }

    /// The balancers a change is made on.
    /// - Throws: `.unreachable` when one that was not left out cannot be reached: it may be sending requests.
    func reachable() throws(TrafficError) -> [Console] {
        for balancer in balancers {
            if let absence = absentees[balancer.host] {
                if absence.isAccepted { continue }
                throw silence(of: balancer.host, absence.text)
            }
            if case .unreachable(let reason) = balancer.reach { throw silence(of: balancer.host, reason) }
        }
        return present
    }

    private func silence(of balancer: HostName, _ reason: String) -> TrafficError {
        TrafficError(
            .unreachable, balancer: balancer, reason,
            hints: ["mend it, or go on without it: --without \(balancer) \"REASON\""])
    }

    /// Why the balancer has no console; `nil` where it is not known to be unreachable.
    func unreachable(_ balancer: HostName) -> String? {
        for case (balancer, .unreachable(let reason)) in balancers.map({ ($0.host, $0.reach) }) { return reason }
        return nil
    }

    // MARK: side by side

    /// Does `work` on all balancers at once and gives what came of it on each.
    func fanOut<Answer: Sendable>(
        _ consoles: [Console], _ work: @escaping @Sendable (Console) async throws(TrafficError) -> Answer
    ) async -> [HostName: Result<Answer, TrafficError>] {
        let results = await forEachBounded(consoles) { console in
            await Result { () async throws(TrafficError) in try await work(console) }
        }
        return zip(consoles, results).reduce(into: [:]) { $0[$1.0.host] = $1.1 }
    }

    /// What those that take part answer, in the inventory's order. Whoever is silent says nothing here.
    func answers<Answer: Sendable>(
        _ work: @escaping @Sendable (Console) async throws(TrafficError) -> Answer
    ) async -> [Answer] {
        let asked = present
        let found = await fanOut(asked, work)
        return asked.compactMap { console in
            if case .success(let answer)? = found[console.host] { answer } else { nil }
        }
    }

    /// Does `work` on all balancers at once.
    /// - Parameter done: What holds where it succeeded, for the error of the balancer where it did not.
    @discardableResult
    func everywhere<Answer: Sendable>(
        _ consoles: [Console], _ done: String,
        _ work: @escaping @Sendable (Console) async throws(TrafficError) -> Answer
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

    // MARK: questions that every driver answers alike

    /// One view of each balancer: what `view` makes of its answers, or why there is none.
    func views(
        _ view: @escaping @Sendable (Console) async throws(TrafficError) -> BalancerView
    ) async -> [BalancerView] {
        let answers = await fanOut(present, view)
        return balancers.map { balancer in
            if let absence = absentees[balancer.host] {
                var view = BalancerView(balancer: balancer.host, fault: absence.text)
                view.isLeftOut = absence.isAccepted
                return view
            }
            return switch (balancer.reach, answers[balancer.host]) {
            case (.unreachable(let reason), _), (.excluded(let reason), _):
                BalancerView(balancer: balancer.host, fault: reason)
            case (_, .success(let view)?): view
            case (_, .failure(let error)?): BalancerView(balancer: balancer.host, fault: error.message)
            case (_, nil): BalancerView(balancer: balancer.host, fault: "not asked")
            }
        }
    }

    /// Leaves a balancer out, only while another answers: when none does, it is rather this machine that is cut off.
    func leavingOut(_ balancer: HostName, reason: String) async -> LeavingOut {
        if absentees[balancer]?.isAccepted == true { return .already }
        let answers = await fanOut(others(than: balancer)) { console throws(TrafficError) in
            try await console.expectAnswer()
        }
        let isAnyThere = answers.values.contains { if case .success = $0 { true } else { false } }
        guard isAnyThere else { return .impossible }
        return absentees.add(balancer, of: balancers.map(\.host), reason: reason)
    }

    /// What was found of each balancer that takes part.
    func findings() async -> [ContractFinding] {
        let asked = present
        let found = await fanOut(asked) { console throws(TrafficError) in try await console.examine() }
        return asked.flatMap { console -> [ContractFinding] in
            switch found[console.host] {
            case .success(let findings)?: findings
            case .failure(let error)?: [ContractFinding(console.host, .balancer, .faulty, error.message, error.hints)]
            case nil: []
            }
        }
    }

    /// Whether the pool's address is at another balancer, or gets there soon.
    func hasMoved(from balancer: HostName) async -> Bool {
        await VirtualAddress.isHeld(
            pool.address, by: others(than: balancer).map(\.transport), poll: poll, clock)
    }
}

extension Absentees {
    /// Those that `balancers` say are excluded, and those that come back from an absence and were not aligned yet.
    convenience init(of balancers: [Balancer], returning: [HostName: String]) {
        var absences = returning.mapValues { Absence(reason: $0, isAccepted: false) }
        for balancer in balancers {
            guard case .excluded(let reason) = balancer.reach else { continue }
            absences[balancer.host] = Absence(reason: reason, isAccepted: true)
        }
        self.init(absences)
    }
}
