/// What a member's agent said last to one balancer.
public struct AgentReply: Hashable, Sendable {
    /// In the balancer's word, such as `L7OK`, or `L4CON` where nothing listens.
    public var word: String

    /// `word`, as the balancer says it.
    public init(word: String) { self.word = word }

    /// Whether there is an agent that answers; without one the member keeps the share that it has.
    public var isHeard: Bool { word.hasPrefix("L7OK") || ["L7STS", "CHECKED"].contains(word) }
}

/// A server as one balancer runs it.
public struct RunningMember: Hashable, Sendable {
    /// What the balancer does with it.
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// Gets traffic.
        case up
        /// Fails its checks, or has not passed enough of them yet.
        case down
        /// Finishes what it has, gets nothing new.
        case draining
        /// Taken out by hand.
        case maintenance
    }

    /// The server's name, which is the host's.
    public var host: HostName
    /// Address and port it is reached at.
    public var address: String
    /// TCP port.
    public var port: Int
    /// What the balancer does with it.
    public var state: State
    /// Requests or connections in progress.
    public var sessions: Int
    /// Requests waiting for it.
    public var queued: Int
    /// The last check in the balancer's own words, such as `L7OK`.
    public var check: String
    /// What share it gets, beside the others' weights; `nil` when the balancer does not say.
    public var weight: Int?
    /// What its agent said last, which decides its weight; `nil` where the balancer asks none.
    public var agent: AgentReply?
    /// How many hundredths of its share it gets as yet; `nil` once that is all of it.
    public var throttle: Int?
    /// What the balancer has counted for it; `nil` where it counts nothing.
    public var counters: TrafficCounters?

    /// A server in `state`.
    public init(
        host: HostName, address: String, port: Int, state: State, sessions: Int = 0, queued: Int = 0,
        check: String = "", counters: TrafficCounters? = nil
    ) {
        self.host = host
        self.address = address
        self.port = port
        self.state = state
        self.sessions = sessions
        self.queued = queued
        self.check = check
        self.counters = counters
    }
}

/// How a balancer's file would change.
public struct PoolFileChange: Hashable, Sendable {
    /// The file on the balancer.
    public var path: String
    /// Its text now; empty when there is none.
    public var before: String
    /// Its text afterwards.
    public var after: String

    /// A change of `path`.
    public init(path: String, before: String, after: String) {
        self.path = path
        self.before = before
        self.after = after
    }
}

/// One balancer's pool: what it runs and what its file says.
public struct BalancerView: Hashable, Sendable {
    /// The balancer.
    public var balancer: HostName
    /// Members it runs.
    public var running: [RunningMember]
    /// Members its configuration file names.
    public var configured: [PoolMember]
    /// Those of them that the file keeps out of rotation.
    public var disabled: Set<HostName> = []
    /// Those that somebody took out by hand: as the file notes it, or because they are out and the file does not say so.
    public var keptOut: [HostName: KeptOut] = [:]
    /// The weights that its file has of members.
    public var weights: [HostName: Int] = [:]
    /// Whether the backend that runs and the one in the file both have the pool's settings.
    public var isEstablished: Bool
    /// How the file has members checked; `nil` when it does not say it as Drover does.
    public var check: Pool.Check?
    /// How the file has requests shared out; `nil` when it does not say it as Drover does.
    public var traffic: PoolTraffic?
    /// How the file would change if the pool's settings were brought to it; `nil` when they are there.
    public var fileChange: PoolFileChange?
    /// Requests that wait for whichever member is free first, beside those that wait for one of them.
    public var queued = 0
    /// Why nothing is known of it, when it did not answer.
    public var fault: String?
    /// Whether it is left out of every change; `fault` says why.
    public var isLeftOut = false
    /// The tier whose pool this is; `nil` where the service has but one.
    public var tier: String?
    /// The members that the tier's pool is to have; `nil` where the service has but one.
    public var wanted: [PoolMember]?
    /// Whether it is what hosts say of themselves: no balancer sends the tier's hosts anything.
    public var isOfHosts = false

    /// What `balancer` answered.
    public init(
        balancer: HostName, running: [RunningMember] = [], configured: [PoolMember] = [], isEstablished: Bool = true,
        fault: String? = nil
    ) {
        self.balancer = balancer
        self.running = running
        self.configured = configured
        self.isEstablished = isEstablished
        self.fault = fault
    }

    /// Why it may not be gone on without: it did not answer, and nobody left it out.
    public var silence: String? { isLeftOut ? nil : fault }
}

extension BalancerView {
    /// Whether it says anything of `host`: the host is, or was, a member of its pool.
    public func concerns(_ host: HostName) -> Bool {
        guard let wanted else { return true }
        return wanted.contains { $0.host == host } || running.contains { $0.host == host }
    }
}

extension [BalancerView] {
    /// Those of one tier; all of them where no tiers are told apart.
    public func of(tier: String?) -> Self { tier.map { tier in filter { $0.tier == tier } } ?? self }
}
