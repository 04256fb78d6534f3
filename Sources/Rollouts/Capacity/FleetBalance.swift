public import Fleet

/// The arithmetic of a pool that hosts leave or join: who serves, who would, and who must.
public struct FleetBalance: Hashable, Sendable {
    /// Machines in service now.
    public var inService: Int
    /// Those of them that leave for good.
    public var leaving: [HostName]
    /// Members that don't serve now and may be expected to.
    public var joining: Int
    /// How many must stay in service.
    public var floor: Int
    /// How busy those in service are.
    public var load: PoolLoad
    /// How many percent of their processors may be in use; `nil` where nobody measures.
    public var capacity: Int?

    /// How many serve once all of it is done.
    public var after: Int { max(0, inService - leaving.count + joining) }

    /// How busy those would be that serve then; `nil` where nobody knows.
    public var cpuAfter: Double? { load.cpu(leaving: leaving.count, joining: joining) }
}
