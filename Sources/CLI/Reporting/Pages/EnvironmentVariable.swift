/// A variable of the environment that Drover reads, or that it gives to programs that it runs.
struct EnvironmentVariable: Sendable {
    /// Who sets it.
    enum Source: Sendable {
        /// Whoever runs Drover.
        case user
        /// A CI system, sudo, or the system.
        case surroundings
        /// Drover, for a gate's command.
        case drover
    }

    let name: String
    let source: Source
    /// What it says.
    let meaning: String

    private init(_ name: String, _ source: Source, _ meaning: String) {
        (self.name, self.source, self.meaning) = (name, source, meaning)
    }

    private init(_ name: String, _ meaning: String) { self.init(name, .user, meaning) }

    static let all: [EnvironmentVariable] = [
        .init("DROVER_INVENTORY", "the inventory, where no `-i` and no `--stage` names one"),
        .init(
            "DROVER_STATE",
            "where journal, builds and labs are: a folder, or `etcd://…` for the journal; above `state:` of drover.yml"),
        .init("DROVER_BUILDS", "where machines share builds; above `builds:` of drover.yml"),
        .init("DROVER_ETCD_CA", "who signed etcd's certificates; above `ca:`"),
        .init("DROVER_ETCD_CERT", "our certificate for etcd; above `certificate:`"),
        .init("DROVER_ETCD_KEY", "its key; above `key:`"),
        .init("DROVER_ETCD_USER", "a user of etcd's own; above the one in the URL"),
        .init("DROVER_ETCD_PASSWORD", "that user's password, which is masked; above the one in the URL"),
        .init("DROVER_LOG_FILE", "as `--log-file`, which is above it"),
        .init(
            "DROVER_CONNECTIONS",
            "for how many seconds connections are kept after a command, 60 unless `CI=true`; `off` keeps none"),
        .init("DROVER_SSH_CONFIG", "`none` leaves `~/.ssh/config` and the system's out; else a file in place of them"),
        .init(
            "ANSIBLE_VAULT_PASSWORD_FILE",
            "the vault's password, or a program that prints it; below the flags, above drover.yml"),
        .init("ANSIBLE_VAULT_IDENTITY_LIST", "vault ids, as `--vault-id` takes them, with commas between"),
        .init("ANSIBLE_CONNECTION_PASSWORD_FILE", "as `--connection-password-file`"),
        .init("ANSIBLE_BECOME_PASSWORD_FILE", "as `--become-password-file`"),
        .init("NO_COLOR", "no colours, whatever it says; `--color` is above it"),
        .init("TERM", "`dumb`: no colours and no cursor movement"),
        .init("SOURCE_DATE_EPOCH", "the time of all files in a build that is made, in seconds since 1970; above git's"),
        .init("SWIFT_BACKTRACE", "`enable=yes`: a fault of Drover's own says where it happened"),
        .init("SSH_AUTH_SOCK", .surroundings, "the ssh-agent whose keys are used"),
        .init("KRB5CCNAME", .surroundings, "where the Kerberos tickets are that ssh shows"),
        .init("KRB5_CONFIG", .surroundings, "the settings for Kerberos"),
        .init("KRB5_CLIENT_KTNAME", .surroundings, "the keytab that gets a Kerberos ticket where there is none"),
        .init("PATH", .surroundings, "where ssh, git, gzip, a gate's program and the like are looked for"),
        .init(
            "XDG_RUNTIME_DIR", .surroundings,
            "where the sockets of kept connections lie, and of those by the installed ssh"
        ),
        .init("CI", .surroundings, "`true`: as `--ci`, unless `--no-ci`"),
        .init("GITHUB_ACTOR", .surroundings, "who began it, with `GITHUB_RUN_ID`, in leases and history"),
        .init("GITHUB_RUN_ID", .surroundings, "the job that began it"),
        .init("GITLAB_USER_LOGIN", .surroundings, "who began it, with `CI_JOB_ID`"),
        .init("CI_JOB_ID", .surroundings, "the job that began it"),
        .init("BUILD_USER_ID", .surroundings, "who began it, with `BUILD_TAG` (Jenkins)"),
        .init("BUILD_TAG", .surroundings, "the job that began it"),
        .init("SUDO_USER", .surroundings, "who began it, as root under sudo"),
        .init("SUDO_UID", .surroundings, "whose drover.yml in a folder above is trusted, as root under sudo"),
        .init("DROVER_STAGE", .drover, "the stage that the gate judges"),
        .init("DROVER_BUILD", .drover, "the digest of its build"),
        .init("DROVER_HOSTS", .drover, "the batch's addresses, with blanks between"),
        .init("DROVER_BALANCERS", .drover, "the balancers' addresses, with blanks between"),
        .init("DROVER_HOOK", .drover, "which hook it is: `before`, `once`, `after` or `undo`"),
        .init("DROVER_RELEASE", .drover, "the release's name on hosts"),
        .init("DROVER_PREVIOUS", .drover, "the release that would be gone back to; absent before a stage's first"),
        .init("DROVER_HOST", .drover, "the host that a hook runs on; absent on this machine"),
    ]
}
