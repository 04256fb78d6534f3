/// What a gate found.
public enum Verdict: String, Hashable, Sendable, Codable, CaseIterable {
    /// The build may go on.
    case pass
    /// The build must go back.
    case fail
    /// There was too little to judge by.
    case insufficient
}

/// What the gates of a stage found about one batch.
public struct GateReport: Hashable, Sendable, Codable {
    /// One gate's answer.
    public struct Finding: Hashable, Sendable, Codable {
        /// The gate, as people call it.
        public var gate: String
        /// What it found.
        public var verdict: Verdict
        /// What it saw.
        public var reason: String
        /// The numbers that it judged by; `nil` of a gate that has none.
        public var figures: GateFigures?

        /// An answer of `gate`.
        public init(gate: String, verdict: Verdict, reason: String, figures: GateFigures? = nil) {
            self.gate = gate
            self.verdict = verdict
            self.reason = reason
            self.figures = figures
        }

        /// The answer with `mask` applied to what the gate saw.
        func masked(_ mask: (String) -> String) -> Self {
            Self(gate: gate, verdict: verdict, reason: mask(reason), figures: figures)
        }
    }

    /// The answers, in the order of drover.yml.
    public var findings: [Finding]

    /// A report; one without findings passes.
    public init(_ findings: [Finding] = []) { self.findings = findings }

    /// Fail if any failed, insufficient if any had too little to judge by, else pass.
    public var verdict: Verdict {
        if findings.contains(where: { $0.verdict == .fail }) { return .fail }
        return findings.contains { $0.verdict == .insufficient } ? .insufficient : .pass
    }

    /// The finding that kept the batch from passing.
    public var objection: Finding? {
        findings.first { $0.verdict == .fail } ?? findings.first { $0.verdict == .insufficient }
    }
}
