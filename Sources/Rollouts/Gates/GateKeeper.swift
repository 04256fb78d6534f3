public import Fleet

/// A question that a build must pass, and how to ask it.
public struct Gate: Sendable {
    /// How often a gate is asked while it watches a batch.
    public enum Watching: Sendable, Hashable {
        /// Again and again until the bake time is over.
        case throughout
        /// Once, at the end.
        case atTheEnd
    }

    /// The gate, as people call it.
    public var name: String
    /// How often it is asked.
    public var watching: Watching
    /// Asks it about hosts that just got the build.
    public var ask: @Sendable ([HostName]) async -> (Verdict, reason: String)

    /// A gate.
    public init(
        name: String, watching: Watching, ask: @escaping @Sendable ([HostName]) async -> (Verdict, reason: String)
    ) {
        self.name = name
        self.watching = watching
        self.ask = ask
    }
}

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
    /// counted, however long a gate takes to answer.
    /// - Parameter itself: A gate asked before the stage's own.
    public func judge(_ hosts: [HostName], _ itself: Gate? = nil) async -> GateReport {
        let watchers = (itself.map { [$0] } ?? []) + gates.filter { $0.watching == .throughout }
        let elapsed = clock.stopwatch()
        var findings: [GateReport.Finding]
        while true {
            let isLast = elapsed() >= bake
            let report = await ask(watchers, hosts)
            findings = report.findings
            if report.verdict == .fail || Task.isCancelled { return report }
            if isLast { break }
            // Cancelled: the caller sees that by itself.
            try? await clock.sleep(for: max(.milliseconds(1), min(interval, bake - elapsed())))
        }
        for gate in gates where gate.watching == .atTheEnd {
            findings += await ask([gate], hosts).findings
            if findings.last?.verdict == .fail { break }
        }
        return GateReport(findings)
    }

    private func ask(_ gates: [Gate], _ hosts: [HostName]) async -> GateReport {
        var findings: [GateReport.Finding] = []
        for gate in gates {
            let (verdict, reason) = await gate.ask(hosts)
            findings.append(.init(gate: gate.name, verdict: verdict, reason: reason))
            if verdict == .fail { break }
        }
        return GateReport(findings)
    }
}

extension Clock where Duration == Swift.Duration {
    /// Tells how long ago it was made.
    func stopwatch() -> @Sendable () -> Duration {
        let begin = now
        return { begin.duration(to: now) }
    }
}
