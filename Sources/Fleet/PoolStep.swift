/// A change of who is in a pool, or of what a member does there.
public enum PoolStep: Hashable, Sendable {
    /// The member joins, or goes on at another address than balancers have.
    case admit(PoolMember)
    /// The member leaves rotation, gets another build, and comes back.
    case update(PoolMember)
    /// The host leaves for good.
    case remove(HostName)
    /// The machine goes on under another name.
    case rename(HostName, to: PoolMember)

    /// The host that it is about.
    public var host: HostName {
        switch self {
        case .admit(let member), .update(let member), .rename(_, let member): member.host
        case .remove(let host): host
        }
    }
}

/// What one balancer would be told for some steps, and how many members would serve meanwhile.
public struct PoolRehearsal: Hashable, Sendable {
    /// One step on the balancer.
    public struct Part: Hashable, Sendable {
        /// The step.
        public var step: PoolStep
        /// What the balancer is told, in its own words and in this order.
        public var commands: [String]
        /// The fewest members that serve meanwhile.
        public var least: Int
        /// How many serve afterwards.
        public var after: Int

        /// `step`, done by `commands`.
        public init(step: PoolStep, commands: [String], least: Int, after: Int) {
            (self.step, self.commands, self.least, self.after) = (step, commands, least, after)
        }
    }

    /// The balancer.
    public var balancer: HostName
    /// How many members serve before the first step.
    public var inService: Int
    /// The steps that concern it.
    public var parts: [Part]
    /// How its file changes by all of them; `nil` where it stays.
    public var file: PoolFileChange?

    /// What `balancer` is told.
    public init(balancer: HostName, inService: Int, parts: [Part], file: PoolFileChange? = nil) {
        (self.balancer, self.inService, self.parts, self.file) = (balancer, inService, parts, file)
    }
}
