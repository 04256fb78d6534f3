/// A gate that asks for a page.
public struct PageGate: Hashable, Sendable {
    /// Who is asked.
    public enum Destination: String, Hashable, Sendable, CaseIterable {
        /// Every balancer.
        case balancers
        /// Each host of the batch, over the connection to it.
        case batch
    }

    /// The URL's path.
    public var path: String
    /// The statuses that pass.
    public var expect: ClosedRange<Int>
    /// The port; `nil` for the usual one.
    public var port: Int?
    /// Who is asked.
    public var destination: Destination
    /// Time for everything.
    public var timeout: Duration
    /// `GET` or `HEAD`.
    public var method: String
    /// The name that is asked for; `nil` for the address.
    public var hostName: String?
    /// Header fields that are sent besides.
    public var headers: [String: String]
    /// What the body has to have; `nil` asks for nothing.
    public var body: TextMatch?
    /// What header fields of the answer have to have, by name.
    public var header: [String: TextMatch]
    /// Whether redirects are followed.
    public var follows: Bool

    /// A gate that asks for `path` and expects a status.
    public init(
        path: String, expect: ClosedRange<Int> = 200...200, port: Int? = nil, destination: Destination = .balancers,
        timeout: Duration = .seconds(5), method: String = "GET", hostName: String? = nil,
        headers: [String: String] = [:], body: TextMatch? = nil, header: [String: TextMatch] = [:],
        follows: Bool = false
    ) {
        self.path = path
        self.expect = expect
        self.port = port
        self.destination = destination
        self.timeout = timeout
        self.method = method
        self.hostName = hostName
        self.headers = headers
        self.body = body
        self.header = header
        self.follows = follows
    }

    /// For people.
    var name: String {
        let place = destination == .batch ? " on each host" : ""
        let ends = [expect.lowerBound, expect.upperBound].map(String.init)
        return "\(method) \(path)\(place) is \(ends[0] == ends[1] ? ends[0] : ends.joined(separator: "-"))"
    }
}

/// What own requests to each host have to come to.
public struct RequestGate: Hashable, Sendable {
    /// The URL's path.
    public var path: String
    /// How many requests each host gets.
    public var requests: Int
    /// The greatest time for each share of requests, such as 0.99.
    public var percentiles: [Double: Duration]
    /// How the batch is compared with the rest.
    public var limits: LatencyLimits

    /// Requests for `path`.
    public init(
        path: String, requests: Int = 50, percentiles: [Double: Duration] = [:],
        limits: LatencyLimits = LatencyLimits()
    ) {
        self.path = path
        self.requests = requests
        self.percentiles = percentiles
        self.limits = limits
    }
}

/// How a batch is held to what the stage's pages are to be like.
public struct ObjectiveGate: Hashable, Sendable {
    /// How many requests each host gets for each page.
    public var requests: Int
    /// Requests that balancers must have sent the batch for it to pass.
    public var minimum: Int
    /// What it comes to without them.
    public var onNoData: NoDataPolicy
    /// For how long after the bake it looks on: for more requests, and at what is suspicious.
    public var wait: Duration

    /// A gate; the defaults are those of drover.yml.
    public init(
        requests: Int = 100, minimum: Int = 50, onNoData: NoDataPolicy = .fail, wait: Duration = .seconds(15)
    ) {
        self.requests = requests
        self.minimum = minimum
        self.onNoData = onNoData
        self.wait = wait
    }
}

/// How much of its hosts a batch may use.
public struct ResourceGate: Hashable, Sendable {
    /// Busy processors, as a share, over the time between two looks.
    public var processor: Double?
    /// Memory that is not available, as a share.
    public var memory: Double?
    /// The file system of the service's root, as a share.
    public var disk: Double?
    /// Runnable and waiting processes for each processor, over a minute.
    public var load: Double?

    /// Limits; `nil` leaves each open.
    public init(processor: Double? = nil, memory: Double? = nil, disk: Double? = nil, load: Double? = nil) {
        self.processor = processor
        self.memory = memory
        self.disk = disk
        self.load = load
    }
}

/// Units beside the service's own that have to run on a batch's hosts.
public struct UnitGate: Hashable, Sendable {
    /// Their names; empty for the service's own.
    public var names: [String]
    /// How often each may be started anew while it is watched.
    public var restarts: Int

    /// Units of these names.
    public init(names: [String] = [], restarts: Int = 0) {
        self.names = names
        self.restarts = restarts
    }
}

/// What the units' journal may not say.
public struct LogGate: Hashable, Sendable {
    /// An extended regular expression of POSIX.
    public var pattern: String
    /// How many lines of a host may match, since its units were started.
    public var most: Int
    /// Units; empty for the service's own.
    public var units: [String]

    /// A gate on lines that match `pattern`.
    public init(pattern: String, most: Int = 0, units: [String] = []) {
        self.pattern = pattern
        self.most = most
        self.units = units
    }
}
