import Fleet
import OrderedCollections
import Rollouts

extension StageReporter {
    /// Tells how a rollout ended, and gives the program's status.
    func tellEnd(_ state: RolloutState) -> ExitStatus {
        tellShortage(state)
        tellFaulted(state)
        guard let outcome = state.outcome else {
            if state.hold != nil { return tellWaiting(state) }
            if let halt = state.halt { return tellStopped(state, halt) }
            let open = state.hosts.filter { $0.value.phase < .settled && $0.value.fault == nil }.map(\.key)
            terminal.tell("stopped; left to do: \(open.map(\.description).joined(separator: ", "))")
            terminal.tell(hint: Self.waysOn(site.stage.name))
            return .failed
        }
        switch outcome {
        case .succeeded: return .done
        case .rolledBack: return .rolledBack
        case .rollbackFailed: return .rollbackFailed
        case .failed: return .failed
        }
    }

    /// Tells that a rollout was paused, which is what was asked for.
    func tellPaused(_ state: RolloutState) -> ExitStatus {
        _ = tellWaiting(state)
        return .done
    }

    private func tellWaiting(_ state: RolloutState) -> ExitStatus {
        let stage = site.stage.name
        let open = state.hosts.filter { $0.value.phase < .settled && $0.value.fault == nil }.map(\.key)
        let rest = open.isEmpty ? "" : "; left to do: \(NodeSet.text(open))"
        let isForApproval = state.hold?.kind == .approval
        terminal.tell("\(isForApproval ? "waits for approval" : "paused")\(rest)")
        let way = "drover rollout \(isForApproval ? "approve" : "resume") \(stage)"
        terminal.tell(
            hint: "go on: \(way), or go back: drover rollout abort \(stage); until then nothing else changes \(stage)")
        return .waiting
    }

    private func tellStopped(_ state: RolloutState, _ halt: RolloutHalt) -> ExitStatus {
        let done = state.settled
        let batch = halt.takesBatchBack ? "its last batch is back" : "its last batch is out of rotation"
        terminal.tell("stopped: \(halt.setback)")
        terminal.tell(
            "\(done.isEmpty ? "no host" : NodeSet.text(done)) runs build \(state.plan.build.release); \(batch)")
        terminal.tell(hint: Self.waysOn(site.stage.name))
        return .failed
    }

    private func tellShortage(_ state: RolloutState) {
        let isBlocked = state.hosts.values.contains { $0.fault?.code == .blocked }
        guard state.outcome != .succeeded, state.isShort || isBlocked, !state.outOfService.isEmpty else { return }
        let shortage = state.shortage
        let out = shortage.out.map(\.host.description).joined(separator: ", ")
        let minimum = max(0, shortage.floor - 1)
        terminal.tell(hint: "bring \(out) into service first, or let fewer stay in service: --minimum \(minimum)")
    }

    private func tellFaulted(_ state: RolloutState) {
        let left = state.faulted
        guard !left.isEmpty else { return }
        terminal.warn("left out: \(left.map(\.description).joined(separator: ", "))")
        terminal.tell(hint: "mend them, then 'drover apply \(site.stage.name)' brings them back")
        if state.outcome == .failed, state.plan.policy.budget < left.count {
            terminal.tell(hint: "with --budget \(left.count) the other hosts go on without them")
        }
    }
}
