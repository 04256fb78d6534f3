import Fleet

/// Asks a stage's gates about a batch and watches it for the bake time.
public struct GateKeeper: Sendable {
    private let gates: [Gate]
    private let bake: Duration
    private let interval: Duration
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - bake: How long a batch is watched.
    ///   - interval: Time between two questions.
    public init(
        gates: [Gate], bake: Duration, interval: Duration = .milliseconds(500), clock: any Clock<Duration>
    ) {
        self.gates = gates
        self.bake = bake
        self.interval = interval
        self.clock = clock
    }

    /// What the gates found. Ends at the first failure; a cancelled wait ends the watch early.
    ///
    /// Gates that watch are asked at once, again and again, and once more when the bake time is over: it is time that is
    /// counted, however long a gate takes to answer. Then those that are asked at the end are, and only after that is waited
    /// for gates that would look on: a failing gate wins over one that waits.
    /// - Parameter itself: A gate asked before the stage's own.
    public func judge(_ watch: GateWatch, _ itself: Gate? = nil) async -> GateReport {
        var watchers = await begin((itself.map { [$0] } ?? []) + gates.filter { $0.watching == .throughout }, watch)
        let elapsed = clock.stopwatch()
        var final: [GateReport.Finding]?
        while true {
            let moment = GateMoment(elapsed: elapsed(), isDue: elapsed() >= bake)
            if let failed = await ask(&watchers, moment) { return failed }
            if Task.isCancelled { break }
            if moment.isDue, final == nil {
                let end = await askAtTheEnd(watch, moment)
                if end.contains(where: { $0.verdict == .fail }) {
                    return GateReport(watchers.compactMap(\.finding) + end)
                }
                final = end
            }
            let end = watchers.filter { $0.answer?.isOpen == true }.map { bake + $0.gate.wait }.max() ?? bake
            if elapsed() >= end, final != nil { break }
            let next = final == nil ? bake : end
            // Cancelled: the caller sees that by itself.
            try? await clock.sleep(for: max(.milliseconds(1), min(interval, next - elapsed())))
        }
        return GateReport(watchers.compactMap(\.finding) + (final ?? []))
    }

    /// A gate that was begun, with its last answer.
    private struct Watcher {
        let gate: Gate
        let question: Gate.Question
        var answer: GateAnswer?

        var finding: GateReport.Finding? { answer.map { .init(gate, $0) } }
    }

    private func begin(_ gates: [Gate], _ watch: GateWatch) async -> [Watcher] {
        var begun: [Watcher] = []
        for gate in gates { begun.append(Watcher(gate: gate, question: await gate.begin(watch))) }
        return begun
    }

    /// - Returns: The report that ends the watch, when a gate failed.
    private func ask(_ watchers: inout [Watcher], _ moment: GateMoment) async -> GateReport? {
        for index in watchers.indices {
            let answer = await watchers[index].question(moment)
            watchers[index].answer = answer
            if answer.verdict == .fail { return GateReport(watchers[...index].compactMap(\.finding)) }
        }
        return nil
    }

    private func askAtTheEnd(_ watch: GateWatch, _ moment: GateMoment) async -> [GateReport.Finding] {
        var findings: [GateReport.Finding] = []
        for gate in gates where gate.watching == .atTheEnd {
            let question = await gate.begin(watch)
            findings.append(.init(gate, await question(moment)))
            if findings.last?.verdict == .fail { break }
        }
        return findings
    }
}

extension GateReport.Finding {
    /// What a gate's last answer comes to.
    init(_ gate: Gate, _ answer: GateAnswer) {
        let isExcused = answer.verdict == .insufficient && gate.onNoData == .pass
        self.init(
            gate: gate.name, verdict: isExcused ? .pass : answer.verdict,
            reason: isExcused ? "\(answer.reason), which is let pass" : answer.reason, figures: answer.figures)
    }
}

extension Clock where Duration == Swift.Duration {
    /// Tells how long ago it was made.
    func stopwatch() -> @Sendable () -> Duration {
        let begin = now
        return { begin.duration(to: now) }
    }
}
