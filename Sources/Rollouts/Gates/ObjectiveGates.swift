import Fleet
import Synchronization

/// Gates that hold a batch to what the stage's pages are to be like.
///
/// Balancers do not count by pages: failures are those of all requests to the batch, held to the strictest page. Times are of own
/// requests, on each host to itself.
extension StageGates {
    func objectiveGates(_ terms: ObjectiveGate) -> [Gate] {
        let objectives = site.stage.objectives
        let errors = objectives.compactMap(\.errors).min()
        let pages = objectives.filter { !$0.latencies.isEmpty }
        return (errors.map { [Gate.objective(errors: $0, terms)] } ?? []) + pages.map { times(of: $0, terms) }
    }

    private func times(of objective: ServiceObjective, _ terms: ObjectiveGate) -> Gate {
        // Of all pages that begin so, the one that is called so.
        let path = objective.path.hasSuffix("*") ? String(objective.path.dropLast()) : objective.path
        return Gate(name: "slo of GET \(path)", onNoData: terms.onNoData, wait: terms.wait) { watch in
            let asked = Mutex(OwnRequests())
            let check = Mutex(TimesCheck(objective, terms, batch: watch.batch))
            return { moment in
                let isOpen = check.withLock { $0.isOpen }
                // A suspicion is looked into with more requests.
                let count = moment.isDue && isOpen ? terms.requests * 4 : terms.requests
                await request(RequestGate(path: path, requests: count), watch.hosts, asked)
                let requests = asked.withLock { $0 }
                return check.withLock { $0.judge(requests, of: watch.hosts, isDue: moment.isDue) }
            }
        }
    }
}

extension Gate {
    /// Holds a batch to a share of requests that may fail.
    static func objective(errors limit: Double, _ terms: ObjectiveGate) -> Gate {
        Gate(name: "slo of errors", onNoData: terms.onNoData, wait: terms.wait) { watch in
            let check = Mutex(ObjectiveCheck(allowed: limit, minimum: terms.minimum, batch: watch.batch))
            return { moment in
                guard watch.isBalanced else { return GateAnswer(.pass, "no balancer sends these hosts requests") }
                let (tally, silent) = watch.traffic.counted
                guard tally.isCounting else { return GateAnswer(.insufficient, "no balancer counts requests") }
                let hosts = watch.hosts.filter { !silent.contains($0) }
                if hosts.isEmpty {
                    return GateAnswer(.pass, "no host of the batch answers, which its confirmation tells")
                }
                let sample = tally.sample(of: hosts)
                let (verdict, isOpen) = check.withLock {
                    $0.judge(sample.failed, of: sample.requests, isDue: moment.isDue)
                }
                let figures = GateFigures(batch: .init(requests: sample.requests, failed: sample.failed))
                let few = verdict == .insufficient ? ": fewer than \(terms.minimum) tell nothing" : ""
                let seconds = max(0.5, moment.elapsed / .seconds(1))
                let expected = Double(sample.requests) / seconds * (seconds + terms.wait / .seconds(1))
                let isWorthIt = verdict == .insufficient && terms.onNoData == .fail && expected >= Double(terms.minimum)
                return GateAnswer(
                    verdict, "\(figures.batch.failures) of the batch failed, at most \(limit.percent) may\(few)",
                    figures: figures, isOpen: isOpen || isWorthIt)
            }
        }
    }
}

/// Times of own requests beside those that are promised.
struct TimesCheck: Sendable {
    private let targets: [LatencyTarget]
    private let terms: ObjectiveGate
    private var checks: [ObjectiveCheck]
    /// Whether the last look found something that may well be too slow.
    private(set) var isOpen = false

    init(_ objective: ServiceObjective, _ terms: ObjectiveGate, batch: Int) {
        targets = objective.latencies
        self.terms = terms
        checks = targets.map { ObjectiveCheck(allowed: 1 - $0.share, minimum: terms.requests, batch: batch) }
    }

    /// Judges what was measured so far: of each time promised, how many answers came later.
    mutating func judge(_ asked: OwnRequests, of hosts: [HostName], isDue: Bool) -> GateAnswer {
        let sample = asked.sample(of: hosts)
        let times = sample.blocks
        let figures = GateFigures(batch: .init(requests: sample.requests, failed: sample.failed, times: times))
        var words: [String] = []
        isOpen = false
        for (index, target) in targets.enumerated() {
            let late = times.count { $0 > target.limit / .milliseconds(1) }
            let (verdict, isSuspicious) = checks[index].judge(late, of: times.count, isDue: isDue)
            let found = times.percentile(target.share).map { "\(($0 * 10).rounded() / 10) ms" } ?? "unknown"
            let text =
                "\(target.name) is \(found) of \(times.count.of("request")), at most \(target.limit.written) may be"
            if verdict == .fail { return GateAnswer(.fail, text, figures: figures) }
            isOpen = isOpen || isSuspicious
            words.append(text)
        }
        let reason = words.joined(separator: "; ")
        // Until every host had its requests nothing is settled.
        let isWhole = hosts.allSatisfy { (asked.times[$0]?.count ?? 0) >= terms.requests }
        guard isWhole else { return GateAnswer(.insufficient, reason, figures: figures, isOpen: true) }
        return GateAnswer(.pass, reason, figures: figures, isOpen: isOpen)
    }
}
