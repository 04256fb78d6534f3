import Fleet
import Sampling

extension TierFigures {
    /// What the tier's requests ask of its processors; `nil` where nobody knows how busy those are.
    var processorDemand: ProcessorDemand? {
        guard let busy, !seen.isEmpty else { return nil }
        // Hosts in service that could not be measured are as busy as the others.
        let all = busy * Double(max(inService, seen.count)) / Double(seen.count)
        let requests = requests.flatMap { $0 > 0 ? $0 : nil }
        let outside = waits.reduce(0) { $0 + $1.waiting }
        let refused = tier.members.reduce(0) { $0 + $1.connectionFailures }
        return ProcessorDemand(
            busy: all, perHost: Self.mean(seen.compactMap(\.allowed)) ?? 1, hosts: max(inService, seen.count),
            served: requests, unserved: window.seconds > 0 ? queueGrowth / window.seconds + refused : 0,
            // Little's law: what waits at once is what comes a second times how long it waits.
            elsewhere: requests.map { outside / $0 } ?? 0)
    }

    /// How fast the tier's answers have to come: the strictest of its objectives.
    var target: ResponseTarget {
        let strictest = tier.objectives.flatMap(\.latencies).filter { $0.limit > .zero }.min {
            ($0.limit, $1.share) < ($1.limit, $0.share)
        }
        return strictest.map { .percentile(share: $0.share, seconds: $0.limit / .seconds(1)) } ?? .usual
    }

    func processorEstimate(spare: Int) -> HostEstimate {
        guard let demand = processorDemand else {
            return HostEstimate(
                now: inService, needed: inService + 1, low: inService + 1, high: max(2, inService * 2), isAtLeast: true,
                formula: "none: nobody knows how busy its processors are")
        }
        var estimate = demand.estimate(for: target, spare: spare)
        if verdictIsSaturated, estimate.needed <= estimate.now {
            // What is at its limit takes more than it has, whatever the target says.
            estimate.needed = estimate.now + 1
            estimate.high = max(estimate.high, estimate.needed)
        }
        if let law = ScalingLaw(levels: tier.levels) { note(law, in: &estimate) }
        return estimate
    }

    private var verdictIsSaturated: Bool { (cpu ?? 0) >= Threshold.processor }

    /// What six levels of load or more say of whether adding helps.
    private func note(_ law: ScalingLaw, in estimate: inout HostEstimate) {
        let number = FigureText.number
        estimate.arithmetic.append(
            "USL over \(tier.levels.count) levels: α = \(number(law.contention)), β = \(number(law.crosstalk))"
                + (law.best.map { ", best with \(number($0)) hosts" } ?? ""))
        if law.gain(after: Double(estimate.now)) < 0.1 {
            estimate.assumptions.append("one host more brings a tenth of a host: its limit lies below it")
        }
    }
}
