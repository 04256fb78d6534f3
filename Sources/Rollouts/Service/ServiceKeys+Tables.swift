import Fleet

extension ServiceKeys {
    /// The whole file.
    public static let file = ServiceKeys(
        wholeFile,
        [
            .required("service", .text, "what it is called: in units' state on hosts, in etcd, in the shared store"),
            .optional("root", .hostPath, "/srv/SERVICE", "where its releases lie on hosts"),
            .optional(
                "units", .texts, "SERVICE.service",
                "systemd units that are restarted, in order, when a release is switched"),
            .optional("pool", .mapping(pool), "who gets traffic, and through whom; a service has this or `tiers`"),
            .optional(
                "tiers", .named(tier), "parts of the service with hosts of their own, in the order in which builds go"),
            .required("stages", .named(stage), "what builds pass through, in this order"),
            .optional(
                "state", .textOr(state), ".drover", "where the journal is: a folder, or `etcd://HOST[:2379],…[/PREFIX]`"
            ),
            .optional("builds", .text, "where machines share builds: a folder, or `ssh://[user@]host[:port]/path`"),
            .optional("retire", .mapping(retire), "what a host runs before it leaves for good"),
            .optional("retention", .mapping(retention), "how much is kept after each change"),
            .optional(
                "vault_password_file", .text,
                "the vault's password, or a program that prints it, where no flag and no variable names one"),
        ] + settings + [signed])

    /// The service's settings, and a stage's own.
    private static let settings: [Key] = [
        .optional("env_file", .texts, "files of variables as `env` has them, which may be encrypted as a whole"),
        .optional("env", .variables, "variables of the units' environment, brought to hosts with each release"),
    ]

    /// Who has to vouch for the service's builds, or those of a stage.
    private static let signed = Key.optional(
        "require_signature", .textOr(signature),
        "only builds signed by somebody in this file of allowed signers are taken")

    static let signature = ServiceKeys(
        "require_signature",
        [
            .required("signers", .text, "the file of allowed signers, as ssh-keygen(1) describes it"),
            .optional("revoked", .text, "a file of keys that count no longer, one a line or made by `ssh-keygen -k`"),
        ])

    /// What the mapping at the top is called.
    static let wholeFile = "the file"

    static let pool = ServiceKeys(
        "pool",
        [
            .required("name", .text, "the backend's name on every balancer"),
            .required("balancers", .text, "the inventory's group of balancers"),
            .required("members", .text, "the inventory's group of members"),
            .required("port", .number(1...65535), "where members listen"),
            .optional("mode", .word(PoolTraffic.Mode.allCases.map(\.rawValue)), "http", "what is balanced"),
            .optional(
                "balance", .word(PoolTraffic.Balance.allCases.map(\.rawValue)), "leastconn",
                "by what a member is chosen: the fewest connections, one after the other, chance, the client's address, "
                    + "or what is asked for"),
            .optional("cookie", .textOr(cookie), "keeps clients at their member; of `mode: http`"),
            .optional(
                "slow_start", .time(.seconds(1) ... .seconds(600)),
                "how long a member that comes up gets less than its share; it counts as admitted after that"),
            .optional(
                "agent", .flagOr(agent), "false",
                "whether balancers ask an agent on each member, as `drover-agent` is one, how much of its share it can take; "
                    + "with HAProxy alone"),
            .optional(
                "driver", .word(Pool.Driver.allCases.map(\.rawValue)), Pool.Driver.haproxy.rawValue,
                "the program that balancers run"),
            .optional(
                "address", .text,
                "the address that clients ask, where it moves between balancers (keepalived): one that dies is gone on without once another has it"
            ),
            .optional("check", .mapping(check), "how balancers, and Drover on each host, see whether a member is well"),
            .optional(
                "config", .hostPath, "/etc/haproxy/pools/NAME.cfg; for nginx /etc/nginx/conf.d/drover-NAME.conf",
                "the pool's file on balancers, which is Drover's; it ends in .cfg, for nginx in .conf"),
            .optional(
                "adopt", .flag, "false",
                "whether `config` (/etc/haproxy/haproxy.cfg) is your own file: Drover changes the backend's `server` lines alone"
            ),
            .optional(
                "server_options", .text, "as the other lines",
                "with `adopt`, what a new member's line gets behind its address, such as `check maxconn 200`"),
            .optional("socket", .hostPath, "/run/haproxy/admin.sock", "HAProxy's socket there, of level admin"),
        ])

    private static let usualAgent = PoolTraffic.Agent()

    static let agent = ServiceKeys(
        "agent",
        [
            .optional("port", .number(1...65535), "\(usualAgent.port)", "where it listens, at the member's address"),
            .optional(
                "interval", .time(.milliseconds(100) ... .seconds(3600)), usualAgent.interval.written,
                "between two questions"),
        ])

    static let cookie = ServiceKeys("cookie", [.required("name", .text, "the cookie's name")])

    private static let usualCheck = Pool.Check()

    static let check = ServiceKeys(
        "check",
        [
            .optional(
                "path", .urlPath, usualCheck.path,
                "what is asked by GET; with `mode: tcp`, where it is not there, a connection is enough"),
            .optional(
                "expect", .statuses, "\(usualCheck.expect.lowerBound)-\(usualCheck.expect.upperBound)",
                "the answers that mean well; redirects are not followed"),
            .optional(
                "interval", .time(.milliseconds(10) ... .seconds(3600)), usualCheck.interval.written,
                "between two checks"),
            .optional("rise", .number(1...100), "\(usualCheck.rise)", "passed checks in a row that make a member up"),
            .optional("fall", .number(1...100), "\(usualCheck.fall)", "failed checks in a row that make it down"),
        ])

    static let stage = ServiceKeys(
        "stage",
        [
            .required("inventory", .texts, "its inventory: files, folders or programs"),
            .optional("playbook", .texts, "what `plan` and `apply` run"),
            .optional("after", .text, "the stage above that a build has to pass before"),
            .optional("bake", .time(.zero ... .seconds(8760 * 3600)), "0s", "for how long it has to have passed there"),
            .optional("rollout", .mapping(rollout), "how carefully a build goes to it"),
            .optional("require", .mapping(requirements), "what a build has to bring along from the stage before"),
            .optional(
                "rehearse", .flag, "false",
                "whether a rollout that succeeded goes back and comes again, which `require: {rehearsal: true}` asks for"
            ),
            .optional("hooks", .mapping(hooks), "what is run besides"),
            .optional(
                "ask", .flag, "true",
                "whether somebody at a terminal is asked before a build goes to a stage with `after`; `--yes` goes on"),
            .optional("tiers", .named(stageTier), "what differs for a tier in this stage"),
            .optional("gates", .list(gate), "what has to hold of each batch while it is watched"),
            .optional("slo", .list(objective), "what its pages are to be like, for those who ask for them"),
        ] + settings + [signed])

    private static let usual = RolloutPolicy()

    static let rollout = ServiceKeys(
        "rollout",
        [
            .optional("canary", .batch, "\(usual.canary)", "hosts of the first batch; 0 for none"),
            .optional("batch", .batch, usual.batch.description, "hosts of each later batch"),
            .optional(
                "batches", .batches,
                "in place of batch: hosts of the batches in turn, the canary first unless that is "
                    + "said by itself; the last size repeats"),
            .optional(
                "drain", .time(.zero ... .seconds(86400)), usual.drain.written, "how long sessions may take to end"),
            .optional(
                "health", .time(.seconds(1) ... .seconds(3600)), usual.health.written,
                "how long a host may take to become healthy, and balancers to see it"),
            .optional(
                "bake", .time(.zero ... .seconds(7 * 86400)), usual.bake.written, "how long each batch is watched"),
            .optional("budget", .number(0...10_000), "\(usual.budget)", "hosts that may fail or be out of reach"),
            .optional(
                "confirm", .time(.seconds(1) ... .seconds(86400)), usual.confirm.written,
                "how long a switched host waits for a vanished controller, beyond its batch's time, before it goes back"
            ),
            .optional(
                "minimum", .number(0...10_000), "half of the pool, rounded down, but one of several",
                "hosts that must stay in service"),
            .optional(
                "max_unavailable", .batch, "hosts that may be out of service; with minimum the stricter holds"),
            .optional(
                "progress_deadline", .time(.seconds(1) ... .seconds(7 * 86400)),
                "for how long no host may get further, waiting for a person apart, before the rollout counts as failed"),
            .optional(
                "on_failure", .word(RolloutPolicy.FailureResponse.allCases.map(\.rawValue)), usual.onFailure.rawValue,
                "every changed host goes back; the batch in hand alone; or that only leaves rotation. But for the first a "
                    + "person goes on from there"),
            .optional(
                "approval", .word(RolloutPolicy.ApprovalPoint.allCases.map(\.rawValue)),
                "after what somebody has to approve it: `drover rollout approve`"),
            .optional(
                "capacity", .percentage,
                "how much of members' processors may be in use while others are out; nobody leaves while requests wait"),
        ])

    static let state = ServiceKeys(
        "state",
        [
            .required("url", .text, "`etcd://[USER@]HOST[:2379],…[/PREFIX]`"),
            .optional("tls", .flag, "true where a file below is named", "whether TLS is spoken"),
            .optional("ca", .text, "the system's", "who signed etcd's certificates"),
            .optional("certificate", .text, "ours, where etcd asks for one"),
            .optional("key", .text, "its private key"),
        ])

    private static let kept = Retention()

    static let retention = ServiceKeys(
        "retention",
        [
            // Hosts remember changes among so many runs; what they know and the journal forgot would come back as new.
            .optional("runs", .number(100...1_000_000), "\(kept.runs)", "runs of each stage that have ended"),
            .optional("builds", .number(1...100_000), "\(kept.builds)", "builds, the newest first"),
            .optional(
                "releases", .number(0...1000), "\(kept.releases)",
                "releases on each host, beside the current one and the last two good ones"),
        ])
}
