import Fleet
import Rollouts

/// Shows what a rollout would do.
struct ForecastReport {
    let terminal: Terminal
    let format: OutputFormat

    /// Tells it; `isDetailed` has changes end with a status of their own.
    func tell(_ forecast: RolloutForecast, isDetailed: Bool) throws -> ExitStatus {
        switch format {
        case .json: terminal.write(json: try EncodedJSON.line(ForecastAnswer(forecast)))
        case .table: for line in Self.lines(forecast) { terminal.write(wrapping: line) }
        }
        terminal.say("nothing was changed")
        return isDetailed && forecast.hasChanges ? .changesFound : .done
    }

    static func lines(_ forecast: RolloutForecast) -> [String] {
        let plan = forecast.plan
        let floor = plan.floor > 0 ? ", at least \(plan.floor) in service" : ""
        var lines = [
            "\(plan.stage): \(plan.kind.noun) of build \(plan.build.release) to \(plan.hosts.count.of("host"))\(floor)"
        ]
        for error in forecast.silent { lines.append("  left out: \(error.host): \(error.message)") }
        var batches = 0
        for step in forecast.steps {
            if case .batch = step { batches += 1 }
            lines.append("  " + words(step, plan, batches))
        }
        return lines
    }

    private static func words(_ step: RolloutForecast.Step, _ plan: RolloutPlan, _ number: Int) -> String {
        let total = plan.total
        switch step {
        case .deliver(let hosts, let there):
            let lacking =
                hosts.isEmpty
                ? "every host that answers has the release" : "bring the release to \(NodeSet.text(hosts))"
            return lacking + (there.isEmpty || hosts.isEmpty ? "" : "; \(NodeSet.text(there)) has it")
        case .hook(let point, let hook, let host):
            return "hook \(point.rawValue)\(host.map { " on \($0)" } ?? ""): \(hook.command)"
        case .batch(let hosts, let isCanary, let staying):
            let policy = plan.policy
            return "\(number) \(isCanary ? "canary" : "batch"): \(NodeSet.text(hosts)); "
                + "at the least \(staying) of \(total) stay in service; drained for at most "
                + "\(policy.drain.inSeconds), healthy within \(policy.health.inSeconds), watched for \(policy.bake.inSeconds)"
        case .direct(let hosts, let staying):
            return "\(NodeSet.text(hosts)), as many at once as the pool can spare; at the least \(staying) of \(total) "
                + "stay in service"
        case .approval: return "waits for approval: drover rollout approve \(plan.stage)"
        case .setback(let setback): return "it would go back: \(setback)"
        }
    }
}

extension RolloutPlan.Kind {
    fileprivate var noun: String {
        switch self {
        case .rollout: "rollout"
        case .promotion: "promotion"
        case .rollback: "rollback"
        case .convergence: "apply"
        }
    }
}

/// What a rollout would do, as programs read it.
struct ForecastAnswer: SchemaDocument {
    struct Step: Encodable {
        let step: String
        var hosts: [HostName]?
        var there: [HostName]?
        var isCanary: Bool?
        var staying: Int?
        var hook: String?
        var command: String?
        var reason: String?
    }

    let stage: String
    let kind: RolloutPlan.Kind
    let build: BuildDigest
    let members: Int
    let minimum: Int
    let hasChanges: Bool
    let silent: [HostName]
    let steps: [Step]

    init(_ forecast: RolloutForecast) {
        let plan = forecast.plan
        (stage, kind, build) = (plan.stage, plan.kind, plan.build)
        (members, minimum, hasChanges) = (plan.total, plan.floor, forecast.hasChanges)
        silent = forecast.silent.map(\.host)
        steps = forecast.steps.map(Step.init)
    }
}

extension ForecastAnswer.Step {
    init(_ step: RolloutForecast.Step) {
        switch step {
        case .deliver(let hosts, let there): self.init(step: "deliver", hosts: hosts, there: there)
        case .hook(let point, let hook, let host):
            self.init(step: "hook", hosts: host.map { [$0] }, hook: point.rawValue, command: hook.command)
        case .batch(let hosts, let isCanary, let staying):
            self.init(step: "batch", hosts: hosts, isCanary: isCanary, staying: staying)
        case .direct(let hosts, let staying): self.init(step: "direct", hosts: hosts, staying: staying)
        case .approval: self.init(step: "approval")
        case .setback(let setback): self.init(step: "setback", reason: setback.description)
        }
    }
}

extension ForecastAnswer {
    static let schema = DocumentSchema(
        "forecast", "What a rollout would do if all went well; nothing was done (`--dry-run`)",
        [
            .always("stage", .text, "the stage"),
            .always("kind", .word(RolloutPlan.Kind.self), "why the build would go there"),
            .always("build", .text, "the build's digest"),
            .always("members", .integer, "how many members the pool has"),
            .always("minimum", .integer, "how many have to stay in service"),
            .always("hasChanges", .flag, "whether a host would be changed"),
            .always("silent", .list(.text), "hosts that do not answer"),
            .always(
                "steps",
                .list(
                    .object([
                        .always(
                            "step", .word(["deliver", "hook", "batch", "direct", "approval", "setback"]), "what it is"),
                        .maybe("hosts", .list(.text), "whom it is done to"),
                        .maybe("there", .list(.text), "of `deliver`: who has the release"),
                        .maybe("isCanary", .flag, "of `batch`: whether it is the canary"),
                        .maybe("staying", .integer, "members that stay in service at the least"),
                        .maybe("hook", .word(RolloutHooks.Point.self), "of `hook`: which"),
                        .maybe("command", .text, "of `hook`: what is run"),
                        .maybe("reason", .text, "of `setback`: why it would go back"),
                    ])), "what would be done, in order"),
        ])
}
