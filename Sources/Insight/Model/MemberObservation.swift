public import Fleet

/// What balancers counted for one member of a tier over a window, all balancers together. Rates are per second.
public struct MemberObservation: Sendable, Hashable, Codable {
    /// The member.
    public var host: HostName
    /// What balancers do with it; `nil` where they do not say.
    public var state: RunningMember.State?
    /// Requests that were answered or failed; connections where the pool is one of TCP.
    public var requests: Double?
    /// Answers by the first digit of their status, `[0]` for those that have none of 1 to 5. Empty where that is not counted.
    public var answers: [Double]
    /// Requests for which no connection could be made.
    public var connectionFailures: Double
    /// Answers that were broken off.
    public var brokenAnswers: Double
    /// Attempts that were repeated.
    public var retries: Double
    /// Requests whose clients did not wait for the end.
    public var abandoned: Double
    /// Its weight now; `nil` where it is not known.
    public var weight: Int?
    /// Requests or connections in progress, on average over the looks.
    public var sessions: Double?
    /// How many there may be.
    public var sessionLimit: Double?
    /// Requests that wait for it, on average over the looks.
    public var queued: Double?
    /// How many more wait at the end of the window than at its beginning.
    public var queueGrowth: Double?
    /// Mean times in milliseconds, as the balancer keeps them: of waiting in its queue, of connecting, until the answer's head
    /// comes, and in all.
    public var queueTime: Double?
    /// See ``queueTime``.
    public var connectTime: Double?
    /// See ``queueTime``.
    public var responseTime: Double?
    /// See ``queueTime``.
    public var totalTime: Double?

    /// A member of which nothing is known yet.
    public init(
        host: HostName, state: RunningMember.State? = nil, requests: Double? = nil, answers: [Double] = [],
        connectionFailures: Double = 0, brokenAnswers: Double = 0, weight: Int? = nil, sessions: Double? = nil,
        sessionLimit: Double? = nil, queued: Double? = nil, responseTime: Double? = nil
    ) {
        self.host = host
        self.state = state
        self.requests = requests
        self.answers = answers
        self.connectionFailures = connectionFailures
        self.brokenAnswers = brokenAnswers
        retries = 0
        abandoned = 0
        self.weight = weight
        self.sessions = sessions
        self.sessionLimit = sessionLimit
        self.queued = queued
        self.responseTime = responseTime
    }

    /// Requests a second that failed: answered with 5xx, broken off, or without a connection.
    public var failed: Double {
        let all = (answers.count > 5 ? answers[5] : 0) + connectionFailures + brokenAnswers
        return requests.map { min($0, all) } ?? all
    }
}

/// What one balancer said of itself over a window.
public struct BalancerObservation: Sendable, Hashable, Codable {
    /// The balancer.
    public var host: HostName
    /// Requests a second that clients sent it.
    public var requests: Double?
    /// Connections of clients now.
    public var connections: Double?
    /// How many there may be.
    public var connectionLimit: Double?
    /// Requests that wait for whichever member is free first.
    public var queued: Double?
    /// Share of time in which its process had nothing to do, in percent; HAProxy's `Idle_pct`.
    public var idle: Double?
    /// Why nothing is known of it.
    public var error: String?

    /// What `host` said.
    public init(
        host: HostName, requests: Double? = nil, connections: Double? = nil, connectionLimit: Double? = nil,
        queued: Double? = nil, idle: Double? = nil, error: String? = nil
    ) {
        self.host = host
        self.requests = requests
        self.connections = connections
        self.connectionLimit = connectionLimit
        self.queued = queued
        self.idle = idle
        self.error = error
    }
}
