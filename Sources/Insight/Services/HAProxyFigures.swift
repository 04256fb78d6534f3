/// What an HAProxy did over a window: `show info` and `show stat`, asked twice. Rates are per second.
public struct HAProxyFigures: Sendable, Hashable, Codable {
    /// What it did by itself.
    public var process: HAProxyProcess
    /// What clients sent it, by frontend.
    public var frontends: [HAProxyProxy]
    /// What it handed on, by backend.
    public var backends: [HAProxyProxy]

    /// What was measured.
    public init(
        process: HAProxyProcess = HAProxyProcess(), frontends: [HAProxyProxy] = [], backends: [HAProxyProxy] = []
    ) {
        self.process = process
        self.frontends = frontends
        self.backends = backends
    }
}

/// HAProxy's process.
public struct HAProxyProcess: Sendable, Hashable, Codable {
    /// Share of time in which it had nothing to do, in percent.
    public var idle: Double?
    /// Clients' connections now.
    public var connections: Double?
    /// How many there may be.
    public var connectionLimit: Double?
    /// Its threads.
    public var threads: Double?
    /// Requests; `nil` after one look.
    public var requests: Double?

    /// Nothing known yet.
    public init() {}
}

/// One frontend or backend of an HAProxy.
public struct HAProxyProxy: Sendable, Hashable, Codable {
    /// Its name.
    public var name: String
    /// Requests, or connections where it does not speak HTTP; `nil` after one look.
    public var requests: Double?
    /// Answers by the first digit of their status.
    public var answers: [Double]
    /// Requests or connections now.
    public var sessions: Double
    /// How many there may be.
    public var sessionLimit: Double?
    /// Requests that wait for whichever server is free first.
    public var queued: Double
    /// Requests that it denied or could not read.
    public var refused: Double
    /// A backend's servers.
    public var members: [MemberObservation]

    /// A frontend or backend.
    public init(name: String) {
        self.name = name
        answers = []
        sessions = 0
        queued = 0
        refused = 0
        members = []
    }
}
