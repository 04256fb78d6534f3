import Playbooks

/// What the events of a run of playbooks are as programs read them.
enum PlaybookSchema {
    static let schema = DocumentSchema(
        "playbook",
        "Something that happened in a run of playbooks; what is wrong with none of its tasks is a `drover.error`", [],
        events: [
            .init("warning", "something should be known", ErrorFields.fields(.warning)),
            .init(
                "play", "a play begins, or one of its batches",
                [
                    .always("name", .text, "the play"),
                    .always("hosts", .list(.text), "its hosts, of the batch"),
                    .maybe("batch", .integer, "which batch, of several (`serial`)"),
                    .maybe("batches", .integer, "how many batches"),
                ]),
            .init(
                "play_skipped", "no host is left for a play",
                [
                    .always("name", .text, "the play"),
                    .always("reason", .word(PlaySkip.self), "why"),
                ]),
            .init(
                "task", "a task begins",
                [
                    .always("step", .integer, "its number within the run"),
                    .always("name", .text, "the task"),
                    .always("module", .text, "its module"),
                    .always("location", .text, "file, line and column where it stands"),
                    .always("handler", .flag, "whether it is a handler"),
                    .always("owed", .flag, "whether an earlier run owed it"),
                ]),
            .init("result", "it ended on one host", result),
            .init(
                "unreachable", "a host cannot be talked to, and is left out", ErrorFields.fields(.error)),
            .init(
                "owed_handlers", "handlers that an earlier run, or this one, owes",
                [
                    .always("outcome", .word(OwedHandlers.Outcome.self), "what became of them"),
                    .always(
                        "handlers",
                        .list(
                            .object([
                                .always("name", .text, "the handler"),
                                .always("hosts", .list(.text), "the hosts that are owed it"),
                            ])), "each handler"),
                ]),
            .init(
                "recap", "the run is over",
                [
                    .always("hosts", .map(.object(counters)), "how many tasks ended how on each host"),
                    .always("wouldRun", .integer, "tasks of a plan that only running tells, on all hosts"),
                    .always("seconds", .number, "how long it took"),
                    .always("aborted", .flag, "whether it was ended before all was done"),
                    .maybe("left", .object(left), "how far it has come, where it left something undone"),
                ]),
        ])

    private static let left: [Shape.Field] = [
        .always("done", .list(.text), "hosts on which everything was done"),
        .always("halfDone", .list(.text), "hosts on which some tasks were run, and others failed or were not"),
        .always("untouched", .list(.text), "hosts on which no task was run"),
        .always("owed", .list(.object(handler)), "handlers that run first next time"),
    ]

    private static let handler: [Shape.Field] = [
        .always("name", .text, "the handler"),
        .always("hosts", .list(.text), "the hosts that are owed it"),
    ]

    private static let counters: [Shape.Field] = [
        "ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored", "unknown", "wouldRun",
    ].map { .always($0, .integer, "tasks") }

    private static let result: [Shape.Field] =
        [
            .always("step", .integer, "the task's number within the run"),
            .always("task", .text, "the task"),
            .always("host", .text, "the host"),
            .maybe("delegate", .text, "the host that it was done on, where that is another"),
            .always("outcome", .word(TaskReport.Outcome.self), "how it ended"),
            .always("location", .text, "file, line and column where the task stands"),
            .maybe("message", .text, "what the module says"),
            .maybe("condition", .text, "of a skipped task: what did not hold"),
            .maybe("unknownUntil", .integer, "of a plan: the step it waits for"),
            .maybe("hidden", .flag, "true where `no_log` hides what it says"),
            .maybe("status", .integer, "of a command that failed: its exit status"),
            .maybe("command", .text, "of a command that failed: its line"),
            .maybe("lastLines", .list(.text), "of a command that failed: what it wrote last"),
            .always("seconds", .number, "how long it took"),
            .always("diffs", .list(.object(diff)), "what is different afterwards"),
            .maybe("items", .list(.object(item)), "of a loop: its items"),
        ] + ErrorFields.optional.filter { $0.name != "host" }

    private static let diff: [Shape.Field] = [
        .always("subject", .text, "what differs"),
        .maybe("before", .text, "what it was"),
        .maybe("after", .text, "what it is"),
    ]

    private static let item: [Shape.Field] =
        [
            .always("label", .text, "the item, as it is shown"),
            .always("outcome", .word(TaskReport.Outcome.self), "how it ended"),
            .maybe("message", .text, "what the module says"),
        ] + ErrorFields.optional
}
