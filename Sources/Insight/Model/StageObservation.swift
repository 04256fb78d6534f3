public import Fleet

/// A span of time, in seconds since 1970.
public struct ObservationWindow: Sendable, Hashable, Codable {
    /// Its beginning.
    public var from: Int64
    /// Its end.
    public var to: Int64

    /// From `from` to `to`.
    public init(from: Int64, to: Int64) {
        self.from = from
        self.to = max(from, to)
    }

    /// How long it is.
    public var seconds: Double { Double(to) - Double(from) }
}

/// Everything that was seen of a tier over a window.
public struct TierObservation: Sendable {
    /// The tier: the inventory's group.
    public var name: String
    /// What part it plays.
    public var role: TierRole
    /// How its hosts share their load.
    public var spread: LoadSpread
    /// Its hosts.
    public var hosts: [HostMeasurement]
    /// Its members, as the balancers before it counted them; empty where none is before it.
    public var members: [MemberObservation]
    /// The balancers before it.
    public var balancers: [BalancerObservation]
    /// What the services on its hosts said, in their own words.
    public var services: [ServiceObservation]
    /// The tiers it calls; `nil` for all that are nearer to the data.
    public var calls: [String]?
    /// What answers of the tier are to be like.
    public var objectives: [ServiceObjective]
    /// Requests a second and hosts in service at earlier loads, for those who ask how it scales.
    public var levels: [LoadLevel]

    /// A tier of which nothing was seen yet.
    public init(
        name: String, role: TierRole? = nil, spread: LoadSpread? = nil, hosts: [HostMeasurement] = [],
        members: [MemberObservation] = [], balancers: [BalancerObservation] = [],
        services: [ServiceObservation] = [], calls: [String]? = nil, objectives: [ServiceObjective] = []
    ) {
        let role = role ?? TierRole(group: name)
        self.name = name
        self.role = role
        self.spread = spread ?? role.usualSpread
        self.hosts = hosts
        self.members = members
        self.balancers = balancers
        self.services = services
        self.calls = calls
        self.objectives = objectives
        levels = []
    }
}

/// What a tier did with so many hosts when it had all it could do.
public struct LoadLevel: Sendable, Hashable, Codable {
    /// Hosts in service.
    public var hosts: Double
    /// Requests a second that were answered.
    public var throughput: Double

    /// So much with so many.
    public init(hosts: Double, throughput: Double) {
        self.hosts = hosts
        self.throughput = throughput
    }
}

/// Everything that was seen of a stage over a window.
public struct StageObservation: Sendable {
    /// The stage.
    public var stage: String
    /// When it was seen.
    public var window: ObservationWindow
    /// Its tiers, from the clients to the data.
    public var tiers: [TierObservation]
    /// What was measured of its pages; empty where nothing was.
    public var pages: [PageTally]
    /// What makes the figures doubtful: that hosts are one machine's which others use too, that times differ.
    public var note: String?

    /// What was seen of `stage`.
    public init(
        stage: String, window: ObservationWindow, tiers: [TierObservation], pages: [PageTally] = [],
        note: String? = nil
    ) {
        self.stage = stage
        self.window = window
        self.tiers = tiers
        self.pages = pages
        self.note = note
    }
}

/// What a service on a host said of itself over a window.
public struct ServiceObservation: Sendable, Hashable {
    /// The host.
    public var host: HostName
    /// What it said; `nil` where it could not be asked.
    public var figures: ServiceFigures?
    /// Why it could not be asked.
    public var error: String?
    /// Whether it does not run, though it is there to.
    public var isStopped: Bool

    /// What the service on `host` said.
    public init(host: HostName, figures: ServiceFigures? = nil, error: String? = nil, isStopped: Bool = false) {
        self.host = host
        self.figures = figures
        self.error = error
        self.isStopped = isStopped
    }
}

/// What a service said, by its kind.
public enum ServiceFigures: Sendable, Hashable {
    case haproxy(HAProxyFigures)
    case nginx(NginxFigures)
    case varnish(VarnishFigures)
    case memcached(MemcachedFigures)
    case rabbit(RabbitFigures)
    case maria(MariaFigures)
}
