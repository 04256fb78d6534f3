import Fleet

extension ServiceKeys {
    private static let usualHook = RolloutHooks.Hook("")

    private static let command = Key.required("command", .text, "the command, as a shell takes it")

    private static let timeout = Key.optional(
        "timeout", .time(.seconds(1) ... .seconds(86400)), usualHook.timeout.written, "how long it may take")

    static let hooks = ServiceKeys(
        "hooks",
        [
            .optional("before", .textOr(hook), "before the first host is changed; what fails stops the rollout there"),
            .optional(
                "once", .textOr(onceHook),
                "migrations: on one host of the first batch, in the release's folder, before the first host is changed"),
            .optional("after", .textOr(hook), "when every host is done; what fails is told, and undoes nothing"),
        ])

    static let hook = ServiceKeys(
        "hook",
        [
            command,
            .optional(
                "run_on", .word(RolloutHooks.Hook.Place.allCases.map(\.rawValue)), usualHook.place.rawValue,
                "once here, or on each host that is changed: before it is switched, after it is healthy"),
            timeout,
        ])

    static let onceHook = ServiceKeys(
        "once",
        [
            command, timeout,
            .optional("undo", .text, "what takes it back, run on the same host after the hosts have gone back"),
            .optional("compatible", .flag, "false", "whether the build before works on with what it did"),
            .optional("idempotent", .flag, "false", "whether `resume` may run it again by itself"),
        ])

    /// What a build has to bring along from the stage before.
    static let requirements = ServiceKeys(
        "require",
        [
            .optional(
                "soak", .time(.zero ... .seconds(8760 * 3600)), "0s",
                "for how long it has to have run there; as `bake` of the stage"),
            .optional("rehearsal", .flag, "false", "whether going back from it was rehearsed there: `rehearse: true`"),
            .optional(
                "approval", .flag, "false", "whether somebody approved it there: `drover promote --approve REASON`"),
        ])
}
