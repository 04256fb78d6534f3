/// A balancer that changes of a stage were made without, and that has to be made right before any other is.
public struct LeftOutBalancer: Hashable, Sendable, Codable {
    /// The stage.
    public let stage: String
    /// The balancer.
    public let balancer: HostName
    /// Why it is left out, in an operator's words or what it failed with.
    public let reason: String
    /// Who left it out, such as `user@machine:pid`.
    public let by: String
    /// Since when.
    public let since: Timestamp

    /// `balancer` takes no part in changes of `stage`.
    public init(stage: String, balancer: HostName, reason: String, by: String, since: Timestamp) {
        self.stage = stage
        self.balancer = balancer
        self.reason = reason
        self.by = by
        self.since = since
    }
}
