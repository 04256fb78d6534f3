import Fleet
import OrderedCollections
import Playbooks
import Rollouts

/// What happened, as test cases: one for each host, and one for each gate and batch.
struct JUnitCases: Sendable {
    private struct HostCase: Sendable {
        var begun, ended: Timestamp?
        /// In tasks of playbooks.
        var worked: Duration = .zero
        /// Whether it was, or was about to be, taken out or switched.
        var isChanged = false
        var failure: JUnitCase.Outcome?
    }

    private var stage: String?
    private var hosts: OrderedDictionary<HostName, HostCase> = [:]
    private var gates: [JUnitCase] = []
    private var judging: [Int: Timestamp] = [:]
    private var setback: Setback?

    /// Takes an event of a rollout.
    mutating func apply(_ entry: RolloutEntry) {
        switch entry.event {
        case .started(let plan):
            stage = plan.stage
            for host in plan.hosts where hosts[host] == nil { hosts[host] = HostCase() }
        case .intent(.judge(let batch)): judging[batch] = entry.at
        case .intent(let action), .done(let action, _): note(action, entry.at)
        case .failed(let action, let error):
            note(action, entry.at)
            fail(action.host ?? error.host, error, error.detail)
        case .judged(let batch, let report): judge(batch, report, entry.at)
        case .turnedBack(let setback): self.setback = setback
        default: break
        }
    }

    /// Takes an event of a stage that is no rollout's.
    mutating func apply(_ event: StageEvent) {
        switch event {
        case .recorded(_, let entry): apply(entry)
        case .leftAlone(let error), .failed(let error): fail(error.host, error, error.detail)
        default: break
        }
    }

    /// Takes an event of a run of playbooks.
    mutating func apply(_ event: RunEvent) {
        switch event {
        case .taskFinished(let report):
            hosts[report.host, default: HostCase()].worked += report.elapsed
            guard report.outcome == .failed else { return }
            let said = report.command?.lastLines ?? []
            let error = report.error ?? ErrorReport(.failed, report.message ?? "the task failed")
            fail(report.host, error, ["task \(report.task) (\(report.location))"] + said)
        case .hostUnreachable(let host, let error): fail(host, error, [])
        default: break
        }
    }

    private mutating func note(_ action: RolloutAction, _ at: Timestamp) {
        guard let host = action.host else { return }
        // Everybody is asked before anything is done.
        if action.verb == .observe { return }
        var known = hosts[host] ?? HostCase()
        known.begun = known.begun ?? at
        known.ended = at
        if [.drain, .activate].contains(action.verb) { known.isChanged = true }
        hosts[host] = known
    }

    private mutating func fail(_ host: HostName, _ error: some ExplainedError, _ detail: [String]) {
        // The first failure is the cause of the others.
        guard hosts[host]?.failure == nil else { return }
        hosts[host, default: HostCase()].failure = .failed(
            type: "\(error.code)", message: error.message, detail: detail + error.hints.map { "hint: \($0)" })
    }

    private mutating func judge(_ batch: Int, _ report: GateReport, _ at: Timestamp) {
        let time = judging[batch].map { at - $0 } ?? .zero
        for finding in report.findings {
            let isPassed = finding.verdict == .pass
            gates.append(
                JUnitCase(
                    group: group("gates") + ".batch\(batch + 1)", name: finding.gate, time: time,
                    outcome: isPassed
                        ? .passed : .failed(type: finding.verdict.rawValue, message: finding.reason, detail: [])))
        }
    }

    private func group(_ name: String) -> String { [stage, name].compactMap(\.self).joined(separator: ".") }

    /// All cases so far, hosts first.
    var all: [JUnitCase] {
        hosts.map { host, known in
            var time = known.worked
            if let begun = known.begun, let ended = known.ended { time += ended - begun }
            return JUnitCase(group: group("hosts"), name: host.description, time: time, outcome: outcome(of: known))
        } + gates
    }

    private func outcome(of host: HostCase) -> JUnitCase.Outcome {
        if let failure = host.failure { return failure }
        if let setback, host.isChanged {
            return .failed(type: "rolledBack", message: "went back: \(setback)", detail: [])
        }
        return host.begun == nil && host.worked == .zero ? .skipped : .passed
    }
}
