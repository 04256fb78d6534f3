import Fleet
import Sampling

/// What one tier is short of by itself, before it is known what the others are.
struct TierJudge: Sendable {
    let figures: TierFigures
    /// Processors in use on hosts of other tiers that run on the same machine.
    let besides: Double
    /// The tier that a called address belongs to.
    let names: [String: String]
    /// Tiers whose services do not run.
    let silent: [String]

    /// What is mended first where several are short, from errors over what is full to the brim to what is only uneven.
    static let order: [Cause] = [
        .memory, .space, .processor, .pageCache, .disk, .connections, .network, .backlog, .dependency, .workers,
        .neighbour, .imbalance,
    ]

    /// All that was found, what comes first first. What is hardly sure comes after what is.
    var findings: [Finding] {
        let balance = BalanceJudge(figures: figures)
        let found =
            [balance.uneven].compactMap(\.self) + hostFindings + serviceFindings
            + MemberJudge(figures: figures).findings + balance.findings + dependencies
        return found.enumerated().sorted { one, other in
            let ranks = [one.element, other.element].map { ($0.confidence == .low ? 1 : 0, Self.rank($0.cause)) }
            return (ranks[0].0, ranks[0].1, other.element.confidence, one.offset)
                < (ranks[1].0, ranks[1].1, one.element.confidence, other.offset)
        }.map(\.element)
    }

    private static func rank(_ cause: Cause) -> Int { order.firstIndex(of: cause) ?? order.count }

    // MARK: hosts

    private var hostFindings: [Finding] {
        let ownBusy = figures.seen.filter(\.isContainer).compactMap(\.busy).reduce(0, +)
        let all = figures.seen.flatMap { host in
            let others = besides + max(0, ownBusy - (host.isContainer ? host.busy ?? 0 : 0))
            return HostJudge(figures: host).findings
                + [NeighbourJudge(figures: host, besides: others).finding].compactMap(\.self)
        }
        return Self.order.flatMap { cause in combined(cause, all.filter { $0.cause == cause }) }
    }

    /// One finding for all hosts that show the same. Processors that are short on few of several hosts are a matter of balance,
    /// unless only one host of the tier may write.
    private func combined(_ cause: Cause, _ found: [Finding]) -> [Finding] {
        guard let first = found.max(by: { $0.confidence < $1.confidence }) else { return [] }
        let names = found.compactMap(\.host)
        let isMinority = figures.seen.count > 1 && Set(names).count * 2 <= figures.seen.count
        var one = first
        one.evidence = ([first] + found.filter { $0.host != first.host }.prefix(2)).flatMap(\.evidence)
        one.host = names.count == 1 ? first.host : nil
        guard isMinority, cause == .processor, figures.tier.spread != .primary else { return [one] }
        one.cause = .imbalance
        one.words = "\(names.joined(separator: ", ")) has no processors to spare, the others have"
        let others = figures.seen.filter { !names.contains($0.name) }.compactMap(\.cpu).middle
        one.evidence +=
            others.map {
                [FigureEvidence("%cpu of the others", $0, unit: "%", window: figures.window)]
            } ?? []
        return [one]
    }

    // MARK: services

    private var serviceFindings: [Finding] {
        figures.tier.services.flatMap { service in
            let host = figures.seen.first { $0.host.host == service.host }
            return ServiceJudge(
                service: service, window: figures.window, cpu: host?.cpu, diskPressure: host?[.ioPressure]
            ).findings.filter { $0.cause != .unknown }
        }
    }

    // MARK: others

    /// Whom the tier's hosts wait for, where those who ask it are not served as promised.
    private var dependencies: [Finding] {
        let trouble = figures.trouble
        guard !trouble.isEmpty, (figures.cpuInHand ?? 0) < Threshold.processorIdle else { return [] }
        if let silent = silent.first {
            let evidence = FigureEvidence(
                "services of \(silent) that run", 0, limit: 1, window: figures.window,
                remark: "the tier does not answer")
            return [
                Finding(
                    .dependency, .high, words: "waits for \(silent)", waitsFor: silent, evidence: [evidence] + trouble)
            ]
        }
        guard let (target, waiting, waited) = figures.waits.first else { return [] }
        let share = waiting / max(figures.inHand ?? waiting, waiting, 0.001)
        // Of connections that wait while nothing is in hand nobody waits for the answer.
        guard share >= Threshold.waitingShare, waiting >= 0.5, figures.inHand ?? waiting >= 0.5 else { return [] }
        let name = names[target.address].map { $0 == figures.tier.name ? target.text : $0 } ?? target.text
        let words = name == target.text ? name : "\(name) (\(target.text))"
        let evidence = [
            FigureEvidence(
                "requests that wait for \(words)", share * 100, unit: "%", limit: Threshold.waitingShare * 100,
                window: figures.window, remark: "of \(FigureText.number(figures.inHand ?? waiting)) in hand")
        ]
        let time = waited.map { [FigureEvidence("waited as yet", $0, unit: "ms", window: figures.window)] } ?? []
        let cpu = figures.cpuInHand.map { [FigureEvidence("%cpu", $0, unit: "%", window: figures.window)] } ?? []
        return [
            Finding(
                .dependency, share >= 0.7 ? .high : .medium, words: "waits for \(words)", waitsFor: name,
                evidence: evidence + time + trouble + cpu)
        ]
    }
}
