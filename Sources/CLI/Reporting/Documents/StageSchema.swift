import Rollouts

extension StageAnswer {
    static let schema = DocumentSchema(
        "status", "A stage as it is, asked now",
        [
            .always("stage", .text, "the stage"),
            .always("state", .word(FleetHealth.State.self), "how it is as a whole; later words are worse"),
            .always("isAlarming", .flag, "whether the command ends with status 1 because of it"),
            .always("inService", .integer, "members in service on the balancer that has the fewest"),
            .always("members", .integer, "how many members there are"),
            .always("minimum", .integer, "how many must be in service"),
            .always("inServiceOn", .map(.integer), "members in service on each balancer that answered"),
            .maybe(
                "tiers", .list(.object(TierAnswer.fields)),
                "how each tier does, where there are several; the numbers above are their sums then"),
            .maybe("build", .text, "digest of the build that the stage runs"),
            .maybe("buildName", .text, "what people call it"),
            .maybe("previous", .text, "digest of the build that it would go back to"),
            .maybe("lease", .text, "who is changing the stage, for people; `drover lock status` has it as data"),
            .maybe("unfinished", .object(RunAnswer.schema.fields), "a rollout that nobody has ended"),
            .maybe("lastChange", .object(RunAnswer.schema.fields), "what was done last"),
            .maybe("secondsSinceLastChange", .integer, "since that ended"),
            .always("hosts", .list(.object(Host.fields)), "its hosts, and those that only balancers have"),
            .always("silentBalancers", .map(.text), "balancers that did not answer, and why"),
            .always("leftOut", .list(.object(LeftOut.fields)), "balancers that changes were made without"),
            .always("problems", .list(.object(Problem.fields)), "what is wrong, worst first"),
            .always("next", .list(.text), "commands to type next"),
        ])
}

extension StageAnswer.Host {
    fileprivate static let fields: [Shape.Field] = [
        .always("host", .text, "the host"),
        .always("state", .word(FleetHealth.Host.State.self), "how it is; later words are worse"),
        .maybe("release", .text, "what it runs, as far as it answered"),
        .maybe("tiers", .list(.text), "the tiers it is in, where there are several"),
        .always("units", .map(.text), "its units, in systemd's words"),
        .always(
            "balancers", .map(.text),
            "what each balancer does with it: `up`, `down`, `draining`, `maintenance`, `absent`"),
        .maybe("stopped", .object(UnitStopAnswer.fields), "who stopped its units by hand"),
        .maybe("keptOut", .object(KeptOutAnswer.fields), "who took it out of rotation by hand"),
        .maybe("remark", .text, "what is wrong with it"),
    ]
}

extension StageAnswer.Problem {
    fileprivate static let fields: [Shape.Field] = [
        .always("subject", .text, "the host, balancer or stage"),
        .always("message", .text, "one sentence for people"),
    ]
}

extension StageAnswer.LeftOut {
    fileprivate static let fields: [Shape.Field] = [
        .always("balancer", .text, "the balancer"),
        .always("reason", .text, "why, as somebody said"),
        .always("by", .text, "who said so"),
        .always("since", .time, "since when"),
    ]
}

extension UnitStopAnswer {
    fileprivate static let fields: [Shape.Field] = [
        .always("by", .text, "who did"),
        .always("since", .time, "when"),
    ]
}
