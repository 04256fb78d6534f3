import Fleet
import Sampling

/// Whether one host has more to do than the others, or less to do it with.
struct BalanceJudge: Sendable {
    let figures: TierFigures

    var findings: [Finding] { [slowMember, foreign].compactMap(\.self) }

    private func figure(
        _ name: String, _ value: Double?, _ unit: String = "", limit: Double? = nil, of host: HostName?,
        remark: String? = nil
    ) -> [FigureEvidence] {
        guard let value, value.isFinite else { return [] }
        return [
            FigureEvidence(
                name, value, unit: unit, limit: limit, of: host?.description, window: figures.window, remark: remark)
        ]
    }

    /// A member that takes many times as long as the others.
    private var slowMember: Finding? {
        // A balancer's mean times are of its last requests, whenever those were.
        let known = figures.members.filter {
            ($0.requests ?? 0) * figures.window.seconds >= 20 && $0.responseTime?.isFinite ?? false
        }
        guard known.count > 1, let worst = known.max(by: { ($0.responseTime ?? 0) < ($1.responseTime ?? 0) }),
            let time = worst.responseTime,
            let usual = known.filter({ $0.host != worst.host }).compactMap(\.responseTime).middle,
            time >= usual * Threshold.slow, time - usual >= Threshold.slower
        else { return nil }
        let evidence =
            figure(
                "response time", time, "ms", limit: max(usual * Threshold.slow, usual + Threshold.slower),
                of: worst.host,
                remark: "the others take \(FigureText.of(usual, "ms"))")
            + figure("requests/s", worst.requests, of: worst.host)
            + figure("weight", worst.weight.map(Double.init), of: worst.host)
            + figure("%cpu", figures.cpu(of: worst.host), "%", of: worst.host)
        return Finding(
            .imbalance, .high, host: worst.host.description, words: "one member is far slower than the others",
            evidence: evidence)
    }

    /// A member that gets much more than the others and is busier for it: the cause where it is slow, or has no processors left.
    var uneven: Finding? {
        let known = figures.members.filter { $0.requests?.isFinite ?? false }
        let sum = known.reduce(0) { $0 + ($1.requests ?? 0) }
        guard known.count > 1, sum * figures.window.seconds >= Threshold.leastRequests,
            let most = known.max(by: { ($0.requests ?? 0) < ($1.requests ?? 0) }), let requests = most.requests,
            let usual = known.filter({ $0.host != most.host }).compactMap(\.requests).middle,
            requests >= usual * Threshold.uneven
        else { return nil }
        let busy = figures.cpu(of: most.host)
        let others = figures.seen.filter { $0.host.host != most.host }.compactMap(\.cpu).middle
        let gap = (busy ?? 0) - (others ?? 0)
        // More requests that cost nobody anything are no trouble.
        guard gap >= 15 && (busy ?? 0) >= 40 || !figures.trouble.isEmpty else { return nil }
        let weights = known.compactMap(\.weight)
        let differ = weights.count == known.count && Set(weights).count > 1
        let evidence =
            figure(
                "requests/s", requests, limit: usual * Threshold.uneven, of: most.host,
                remark: "the others get \(FigureText.of(usual, "/s"))")
            + known.prefix(4).flatMap { figure("weight", $0.weight.map(Double.init), of: $0.host) }
            + figure("%cpu", busy, "%", of: most.host, remark: others.map { "the others \(FigureText.of($0, "%"))" })
        return Finding(
            .imbalance, differ || gap >= Threshold.unevenProcessor ? .high : .medium, host: most.host.description,
            words: differ
                ? "weights are unequal: one member gets far more" : "one member gets far more than the others",
            evidence: evidence)
    }

    /// Whether a member gets more than the others, so that it may well be busier.
    private func isGivenMore(_ host: HostName) -> Bool {
        let others = figures.tier.members.filter { $0.host != host }.compactMap(\.requests).middle
        guard let others, let own = figures.tier.members.first(where: { $0.host == host })?.requests else {
            // Nobody counts: what runs there alone is a stranger only where the others are seen at work.
            return figures.seen.contains { $0.host.host != host && $0.host.threads.isEmpty }
        }
        return own > others * 1.3
    }

    /// A program that takes processors on one host, and is busy on none of the others.
    private var foreign: Finding? {
        let known = figures.seen.filter { !$0.host.threads.isEmpty }
        guard figures.seen.count > 1 else { return nil }
        for host in known where !isGivenMore(host.host.host) {
            let others = figures.seen.filter { $0.name != host.name }
            let usual = Set(others.flatMap { $0.host.threads.filter { $0.busy >= 0.02 }.map(\.name) })
            let strangers = host.host.threads.filter { !usual.contains($0.name) && $0.busy.isFinite }
            let taken = strangers.reduce(0) { $0 + min($1.busy, 1) }
            let share = 100 * taken / (host.allowed ?? max(1, taken))
            let isTight =
                (host.cpu ?? 0) >= Threshold.processor || (host[.cpuPressure] ?? 0) >= Threshold.processorPressure
            guard let first = strangers.max(by: { $0.busy < $1.busy }), share >= 25, isTight,
                let middle = others.compactMap(\.cpu).middle, (host.cpu ?? 0) - middle >= Threshold.unevenProcessor
            else { continue }
            let evidence =
                figure(
                    "\(first.name) uses", share, "%", limit: 25, of: host.host.host,
                    remark: "of its processors; it is busy on no other host of the tier")
                + figure("%cpu", host.cpu, "%", of: host.host.host, remark: "the others \(FigureText.of(middle, "%"))")
                + figure(
                    "psi cpu some", host[.cpuPressure], "%", limit: Threshold.processorPressure, of: host.host.host)
            return Finding(
                .neighbour, .high, host: host.name, words: "\(first.name) takes the processors of \(host.name)",
                evidence: evidence)
        }
        return nil
    }
}

/// Whether others take the processors that a host should have.
struct NeighbourJudge: Sendable {
    let figures: HostFigures
    /// Processors in use by other hosts of the stage that run on the same machine.
    let besides: Double

    var finding: Finding? {
        guard figures.isSeen else { return nil }
        if let steal = figures[.steal], steal >= Threshold.steal {
            let evidence =
                figures.evidence("%steal", steal, "%", limit: Threshold.steal, remark: "time that other guests had")
                + figures.evidence("%cpu", figures.cpu, "%")
                + figures.evidence("psi cpu some", figures[.cpuPressure], "%")
            return finding(steal >= 2 * Threshold.steal ? .high : .medium, evidence)
        }
        guard figures.isContainer, let pressure = figures[.cpuPressure], pressure >= Threshold.neighbourPressure,
            let cpu = figures.cpu, cpu < Threshold.processorIdle, (figures[.throttled] ?? 0) < 5, !isOurs
        else { return nil }
        let evidence =
            figures.evidence(
                "psi cpu some", pressure, "%", limit: Threshold.neighbourPressure, remark: "tasks wait for processors")
            + figures.evidence("%cpu", cpu, "%", remark: "though it uses few")
            + figures.evidence("throttled periods", figures[.throttled] ?? 0, "%", remark: "and its own quota lets it")
        return finding(.high, evidence)
    }

    /// Whether it is the stage's own other hosts that have the processors: what they do is judged by itself.
    private var isOurs: Bool { besides >= 0.3 * (figures.allowed ?? 1) }

    private func finding(_ confidence: Confidence, _ evidence: [FigureEvidence]) -> Finding {
        Finding(.neighbour, confidence, host: figures.name, evidence: evidence)
    }
}
