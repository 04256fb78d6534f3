/// Where nginx's parts are on a balancer. The defaults are Debian's.
public struct NginxInstallation: Hashable, Sendable {
    /// The program, for checking a candidate configuration.
    public var program: String
    /// The folder of its configuration, which is copied to try a candidate.
    public var folder: String
    /// The service.
    public var unit: String

    /// An installation, Debian's unless said otherwise.
    public init(program: String = "/usr/sbin/nginx", folder: String = "/etc/nginx", unit: String = "nginx") {
        (self.program, self.folder, self.unit) = (program, folder, unit)
    }
}

/// How often nginx is asked, and how long it may take.
public struct NginxTimings: Hashable, Sendable {
    /// Between two questions while something is waited for.
    public var poll: Duration
    /// How long one answer may take.
    public var answer: Duration
    /// How long a reload may take until no worker with the settings before it takes requests.
    public var reload: Duration

    /// Times fit for a network.
    public init(
        poll: Duration = .milliseconds(200), answer: Duration = .seconds(10), reload: Duration = .seconds(15)
    ) {
        (self.poll, self.answer, self.reload) = (poll, answer, reload)
    }
}
