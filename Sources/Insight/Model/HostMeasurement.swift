public import Fleet
public import Sampling

/// What one host of a tier said over a window.
public struct HostMeasurement: Sendable {
    /// The host.
    public var host: HostName
    /// Its samples over the window, oldest first; empty where it could not be asked.
    public var samples: [Sample]
    /// What the same host did when it had little to do, or at the same hour before; `nil` where nobody knows.
    public var usual: Sample?
    /// The threads that used most processor time over the window, busiest first.
    public var threads: [ThreadActivity]
    /// Sockets that listen.
    public var listeners: [ListenQueue]
    /// Why it could not be asked.
    public var error: String?
    /// Whether an agent keeps what it did before the window.
    public var hasHistory: Bool

    /// What `host` said.
    public init(
        host: HostName, samples: [Sample] = [], usual: Sample? = nil, threads: [ThreadActivity] = [],
        listeners: [ListenQueue] = [], error: String? = nil, hasHistory: Bool = false
    ) {
        self.host = host
        self.samples = samples
        self.usual = usual
        self.threads = threads
        self.listeners = listeners
        self.error = error
        self.hasHistory = hasHistory
    }
}

/// How busy one thread was. See ``ThreadProbe``.
public struct ThreadActivity: Sendable, Hashable, Codable {
    /// The program's name, as the kernel has it.
    public var name: String
    /// The process.
    public var process: Int
    /// The thread within it.
    public var thread: Int
    /// Processor time it used, as a share of one processor: 1 where it never waited.
    public var busy: Double

    /// A thread.
    public init(name: String, process: Int, thread: Int, busy: Double) {
        self.name = name
        self.process = process
        self.thread = thread
        self.busy = busy
    }
}

/// Connections that wait to be accepted on one port.
public struct ListenQueue: Sendable, Hashable, Codable {
    /// The TCP port.
    public var port: Int
    /// How many wait.
    public var waiting: Int
    /// How many may; `nil` where the host does not say.
    public var limit: Int?

    /// The queue of `port`.
    public init(port: Int, waiting: Int, limit: Int? = nil) {
        self.port = port
        self.waiting = waiting
        self.limit = limit
    }
}
