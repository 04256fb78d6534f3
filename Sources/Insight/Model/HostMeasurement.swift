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
    /// What it asks of others over connections that it made.
    public var calls: [CallObservation]
    /// Its own addresses, by which others' calls are known to be for it.
    public var addresses: [String]
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
        calls = []
        addresses = []
        self.error = error
        self.hasHistory = hasHistory
    }
}

extension HostMeasurement {
    /// Takes over what a look at its threads and connections showed.
    public mutating func take(_ look: HostLook) {
        threads = look.threads
        listeners = look.listeners
        calls = look.calls
        addresses = look.addresses
    }
}

/// How busy one thread was. See ``HostLook``.
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
    /// How many wait, at most of all looks.
    public var waiting: Int
    /// How many may; `nil` where the host does not say.
    public var limit: Int?
    /// How many that were accepted asked something and have no answer yet, on average over the looks; `nil` where that was not
    /// looked at.
    public var working: Double?

    /// The queue of `port`.
    public init(port: Int, waiting: Int, limit: Int? = nil, working: Double? = nil) {
        self.port = port
        self.waiting = waiting
        self.limit = limit
        self.working = working
    }
}

/// What a host asks of one address and port.
public struct CallObservation: Sendable, Hashable, Codable {
    /// The other's address.
    public var address: String
    /// Its TCP port.
    public var port: Int
    /// Connections, on average over the looks.
    public var connections: Double
    /// How many of them sent something and have no answer yet, on average. By Little's law, requests a second times the time
    /// an answer takes.
    public var waiting: Double
    /// For how long those had waited when they were looked at, on average, in milliseconds.
    public var waited: Double?
    /// What a packet takes there and back, in milliseconds.
    public var roundTrip: Double?

    /// Calls to `address`.
    public init(
        address: String, port: Int, connections: Double, waiting: Double, waited: Double? = nil,
        roundTrip: Double? = nil
    ) {
        self.address = address
        self.port = port
        self.connections = connections
        self.waiting = waiting
        self.waited = waited
        self.roundTrip = roundTrip
    }

    /// Whether who sends there waits for an answer: publishers of jobs do not.
    public var isAnswered: Bool { ![5671, 5672, 4369, 25672, 514, 6514, 8125].contains(port) }
}
