/// Where HAProxy's parts are on a balancer. The defaults are Debian's, with the pools' folder added in
/// `/etc/default/haproxy`: `EXTRAOPTS="… -f /etc/haproxy/pools"`.
public struct HAProxyInstallation: Hashable, Sendable {
    /// The program, for checking a candidate configuration.
    public var program: String
    /// The configuration that the service reads before the pools' folder.
    public var mainFile: String
    /// What makes the service read its files again, as words.
    public var reloadCommand: [String]
    /// What HAProxy understands; `nil` asks it.
    var dialect: HAProxyDialect?

    /// An installation, Debian's unless said otherwise.
    public init(
        program: String = "/usr/sbin/haproxy", mainFile: String = "/etc/haproxy/haproxy.cfg",
        reloadCommand: [String] = ["systemctl", "reload", "haproxy"]
    ) {
        self.program = program
        self.mainFile = mainFile
        self.reloadCommand = reloadCommand
    }
}

/// How often balancers are asked, and how long they may take.
public struct HAProxyTimings: Hashable, Sendable {
    /// Between two questions while something is waited for.
    public var poll: Duration
    /// How long one answer may take.
    public var answer: Duration
    /// How long a reload may take until the new settings run.
    public var reload: Duration
    /// How much longer than their checks may take members have to be up again after a reload.
    public var settling: Duration
    /// How long the connections of a server in maintenance may take to end.
    public var removal: Duration

    /// Times fit for a network.
    public init(
        poll: Duration = .milliseconds(200), answer: Duration = .seconds(10), reload: Duration = .seconds(15),
        settling: Duration = .seconds(3), removal: Duration = .seconds(30)
    ) {
        self.poll = poll
        self.answer = answer
        self.reload = reload
        self.settling = settling
        self.removal = removal
    }
}
