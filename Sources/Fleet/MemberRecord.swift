/// A member of a stage's pool and how it is reached: remembered, so that the host can still be talked to when the inventory
/// names it no longer. Holds no password.
public struct MemberRecord: Hashable, Sendable, Codable {
    /// The stage whose pool it is in.
    public let stage: String
    /// The host.
    public let host: HostName
    /// Its address in the pool.
    public let address: String
    /// How it is reached.
    public let way: RouteRecord

    /// `host` as a member at `address`, reached by `way`.
    public init(stage: String, host: HostName, address: String, way: RouteRecord) {
        self.stage = stage
        self.host = host
        self.address = address
        self.way = way
    }
}
