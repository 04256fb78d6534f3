import Fleet

extension ServiceKeys {
    static let tier = ServiceKeys(
        "tier",
        [
            .required("hosts", .text, "its hosts: a group of the inventory, or a pattern"),
            .required("units", .texts, "systemd units that are restarted there, in order, when a release is switched"),
            .optional(
                "health", .mapping(tierHealth),
                "how a host of it is found well: the pool's check unless said otherwise, its units alone without a pool"
            ),
            .optional("pool", .mapping(tierPool), "who balances it; a tier without is in service while its units run"),
            .optional(
                "minimum", .number(0...10_000), "as `rollout: minimum`", "hosts of it that must stay in service"),
            .optional("rollout", .mapping(tierRollout), "how carefully a build goes to it, where stages say otherwise"),
        ])

    /// A pool whose members are the tier's hosts.
    static let tierPool = ServiceKeys("pool", pool.keys.filter { $0.name != "members" })

    static let tierHealth = ServiceKeys(
        "health",
        [
            .optional(
                "http", .mapping(tierPage), "asks for a page on the host itself; health has this or `command`"),
            .optional(
                "command", .text, "runs a command on the host, as root: 0 means well; each try has 10 s"),
        ])

    static let tierPage = ServiceKeys(
        "http",
        [
            .optional("path", .urlPath, Pool.Check().path, "what is asked by GET"),
            .required("port", .number(1...65535), "where the host listens"),
            .optional("expect", .statuses, "200-299", "the answers that mean well; redirects are not followed"),
        ])

    /// What a tier may have of its own; the rest holds for the whole rollout.
    private static let tierRollout = ServiceKeys("rollout", rollout.keys.filter { !ofTheWhole.contains($0.name) })
    static let ofTheWhole: Set = ["approval", "budget", "capacity", "confirm", "on_failure", "progress_deadline"]

    static let stageTier = ServiceKeys(
        "tier of a stage", [.optional("rollout", .mapping(tierRollout), "how carefully a build goes to it here")])
}
