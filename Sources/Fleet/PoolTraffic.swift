/// How balancers share requests out among a pool's members.
public struct PoolTraffic: Hashable, Sendable {
    /// What is balanced.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Requests of HTTP.
        case http
        /// Connections of TCP.
        case tcp
    }

    /// By what a member is chosen. Each lets members come, go and change their weight while it is at work.
    public enum Balance: String, Hashable, Sendable, CaseIterable {
        /// The fewest connections.
        case leastconn
        /// One after the other.
        case roundrobin
        /// The better of two that were drawn.
        case random
        /// The client's address.
        case source
        /// What is asked for.
        case uri
    }

    /// An agent on each member that says how much of its share the member can take.
    public struct Agent: Hashable, Sendable {
        /// Where it listens, at the member's address.
        public var port: Int
        /// Time between two questions.
        public var interval: Duration

        /// An agent at `port`; by default where `drover-agent` listens.
        public init(port: Int = 9102, interval: Duration = .seconds(1)) {
            (self.port, self.interval) = (port, interval)
        }
    }

    /// What is balanced.
    public var mode: Mode
    /// By what a member is chosen.
    public var balance: Balance
    /// The cookie that keeps a client at its member; `nil` for none.
    public var cookie: String?
    /// How long a member that comes up gets less than its share; `nil` for none.
    public var slowStart: Duration?
    /// A member's usual weight.
    public var weight: Int
    /// Who is asked how much of its share a member can take; `nil` for nobody.
    public var agent: Agent?

    /// What a pool has unless it says otherwise.
    public init(
        mode: Mode = .http, balance: Balance = .leastconn, cookie: String? = nil, slowStart: Duration? = nil,
        weight: Int = 100, agent: Agent? = nil
    ) {
        self.mode = mode
        self.balance = balance
        self.cookie = cookie
        self.slowStart = slowStart
        self.weight = weight
        self.agent = agent
    }
}
