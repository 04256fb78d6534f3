import Rollouts

/// What an event of a rollout, or of work on units, is as programs read it: what the journal holds, with run, place and time.
enum RolloutSchema {
    static let schema = DocumentSchema(
        "rollout", "Something that happened in a rollout, or while units are restarted, stopped or started",
        [
            .always("run", .integer, "the number of the run in the journal"),
            .always("sequence", .integer, "its place in the run, from 1 without gaps"),
            .always("at", .time, "when, to the millisecond"),
        ],
        events: [
            .init("started", "it began", [.always("plan", .object(plan), "what it is to bring about")]),
            .init("resumed", "a controller took it up; what was in flight is in doubt"),
            .init(
                "batch", "these hosts are changed next, together",
                [
                    .always("hosts", .list(.text), "the hosts"),
                    .always("canary", .flag, "whether they are the canary"),
                ]),
            .init("intent", "an action is about to be done", action),
            .init("done", "it was done", action + [.maybe("note", .text, "what came of it, for people")]),
            .init("failed", "it could not be done", action + [.always("fault", .object(fault), "why")]),
            .init(
                "sighted", "what a host and the balancers answered",
                [.always("host", .text, "the host"), .always("sighting", .object(sighting), "what was seen")]),
            .init(
                "inspected", "how a host was when it was checked, which is what it is compared with later",
                [.always("host", .text, "the host"), .always("condition", .object(condition), "how it was")]),
            .init("counted", "who is in service", [.always("count", .object(count), "who is not")]),
            .init(
                "judged", "what the gates found",
                [
                    .always("batch", .integer, "which batch, from 0"),
                    .always(
                        "report", .object([.always("findings", .list(.object(finding)), "each gate's answer")]),
                        "what they said"),
                ]),
            .init(
                "balancerLeftOut", "a balancer takes no part from here on",
                [.always("balancer", .text, "which"), .always("reason", .text, "why, for people")]),
            .init(
                "requested", "somebody asked something of it", [.always("request", .object(request), "what, and who")]),
            .init("held", "nothing is begun until somebody has it go on", [.always("hold", .object(hold), "why")]),
            .init(
                "overdue", "no host got any further for too long", [.always("seconds", .number, "for how long")]),
            .init(
                "halted", "it failed, and stops for a person to go on",
                [
                    .always("reason", .text, "why, for people"), .always("cause", .object(cause), "why, as data"),
                    .always("takesBatchBack", .flag, "whether the batch in hand goes back"),
                ]),
            .init(
                "turnedBack", "every changed host goes back from here on",
                [.always("reason", .text, "why, for people"), .always("cause", .object(cause), "why, as data")]),
            .init("finished", "it is over", [.always("outcome", .word(RolloutOutcome.self), "how it ended")]),
        ])

    private static let action: [Shape.Field] = [
        .always("action", .word(RolloutAction.Verb.self), "what is done; `stage` brings the release, without using it"),
        .maybe("host", .text, "the host it is done to; absent of `count` and `judge`"),
        .maybe("release", .text, "the release it is about"),
        .maybe("batch", .integer, "of `judge`: which batch, from 0"),
        .maybe("hook", .word(RolloutHooks.Point.self), "of `hook`: which"),
    ]

    private static let plan: [Shape.Field] = [
        .always("stage", .text, "the stage"),
        .always("kind", .word(RolloutPlan.Kind.self), "why the build goes there"),
        .always("build", .text, "the build's digest"),
        .maybe("baseline", .text, "the release that every host goes back to; absent: what each ran before"),
        .maybe("baselineBuild", .text, "its build's digest"),
        .maybe("buildName", .text, "what the build is called, where it has a name"),
        .always("hosts", .list(.text), "the hosts, in the order in which they are changed"),
        .always("policy", .object(policy), "how carefully"),
        .maybe("members", .integer, "how many members the pool has"),
        .maybe("distrusted", .text, "a release that is not kept in service for capacity's sake"),
        .maybe("skippedEvidence", .text, "why evidence from the stage before was not asked for"),
        .maybe("approval", .text, "why somebody approved it"),
        .maybe("keptOut", .list(.text), "hosts that somebody had taken out of rotation, which stay out"),
        .maybe("hooks", .object(hooks), "what is run besides"),
        .maybe("tiers", .list(.object(tier)), "the service's tiers, in the order in which the build goes to them"),
        .maybe("isTakenUp", .flag, "whether it was found on hosts by a controller that did not begin it"),
    ]

    private static let hook: [Shape.Field] = [
        .always("command", .text, "the command"),
        .always("seconds", .number, "how long it may take"),
        .always("place", .word(RolloutHooks.Hook.Place.self), "where it is run, `once` apart"),
        .maybe("undo", .text, "what takes it back"),
        .always("isCompatible", .flag, "whether the build before works with what it does"),
        .always("isIdempotent", .flag, "whether it may be run twice"),
    ]

    private static let hooks: [Shape.Field] = [
        .maybe("before", .object(hook), "before the first host, or each, is changed"),
        .maybe("once", .object(hook), "on one host, before the first is changed"),
        .maybe("after", .object(hook), "when all hosts, or each, are done"),
        .maybe("undoRelease", .text, "the release that `undo` is run in"),
    ]

    private static let request: [Shape.Field] = [
        .always("id", .text, "what tells it from others"),
        .always("kind", .word(RolloutRequest.Kind.self), "what is asked"),
        .always("by", .text, "who asks"),
        .maybe("reason", .text, "why"),
        .always(
            "rollout",
            .object([
                .always("holder", .text, "who began the rollout"),
                .always("startedAt", .integer, "when, in milliseconds since 1970"),
            ]), "the rollout that is meant"),
    ]

    private static let hold: [Shape.Field] = [
        .always("kind", .word(RolloutHold.Kind.self), "what it waits for"),
        .maybe("by", .text, "who paused it"),
        .maybe("reason", .text, "why"),
        .always("batches", .integer, "how many batches were done"),
    ]

    private static let tier: [Shape.Field] = [
        .always("name", .text, "its name"),
        .always("hosts", .list(.text), "its hosts, those included that take no part"),
        .always("policy", .object(policy), "how carefully"),
        .always("isBalanced", .flag, "whether balancers send it traffic"),
    ]

    private static let policy: [Shape.Field] = [
        .always("canary", .integer, "hosts of the first batch; 1 where that is a share"),
        .maybe("canaryShare", .text, "that share, such as `10%`"),
        .always("batch", .text, "hosts of each later batch, such as `2` or `25%`"),
        .maybe("batches", .list(.text), "hosts of the later batches in turn; the last repeats"),
        .always("drain", .number, "seconds that sessions may take to end"),
        .always("health", .number, "seconds that a host may take to become healthy"),
        .always("bake", .number, "seconds that the gates watch each batch"),
        .always("budget", .integer, "hosts that may fail"),
        .always("confirm", .number, "seconds that a host waits for a vanished controller"),
        .maybe("minimum", .integer, "hosts that must stay in service; absent: half"),
        .maybe("maxUnavailable", .text, "hosts that may be out of service"),
        .maybe("progressDeadline", .number, "seconds for which no host may get further"),
        .maybe("onFailure", .word(RolloutPolicy.FailureResponse.self), "what becomes of hosts; absent: `rollback`"),
        .maybe("approval", .word(RolloutPolicy.ApprovalPoint.self), "after what somebody has to approve it"),
        .maybe("capacity", .integer, "how many percent of members' processors may be in use; absent: nobody measures"),
    ]

    static let fault: [Shape.Field] = [
        .always("kind", .text, "what kind of failure: `unreachable`, `unhealthy`, `command`, `balancer`, …"),
        .always("host", .text, "the host"),
        .always("message", .text, "one sentence for people"),
        .always("detail", .list(.text), "last lines of what was said there"),
        .always("hints", .list(.text), "what to do about it"),
        .maybe("isServing", .flag, "whether balancers still send it traffic, when they were asked"),
        .maybe("balancer", .text, "the balancer that did not answer, where that is why"),
    ]

    private static let sighting: [Shape.Field] = [
        .maybe("release", .text, "the release that it runs"),
        .maybe("digest", .text, "the build it was unpacked from"),
        .always("isServing", .flag, "whether every balancer that answered sends it traffic"),
        .maybe("isElsewhere", .flag, "whether some balancer has it at another address"),
        .maybe("isKeptOut", .flag, "whether somebody took it out of rotation by hand"),
        .maybe(
            "intervention", .integer, "how far a rollout that was taken up had come with it: 0, 1 drained, 2 switched"),
        .maybe("before", .text, "the release that it ran before that"),
    ]

    private static let condition: [Shape.Field] = [
        .maybe("release", .text, "the release that is current"),
        .always(
            "units",
            .list(
                .object([
                    .always("name", .text, "the unit"),
                    .always("state", .text, "in systemd's words: `active`, `failed`, …"),
                    .maybe("type", .text, "such as `simple` or `oneshot`"),
                    .maybe("result", .text, "how it ended the last time, such as `success`"),
                    .maybe("restarts", .integer, "how often systemd restarted it since it was started"),
                ])), "the service's units"),
        .always("isHealthy", .flag, "whether the service passed its check"),
        .always("answer", .text, "what it answered, in one line"),
        .always("detail", .list(.text), "the units' last lines, when something is wrong"),
    ]

    private static let count: [Shape.Field] = [
        .always("out", .list(.text), "hosts of the rollout that do not serve"),
        .always("elsewhere", .integer, "members that take no part in the rollout and serve"),
        .maybe("elsewhereIn", .map(.integer), "the same by tier, where there are several"),
        .always("faults", .list(.object(fault)), "hosts that are not what they should be"),
        .maybe("load", .object(load), "how busy those in service are, where `capacity:` is given"),
    ]

    private static let load: [Shape.Field] = [
        .always("inService", .integer, "members in service"),
        .maybe("cpu", .number, "how much of their processors is in use on average, from 0 to 1"),
        .always("measured", .integer, "how many of them were asked and answered"),
        .always("queued", .integer, "requests that wait for a member, on the balancer where most do"),
    ]

    private static let strain: [Shape.Field] = [
        .always("load", .object(load), "what was measured"),
        .always("leaving", .integer, "members that would leave rotation"),
        .always("joining", .integer, "members that would join before"),
        .always("limit", .integer, "how many percent of processors may be in use"),
    ]

    static let finding: [Shape.Field] = [
        .always("gate", .text, "the gate, as people call it"),
        .always("verdict", .word(Verdict.self), "what it found"),
        .always("reason", .text, "what it saw"),
        .maybe(
            "figures",
            .object([
                .always("batch", .object(sample), "what was seen of the batch"),
                .maybe("rest", .object(sample), "and of the hosts that it was compared with"),
                .maybe("recorded", .flag, "true where the rest is from an earlier batch"),
                .maybe("p", .number, "how likely chance alone would show so great a difference"),
            ]), "the numbers that it judged by"),
    ]

    private static let sample: [Shape.Field] = [
        .always("requests", .integer, "requests that were answered, or failed"),
        .maybe("failed", .integer, "how many failed"),
        .maybe("times", .list(.number), "milliseconds: of single requests, or means of some each, at most 100"),
    ]

    private static let shortage: [Shape.Field] = [
        .always("serving", .integer, "members that balancers send traffic"),
        .always("total", .integer, "how many members there are"),
        .always("floor", .integer, "how many must stay in service"),
        .maybe("tier", .text, "the tier that is short, where there are several"),
        .always(
            "out",
            .list(.object([.always("host", .text, "the host"), .maybe("message", .text, "what is wrong with it")])),
            "hosts that get no traffic"),
        .maybe("strain", .object(strain), "what those in service have to do, where that is why so many must stay"),
    ]

    private static let cause: [Shape.Field] = [
        .always("kind", .word(Setback.Kind.self), "what made it turn back; the other fields belong to it"),
        .maybe("shortage", .object(shortage), "of `shortage`: who is in service"),
        .maybe("fault", .object(fault), "of `canary`, `balancer`, `budget` and `hook`: what failed first"),
        .maybe("failed", .integer, "of `budget`: hosts that failed"),
        .maybe("budget", .integer, "of `budget`: how many may"),
        .maybe("gate", .object(finding), "of `gate`: what it found"),
        .maybe("by", .text, "of `asked`: who did"),
        .maybe("seconds", .number, "of `overdue`: for how long no host got further"),
        .maybe("hook", .word(RolloutHooks.Point.self), "of `hook`: which"),
        .maybe("reason", .text, "of `told`: what an earlier version said"),
    ]
}
