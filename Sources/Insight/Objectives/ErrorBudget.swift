public import Fleet

/// What of a promise is left over a period: the requests that may still fail, or be late.
public struct ErrorBudget: Sendable, Hashable, Codable {
    /// The page.
    public var path: String
    /// What was promised: `errors 0.1%`, `p99 200ms`.
    public var promise: String
    /// Requests in the period.
    public var requests: Int
    /// Those that failed, or were late.
    public var bad: Int
    /// The share that may, from 0 to 1.
    public var allowed: Double
    /// Share of the period that has passed, from 0 to 1.
    public var elapsed: Double

    /// A budget.
    public init(path: String, promise: String, requests: Int, bad: Int, allowed: Double, elapsed: Double = 1) {
        self.path = path
        self.promise = promise
        self.requests = max(0, requests)
        self.bad = min(max(0, bad), max(0, requests))
        self.allowed = allowed.isFinite ? min(max(allowed, 0), 1) : 0
        self.elapsed = elapsed.isFinite ? min(max(elapsed, 0), 1) : 1
    }

    /// Share of the requests that were bad; `nil` for none.
    public var share: Double? { requests > 0 ? Double(bad) / Double(requests) : nil }

    /// Share of the budget that is left, from 1 for all of it, below 0 for more than all spent; `nil` without requests. Requests
    /// go on as they came, so that a period half over has half of its budget to spend.
    public var left: Double? {
        guard requests > 0 else { return nil }
        let all = Double(requests) * allowed / max(elapsed, 0.000_1)
        guard all > 0 else { return bad == 0 ? 1 : -Double(bad) }
        return 1 - Double(bad) / all
    }

    /// How fast it is spent: 1 spends all of it by the period's end; `nil` without requests.
    public var burnRate: Double? {
        guard let share else { return nil }
        return allowed > 0 ? share / allowed : bad == 0 ? 0 : Double(bad)
    }

    /// As a line for people: `/ p99 200ms: 12 of 3400 (0.4 %, 1 % may), 65 % of the budget left`.
    public var message: String {
        guard let share, let left else { return "\(path) \(promise): no requests" }
        let spent =
            left < 0 ? "overspent by \(FigureText.of(-left * 100, "%"))" : "\(FigureText.of(left * 100, "%")) left"
        return "\(path) \(promise): \(bad) of \(requests) (\(FigureText.of(share * 100, "%")), "
            + "\(FigureText.of(allowed * 100, "%")) may), budget \(spent)"
    }
}

extension ServiceObjective {
    /// The budgets of the page's promises, by what was counted of it over a period; tallies of other pages are passed over.
    ///
    /// - Parameter elapsed: Share of the period that has passed.
    public func budgets(_ tallies: [PageTally], elapsed: Double = 1) -> [ErrorBudget] {
        let own = tallies.filter { $0.path == path }
        // Counts beyond what can be added up are kept at that.
        func sum(_ counts: [Int]) -> Int {
            counts.reduce(0) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
        }
        let requests = sum(own.map(\.requests))
        let failures = errors.map { share in
            ErrorBudget(
                path: path, promise: "errors \(FigureText.number(share * 100))%", requests: requests,
                bad: sum(own.map(\.failed)), allowed: share, elapsed: elapsed)
        }
        let late = latencies.map { target in
            ErrorBudget(
                path: path, promise: "\(target.name) \(target.limit.written)", requests: requests,
                bad: sum(own.flatMap(\.late).filter { $0.target == target }.map(\.count)), allowed: 1 - target.share,
                elapsed: elapsed)
        }
        return [failures].compactMap(\.self) + late
    }
}

/// What a gate makes of promises while it watches.
public struct ObjectiveJudgement: Sendable, Hashable, Codable {
    /// How it went.
    public enum Outcome: String, CaseIterable, Sendable, Codable, Hashable {
        /// Every promise was kept, as far as can be said.
        case pass
        /// One was surely broken.
        case fail
        /// Too few requests to say.
        case insufficient
    }

    /// How it went.
    public var outcome: Outcome
    /// The budgets by which it was judged, as far as spent while it watched.
    public var budgets: [ErrorBudget]
    /// One sentence for people.
    public var message: String

    /// How likely a promise that is kept is said to be broken.
    static let permitted = 0.005

    /// Judges what was counted while a gate watched.
    ///
    /// A promise is broken if as many bad requests, or more, would come by chance in less than one of 200 watches of a service
    /// that just keeps it. It is kept if there are enough requests for one bad one to be expected, and not so many are.
    public init(_ objectives: [ServiceObjective], _ tallies: [PageTally]) {
        budgets = objectives.flatMap { $0.budgets(tallies) }
        let broken = budgets.filter { budget in
            guard budget.bad > 0 else { return false }
            return Self.chance(of: budget.bad, in: budget.requests, at: budget.allowed) < Self.permitted
        }
        let thin = budgets.filter { Double($0.requests) < Self.least(for: $0.allowed) }
        if let worst = broken.max(by: { ($0.burnRate ?? 0) < ($1.burnRate ?? 0) }) {
            (outcome, message) = (.fail, worst.message)
        } else if budgets.isEmpty {
            (outcome, message) = (.insufficient, "no objective is set")
        } else if let first = thin.first {
            let least = Int(Self.least(for: first.allowed))
            (outcome, message) = (.insufficient, "\(first.message): fewer than \(least) requests tell nothing")
        } else {
            let worst = budgets.max { ($0.burnRate ?? 0) < ($1.burnRate ?? 0) }
            (outcome, message) = (.pass, worst?.message ?? "kept")
        }
    }

    /// Requests of which one may be bad; at least 20, and no more than 1,000 are asked for.
    private static func least(for allowed: Double) -> Double {
        min(1000, max(20, (1 / max(allowed, 0.001)).rounded(.up)))
    }

    /// That so many or more are bad by chance: the upper tail of the binomial distribution.
    static func chance(of bad: Int, in requests: Int, at allowed: Double) -> Double {
        // As many as are expected are no surprise.
        guard bad > 0, Double(bad) > Double(requests) * allowed else { return 1 }
        return Odds.fewerUp(than: requests - bad + 1, of: requests, availability: 1 - allowed)
    }
}
