import Fleet
import Sampling

/// From what was seen of a stage to what it is short of.
public enum Diagnosis {
    /// A verdict for each tier, and the tier that the trouble comes from: of several the lowest, nearest to the data, since those
    /// above wait for it.
    ///
    /// - Parameters:
    ///   - stage: What was seen, tiers from the clients to the data.
    ///   - spare: How many hosts of a tier that takes more are to be able to be missing.
    public static func of(_ stage: StageObservation, spare: Int = 0) -> StageDiagnosis {
        StageJudge(stage, spare: spare).diagnosis
    }
}

/// The tiers of a stage, each judged by itself and then beside the others.
struct StageJudge {
    let stage: StageObservation
    let spare: Int
    let tiers: [TierFigures]
    private let found: [[Finding]]
    private let silent: [[String]]

    init(_ stage: StageObservation, spare: Int) {
        self.stage = stage
        self.spare = spare
        let front = stage.tiers.first { !$0.objectives.isEmpty }?.name
        let tiers = stage.tiers.map { tier in
            TierFigures(tier, in: stage.window, pages: tier.name == front ? stage.pages : [])
        }
        let names = Dictionary(
            stage.tiers.flatMap { tier in tier.hosts.flatMap { $0.addresses.map { ($0, tier.name) } } }
        ) { first, _ in first }
        let silentTiers = tiers.filter(\.isSilent).map(\.tier.name)
        let silent = tiers.indices.map { place in
            Self.below(place, in: tiers).map { tiers[$0].tier.name }.filter(silentTiers.contains)
        }
        let busy = tiers.map { $0.seen.filter(\.isContainer).compactMap(\.busy).reduce(0, +) }
        self.tiers = tiers
        self.silent = silent
        found = tiers.indices.map { place in
            let besides = busy.enumerated().filter { $0.offset != place }.reduce(0) { $0 + $1.element }
            return TierJudge(figures: tiers[place], besides: besides, names: names, silent: silent[place]).findings
        }
    }

    /// The tiers that a tier calls: those it is said to, else all that are nearer to the data.
    private static func below(_ place: Int, in tiers: [TierFigures]) -> [Int] {
        guard let calls = tiers[place].tier.calls else { return Array(tiers.indices.dropFirst(place + 1)) }
        return tiers.indices.filter { calls.contains(tiers[$0].tier.name) && $0 != place }
    }

    var diagnosis: StageDiagnosis {
        var verdicts = tiers.indices.map { verdict(at: $0, cause: nil) }
        let place = causing(verdicts)
        if let place, Self.isAwaited(verdicts[place].cause) {
            for other in tiers.indices where Self.below(other, in: tiers).contains(place) {
                verdicts[other] = verdict(at: other, cause: verdicts[place])
            }
        }
        for place in verdicts.indices {
            verdicts[place].advice =
                AdviceBook(
                    figures: tiers[place], verdict: verdicts[place], stage: tiers, spare: spare
                ).advice
        }
        return whole(verdicts, place)
    }

    // MARK: one tier

    /// - Parameter cause: The verdict of a lower tier that the stage's trouble comes from.
    private func verdict(at place: Int, cause lower: TierVerdict?) -> TierVerdict {
        let figures = tiers[place]
        let first = found[place].first
        var verdict = TierVerdict(tier: figures.tier.name, role: figures.tier.role, cause: .healthy, confidence: .high)
        verdict.missing = figures.missing
        verdict.also = found[place].dropFirst().map(\.cause).reduce(into: []) { causes, cause in
            if cause != first?.cause, !causes.contains(cause) { causes.append(cause) }
        }
        if let lower, isWaiting(figures, first) {
            verdict.cause = .dependency
            verdict.waitsFor = lower.tier
            verdict.confidence = min(lower.confidence, .medium)
            verdict.summary = "waits for \(lower.tier), which is \(lower.cause.words)"
            verdict.evidence = figures.trouble + (first?.evidence ?? [])
            verdict.also = ([first?.cause].compactMap(\.self) + verdict.also).filter { $0 != .dependency }
        } else if let first {
            verdict.cause = first.cause
            verdict.confidence = figures.seen.isEmpty ? min(first.confidence, .medium) : first.confidence
            verdict.evidence = first.evidence
            verdict.hosts = first.host.map { [$0] } ?? []
            verdict.waitsFor = first.waitsFor
            verdict.summary = first.words ?? first.cause.words
        } else {
            settle(&verdict, figures)
        }
        verdict.evidence = Array(verdict.evidence.prefix(12))
        return verdict
    }

    /// Whether a tier that calls one at its limit waits for it: it has processors to spare, and is short of nothing but of
    /// connections or workers, which are taken by what waits.
    private func isWaiting(_ figures: TierFigures, _ first: Finding?) -> Bool {
        guard figures.tier.role != .balancer, (figures.cpu ?? 0) < Threshold.processor else { return false }
        guard let first else { return !figures.trouble.isEmpty || figures.waits.contains { $0.waiting >= 1 } }
        return [.connections, .workers, .dependency].contains(first.cause)
    }

    /// A tier that is short of nothing that was looked at.
    private func settle(_ verdict: inout TierVerdict, _ figures: TierFigures) {
        let requests = figures.requests.map { $0 * stage.window.seconds }
        verdict.evidence = figures.quiet
        if figures.isSilent {
            verdict.cause = .unknown
            verdict.summary = "its service does not run"
        } else if figures.seen.isEmpty || figures.seen.count * 2 < figures.hosts.count {
            verdict.cause = .unknown
            verdict.summary =
                "not enough data to say: \(figures.seen.count) of "
                + "\(figures.hosts.count.of("host")) could be measured for \(FigureText.number(Threshold.leastSeconds)) s"
        } else if let requests, requests < Threshold.leastRequests {
            verdict.cause = .unknown
            verdict.summary = "not enough data to say: \(Int(min(max(requests, 0), 1e6)).of("request")) in the window"
        } else if !figures.trouble.isEmpty {
            verdict.cause = .unknown
            verdict.evidence = figures.trouble + figures.quiet
            verdict.summary = "does not answer as it should, and nothing that was measured says why"
        } else {
            verdict.confidence = figures.missing.isEmpty ? .high : .medium
            verdict.summary = "healthy"
            return
        }
        verdict.confidence = .low
    }

    // MARK: the stage

    /// Whether tiers above wait for one that is short so: nobody waits for a queue's backlog, and unevenness is one's own.
    private static func isAwaited(_ cause: Cause) -> Bool { ![.backlog, .imbalance, .neighbour].contains(cause) }

    /// The tier that the stage's trouble comes from.
    private func causing(_ verdicts: [TierVerdict]) -> Int? {
        let short = verdicts.indices.filter { verdicts[$0].cause.isShortage }
        let sure = short.filter { verdicts[$0].confidence > .low }
        let candidates = sure.isEmpty ? short : sure
        let hard = candidates.filter { Self.isAwaited(verdicts[$0].cause) && verdicts[$0].role != .worker }
        let behind = candidates.filter { verdicts[$0].cause == .backlog }
        return hard.last ?? behind.last ?? candidates.last { Self.isAwaited(verdicts[$0].cause) } ?? candidates.last
            ?? verdicts.indices.last { verdicts[$0].cause == .dependency }
    }

    /// Whether nothing is wrong with a tier of which too little was seen but that it had nothing to do, while another had.
    private func isIdle(_ place: Int, _ verdicts: [TierVerdict]) -> Bool {
        let figures = tiers[place]
        guard let requests = figures.requests, requests * stage.window.seconds < Threshold.leastRequests,
            figures.seen.count == figures.hosts.count, !figures.isSilent
        else { return false }
        return verdicts.indices.contains { verdicts[$0].cause == .healthy && tiers[$0].requests != nil }
    }

    private func whole(_ verdicts: [TierVerdict], _ place: Int?) -> StageDiagnosis {
        var notes = stage.note.map { [$0] } ?? []
        let missing = verdicts.flatMap { verdict in verdict.missing.map { "\(verdict.tier): \($0)" } }
        notes += missing.prefix(8)
        var whole = StageDiagnosis(stage: stage.stage, window: stage.window, verdicts: verdicts, notes: notes)
        guard let place else {
            let isKnown = verdicts.contains { $0.cause == .healthy }
            let front = verdicts.indices.first { verdicts[$0].cause == .unknown && !isIdle($0, verdicts) }.map {
                verdicts[$0]
            }
            whole.cause = front == nil && isKnown ? .healthy : .unknown
            whole.message = front.map { "\($0.tier): \($0.summary)" } ?? (isKnown ? "healthy" : "nothing was seen")
            return whole
        }
        let cause = verdicts[place]
        whole.tier = cause.tier
        whole.cause = cause.cause
        whole.waitsFor = cause.waitsFor
        whole.waiting = verdicts.filter { $0.waitsFor == cause.tier }.map(\.tier)
        whole.message =
            cause.message + (whole.waiting.isEmpty ? "" : "; \(whole.waiting.joined(separator: ", ")) waits for it")
        return whole
    }
}

extension TierFigures {
    /// Whether its services are there and none of them runs.
    var isSilent: Bool { !tier.services.isEmpty && tier.services.allSatisfy(\.isStopped) }

    /// What could not be seen, in words.
    var missing: [String] {
        var missing = tier.hosts.compactMap { host in host.error.map { "\(host.host): \($0)" } }
        let short = hosts.filter { $0.host.error == nil && !$0.isSeen }
        missing += short.map { "\($0.name): \(FigureText.number($0.seconds)) s of samples" }
        let blind = seen.filter { $0[.cpuPressure] == nil && $0[.ioPressure] == nil }
        if !blind.isEmpty {
            missing.append(
                "\(blind.map(\.name).joined(separator: ", ")): no pressure figures (psi=1 on the kernel's command line)"
            )
        }
        missing += tier.services.compactMap { service in
            service.error.map { "\(service.host): \($0)" }
        }
        missing += tier.balancers.compactMap { balancer in balancer.error.map { "\(balancer.host): \($0)" } }
        return Array(missing.prefix(12))
    }

    /// Figures that show that a tier has what it needs.
    var quiet: [FigureEvidence] {
        func figure(_ name: String, _ value: Double?, _ unit: String = "") -> [FigureEvidence] {
            value.map { [FigureEvidence(name, $0, unit: unit, window: window)] } ?? []
        }
        return figure("%cpu", cpu, "%")
            + figure("psi cpu some", Self.mean(seen.compactMap { $0[.cpuPressure] }), "%")
            + figure("psi io some", Self.mean(seen.compactMap { $0[.ioPressure] }), "%")
            + figure("requests/s", requests) + figure("response time", responseTime, "ms")
            + figure("qcur", tier.members.isEmpty ? nil : queued)
    }
}
