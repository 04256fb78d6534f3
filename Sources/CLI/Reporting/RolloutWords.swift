import Fleet
import Rollouts

/// What a rollout's events are in words.
enum RolloutWords {
    /// A line or more for people; `nil` for what only programs want to know.
    ///
    /// - Parameter told: What was told so far, the event included.
    static func text(_ event: RolloutEvent, took: Duration?, after told: RolloutTold = RolloutTold()) -> String? {
        let time = took.map { " (\($0.inSeconds))" } ?? ""
        switch event {
        case .started(let plan): return started(plan)
        case .resumed: return "taking it up where it was left"
        case .batchOpened(let hosts, let isCanary):
            let tier = hosts.first.flatMap { told.plan?.tiers(of: $0).first }.map { " of \($0)" } ?? ""
            return (isCanary ? "canary" : "batch") + "\(tier): " + hosts.map(\.description).joined(separator: ", ")
        case .intent: return nil
        case .done(let action, let note):
            return done(action, told.plan).map { $0 + time + (note.map { ": \($0)" } ?? "") }
        case .failed(let action, let error):
            return failed(action, error, time)
        case .sighted(let host, let sighting):
            let release = sighting.release.map { "runs \($0)" } ?? "runs no release"
            return "\(host): \(release), \(sighting.isServing ? "in service" : "not in service")"
        case .inspected: return nil
        case .counted(let count): return counted(count)
        case .judged(_, let report): return judged(report, time)
        case .balancerLeftOut(let balancer, let reason): return "going on without balancer \(balancer): \(reason)"
        case .requested(let request): return requested(request)
        case .held(let hold): return held(hold)
        case .overdue(let time): return "no host got any further for \(time.inSeconds)"
        case .halted(let halt):
            return "stopping: \(halt.setback)" + (halt.takesBatchBack ? "; the batch in hand goes back" : "")
        case .turnedBack(let reason): return "going back: \(reason)"
        case .finished(let outcome): return finished(outcome, told)
        }
    }

    private static func requested(_ request: RolloutRequest) -> String {
        let word =
            switch request.kind {
            case .pause: "to pause after the batch in hand"
            case .resume: "to go on"
            case .abort: "to go back"
            case .approve: "to go on: it is approved"
            }
        let reason = request.reason.map { ": \($0)" } ?? ""
        return "asked \(word) by \(HistoryReport.person(request.by))\(reason)"
    }

    private static func held(_ hold: RolloutHold) -> String {
        switch hold.kind {
        case .approval: "waiting for approval, after \(hold.batches.of("batch", "batches"))"
        case .paused:
            "paused" + (hold.by.map { " by \(HistoryReport.person($0))" } ?? "") + (hold.reason.map { ": \($0)" } ?? "")
        }
    }

    /// What is being done, for a line that is shown while it is.
    static func doing(_ action: RolloutAction) -> String {
        switch action {
        case .observe(let host): "asking \(host)"
        case .deliver(let host, _): "bringing the release to \(host)"
        case .drain(let host): "draining \(host)"
        case .activate(let host, _): "switching \(host)"
        case .check(let host, _): "waiting until \(host) is healthy"
        case .admit(let host): "waiting until the balancers admit \(host)"
        case .count: "asking hosts and balancers who is in service"
        case .judge: "asking the gates"
        case .confirm(let host, _): "confirming the release on \(host)"
        case .hook(let point, let host): "running the hook \(point.rawValue)\(host.map { " on \($0)" } ?? "")"
        case .units(let action, let host): "\(action.doing) the units on \(host)"
        }
    }

    private static func started(_ plan: RolloutPlan) -> String {
        let what =
            switch plan.kind {
            case .rollout: "rolling out"
            case .promotion: "promoting"
            case .rollback: "rolling back to"
            case .convergence: "bringing hosts to"
            }
        let forced = plan.skippedEvidence.map { ", without evidence: \($0)" } ?? ""
        // Of one host that joins none has to stay in service, which would read as a danger.
        let floor = plan.floor > 0 ? ", at least \(plan.floor) in service" : ""
        let hosts = plan.tiers.map(tiers) ?? plan.hosts.count.of("host") + floor
        return "\(what) build \(plan.label) on \(plan.stage): \(hosts)\(forced)"
    }

    private static func tiers(_ tiers: [TierPlan]) -> String {
        tiers.map { tier in
            "\(tier.name): \(tier.hosts.count.of("host"))"
                + (tier.floor > 0 ? ", at least \(tier.floor) in service" : "")
        }
        .joined(separator: "; ")
    }

    private static func done(_ action: RolloutAction, _ plan: RolloutPlan?) -> String? {
        switch action {
        // No balancer has it: nothing is drained, nor admitted.
        case .drain(let host) where plan?.isBalanced(host) == false: nil
        case .admit(let host) where plan?.isBalanced(host) == false: "\(host): in service"
        case .observe, .judge, .count: nil
        case .deliver(let host, let release): "\(host): has release \(release)"
        case .drain(let host): "\(host): drained"
        case .activate(let host, let release): "\(host): switched to \(release?.description ?? "no release")"
        case .check(let host, _): "\(host): healthy"
        case .admit(let host): "\(host): admitted"
        case .confirm(let host, _): "\(host): confirmed"
        case .hook(let point, let host): "hook \(point.rawValue)\(host.map { " on \($0)" } ?? ""): done"
        case .units(let action, let host): "\(host): \(action.done)"
        }
    }

    private static func failed(_ action: RolloutAction, _ error: RolloutError, _ time: String) -> String {
        let what: String
        switch action {
        case .judge: what = "\(error.host): failed while it was watched: \(error.message)"
        case .hook(let point, let host):
            what = "hook \(point.rawValue)\(host.map { " on \($0)" } ?? "") failed: \(error.message)"
        case .count: what = "\(error.host): cannot say who is in service: \(error.message)"
        default: what = "\(error.host): cannot \(verb(action)): \(error.message)"
        }
        return ([what + time] + error.detail + error.hints.map { "hint: \($0)" }).joined(separator: "\n")
    }

    /// What could not be done, in a word; the journal's own word for bringing a build is that of earlier versions.
    private static func verb(_ action: RolloutAction) -> String {
        action.verb == .deliver ? "deliver" : action.verb.rawValue
    }

    /// Only what is not as it should be.
    private static func counted(_ count: Headcount) -> String? {
        guard !count.faults.isEmpty else { return nil }
        return count.faults.map {
            (["\($0.host): no longer as it should be: \($0.message)"] + $0.detail).joined(separator: "\n")
        }
        .joined(separator: "\n")
    }

    private static func judged(_ report: GateReport, _ time: String) -> String {
        guard !report.findings.isEmpty else { return "no gates to ask\(time)" }
        let lines = report.findings.map { "gate \($0.gate): \($0.verdict.rawValue) (\($0.reason))" }
        return lines.joined(separator: "\n") + time
    }

    private static func finished(_ outcome: RolloutOutcome, _ told: RolloutTold) -> String {
        switch outcome {
        case .succeeded: "done" + (told.plan.map { ": \($0.stage) runs build \($0.label)" } ?? "")
        case .rolledBack: goneBack(told)
        case .rollbackFailed: "going back failed on some host"
        case .failed: told.hasChanged ? "failed on some host" : "ended before any host was changed"
        }
    }

    /// With the reason again: each host that went back has its lines since that was said.
    private static func goneBack(_ told: RolloutTold) -> String {
        guard let plan = told.plan else { return "gone back" }
        let reason = told.reason?.split(separator: "\n").first.map { ": \($0)" } ?? ""
        let time = told.wayBack.map { " in \($0.inSeconds)" } ?? ""
        return "gone back\(time): \(plan.stage) is rid of build \(plan.label)\(reason)"
    }
}

extension RolloutWords {
    /// How each host stands that a rollout had in hand when it was given up.
    static func left(_ state: RolloutState) -> [String] {
        let lines = state.hostsInHand.map(left)
        return lines.count > 10 ? lines.prefix(10) + ["and \(lines.count - 10) hosts more"] : lines
    }

    private static func left(_ host: HostInHand) -> String {
        let runs =
            switch host.running {
            case .unknown: "may run either release"
            case .release(let release?): "runs \(release)"
            case .release(nil): "runs no release"
            }
        let place = host.isServing.map { $0 ? "in service" : "out of rotation" } ?? "perhaps in service"
        let verbs = host.begun.map(\.rawValue).joined(separator: " and ")
        let begun = verbs.isEmpty ? "" : ", \(verbs) begun and not known to be done"
        return "\(host.host): \(runs), \(place)\(begun)"
            + (host.goesBack ? "; goes back by itself unless it is confirmed" : "")
    }

    /// An intent, for a run's whole history.
    static func intent(_ event: RolloutEvent) -> String? {
        if case .intent(let action) = event { "about to: \(doing(action))" } else { nil }
    }
}

extension UnitAction {
    /// What is being done, in a word.
    var doing: String {
        switch self {
        case .restart: "restarting"
        case .stop: "stopping"
        case .start: "starting"
        }
    }

    /// What was done, in a word.
    var done: String {
        switch self {
        case .restart: "restarted"
        case .stop: "stopped"
        case .start: "started"
        }
    }
}
