import Fleet
import Foundation

/// Whether a batch answers more slowly than the rest, by times that are compared by rank.
struct LatencyComparison: Sendable {
    let limits: LatencyLimits
    private var schedule: LookSchedule

    /// Times of a batch with which it may pass.
    static let least = 4
    /// How long a batch may be slow at first, with caches and connections yet to be filled.
    static let settling = Duration.seconds(5)

    /// A comparison of the batch of this number, from 0.
    init(_ limits: LatencyLimits, batch: Int) {
        self.limits = limits
        schedule = LookSchedule(batch: batch, first: 3)
    }

    /// Judges what was measured so far, by the newer half of the batch's times: what has just joined may be slow at first.
    ///
    /// - Parameters:
    ///   - rest: What the batch is compared with; `nil` where there is nothing.
    ///   - elapsed: For how long the batch has been watched.
    ///   - isDue: Whether the bake is over.
    mutating func judge(
        _ batch: TrafficTally.Sample, against rest: TrafficTally.Sample?, isRecorded: Bool, elapsed: Duration,
        isDue: Bool
    ) -> GateAnswer {
        let newer = Array(batch.blocks.suffix(max(Self.least, (batch.blocks.count + 1) / 2)))
        var figures = GateFigures(batch: .init(requests: batch.requests, times: newer))
        guard let rest else { return answer(.pass, figures, "nothing to compare with") }
        figures.rest = .init(requests: rest.requests, times: rest.blocks)
        if isRecorded { figures.isRestRecorded = true }
        guard let usual = rest.blocks.median else {
            if batch.requests + rest.requests == 0 {
                return GateAnswer(.insufficient, "no requests", figures: figures)
            }
            return answer(.insufficient, figures, "too few to compare")
        }
        let bound = usual + max(limits.tolerance / .milliseconds(1), usual * limits.share)
        if isDue || elapsed >= Self.settling, let surely = schedule.look(at: newer.count, isDue: isDue) {
            let chance = RankTest.upperTail(newer, against: rest.blocks.map { $0 + bound - usual })
            figures.chance = chance
            if chance < surely { return answer(.fail, figures) }
        }
        let isSlow = newer.median.map { $0 > bound } ?? batch.hints.contains { $0 > bound }
        let isEnough = newer.count >= Self.least && rest.blocks.count >= Self.least
        return isEnough
            ? answer(.pass, figures, isOpen: isSlow)
            : answer(.insufficient, figures, "too few to compare", isOpen: isSlow)
    }

    private func answer(
        _ verdict: Verdict, _ figures: GateFigures, _ remark: String? = nil, isOpen: Bool = false
    ) -> GateAnswer {
        var words = "the batch answers in \(figures.batch.usual)"
        if let rest = figures.rest {
            words += ", the rest\(figures.isRestRecorded == true ? " before" : "") in \(rest.usual)"
        }
        if verdict == .fail, let chance = figures.chance {
            words += "; Mann-Whitney test p = \(chance.brief)"
        }
        if let remark { words += ": \(remark)" }
        return GateAnswer(verdict, words, figures: figures, isOpen: isOpen)
    }
}

extension GateFigures.Sample {
    /// `12.5 ms (240 requests)`.
    var usual: String {
        let time = times?.median.map { "\(($0 * 10).rounded() / 10) ms" } ?? "no known time"
        return "\(time) (\(requests.of("request")))"
    }
}

extension [Double] {
    /// The value in the middle; `nil` of none.
    var median: Double? {
        guard !isEmpty else { return nil }
        let ordered = sorted()
        let middle = count / 2
        return count.isMultiple(of: 2) ? (ordered[middle - 1] + ordered[middle]) / 2 : ordered[middle]
    }
}
