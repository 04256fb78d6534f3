import Fleet
import Foundation

/// Whether more of a batch's requests fail than of the rest's, by what balancers have counted.
struct ErrorComparison: Sendable {
    let limits: ErrorLimits
    private var schedule: LookSchedule

    /// A comparison of the batch of this number, from 0.
    init(_ limits: ErrorLimits, batch: Int) {
        self.limits = limits
        schedule = LookSchedule(batch: batch, first: 5)
    }

    /// Judges what was counted so far.
    ///
    /// - Parameters:
    ///   - rest: What the batch is compared with; `nil` where there is nothing.
    ///   - isRecorded: Whether the rest is from an earlier batch.
    ///   - isDue: Whether the bake is over.
    mutating func judge(
        _ batch: TrafficTally.Sample, against rest: TrafficTally.Sample?, isRecorded: Bool, isDue: Bool
    ) -> GateAnswer {
        var figures = GateFigures(batch: .init(requests: batch.requests, failed: batch.failed))
        if let rest {
            figures.rest = .init(requests: rest.requests, failed: rest.failed)
            if isRecorded { figures.isRestRecorded = true }
            figures.chance = chance(batch, rest)
        }
        let surely = schedule.look(at: batch.requests, isDue: isDue)
        if let surely, let chance = figures.chance, chance < surely { return answer(.fail, figures) }
        if let surely, let limit = limits.limit, batch.surelyFailsMore(than: limit, error: surely) {
            return answer(.fail, figures, "more than \(limit.percent)")
        }
        return lenient(batch, rest, figures)
    }

    /// The answer where nothing is sure to be wrong.
    private func lenient(
        _ batch: TrafficTally.Sample, _ rest: TrafficTally.Sample?, _ figures: GateFigures
    ) -> GateAnswer {
        guard let rest else { return answer(.pass, figures, "nothing to compare with") }
        // What may well be worse is watched on.
        let isSuspicious = batch.rate > rest.rate + limits.tolerance
        let least = min(batch.requests, rest.requests)
        if batch.requests + rest.requests == 0 {
            return GateAnswer(.insufficient, "no requests", figures: figures)
        }
        guard least >= limits.minimum else {
            return answer(.insufficient, figures, "fewer than \(limits.minimum) tell nothing", isOpen: isSuspicious)
        }
        return answer(.pass, figures, isOpen: isSuspicious)
    }

    /// What is measured has to be beyond the tolerance, and surely beyond half of it: the rest counts as if so many more of its
    /// requests had failed.
    private func chance(_ batch: TrafficTally.Sample, _ rest: TrafficTally.Sample) -> Double {
        guard batch.rate > rest.rate + limits.tolerance else { return 1 }
        let tolerated = Int((Double(rest.requests) * limits.tolerance / 2).rounded())
        return FisherTest.upperTail(
            failed: batch.failed, of: batch.requests, against: min(rest.requests, rest.failed + tolerated),
            of: rest.requests)
    }

    private func answer(
        _ verdict: Verdict, _ figures: GateFigures, _ remark: String? = nil, isOpen: Bool = false
    ) -> GateAnswer {
        var words = "\(figures.batch.failures) of the batch failed"
        if let rest = figures.rest {
            words += ", \(rest.failures) of the rest\(figures.isRestRecorded == true ? " before" : "")"
        }
        if verdict == .fail, let chance = figures.chance { words += "; Fisher's exact test p = \(chance.brief)" }
        if let remark { words += ": \(remark)" }
        return GateAnswer(verdict, words, figures: figures, isOpen: isOpen)
    }
}

/// How likely chance shows so many.
enum BinomialTail {
    /// Chernoff's bound of the chance that `count` or more of `all` happen, each with the chance `share`: never too small.
    static func bound(_ count: Int, of all: Int, share: Double) -> Double {
        guard all > 0, Double(count) > share * Double(all) else { return 1 }
        func part(_ found: Double, _ expected: Double) -> Double {
            found > 0 ? found * log(found / expected) : 0
        }
        let found = Double(count) / Double(all)
        return exp(-Double(all) * (part(found, share) + part(1 - found, 1 - share)))
    }
}

extension TrafficTally.Sample {
    /// The share of requests that failed.
    var rate: Double { requests > 0 ? Double(failed) / Double(requests) : 0 }

    /// Whether a share of failures up to `limit` would hardly ever show so many.
    func surelyFailsMore(than limit: Double, error: Double) -> Bool {
        BinomialTail.bound(failed, of: requests, share: limit) < error
    }
}

extension GateFigures.Sample {
    /// `12 of 240 requests (5.0 %)`.
    var failures: String {
        let count = failed ?? 0
        let share = requests > 0 ? " (\((Double(count) / Double(requests)).percent))" : ""
        return "\(count) of \(requests.of("request"))\(share)"
    }
}

extension Double {
    /// `5 %`, `0.25 %`.
    var percent: String { "\(Self.plain((self * 10_000).rounded() / 100)) %" }

    /// Three digits that count, as `0.00012`.
    var brief: String {
        guard self > 0 else { return "0" }
        if self < 1e-9 { return "less than 0.000000001" }
        let scale = pow(10, (2 - log10(self).rounded(.down)))
        return String(format: "%.\(max(0, Int(log10(scale))))f", self)
    }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
}
