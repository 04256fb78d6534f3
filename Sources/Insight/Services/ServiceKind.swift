/// A kind of service that can be asked how it does.
public enum ServiceKind: String, CaseIterable, Sendable, Codable, Hashable {
    case haproxy
    case nginx
    case varnish
    case memcached
    case rabbitmq
    case mariadb

    /// Asks the service on its own host; a script for a POSIX shell that needs perl-base, which every Debian has. Prints
    /// nothing where the service does not run, and why where it does not answer.
    var script: String {
        switch self {
        case .haproxy: HAProxyReading.script
        case .nginx: NginxReading.script
        case .varnish: VarnishReading.script
        case .memcached: MemcachedReading.script
        case .rabbitmq: RabbitReading.script
        case .mariadb: MariaReading.script
        }
    }

    /// The programs of which one is there where it is installed.
    var commands: [String] {
        switch self {
        case .haproxy, .nginx, .varnish, .memcached: [programs[0]]
        case .rabbitmq: ["rabbitmq-server"]
        case .mariadb: ["mariadbd", "mysqld"]
        }
    }

    /// What its program is called in `/proc/PID/comm`.
    var programs: [String] {
        switch self {
        case .haproxy: ["haproxy"]
        case .nginx: ["nginx"]
        case .varnish: ["varnishd", "cache-main"]
        case .memcached: ["memcached"]
        // Erlang's; RabbitMQ's own name is in its command line.
        case .rabbitmq: ["beam.smp", "beam"]
        case .mariadb: ["mariadbd", "mysqld"]
        }
    }
}

extension TierRole {
    /// Services that run on hosts of the role, where they are installed.
    public var usualServices: [ServiceKind] {
        switch self {
        case .balancer: [.haproxy]
        case .proxy: [.varnish]
        case .queue: [.rabbitmq]
        case .cache: [.memcached]
        case .database: [.mariadb]
        case .application, .worker, .storage, .other: []
        }
    }
}

/// What one service answered at one time.
public enum ServiceReading: Sendable, Hashable {
    case haproxy(HAProxyReading)
    case nginx(NginxReading)
    case varnish(VarnishReading)
    case memcached(MemcachedReading)
    case rabbitmq(RabbitReading)
    case mariadb(MariaReading)

    /// Reads an answer; `nil` where it is none of the service.
    public init?(_ kind: ServiceKind, answer: String) {
        let reading: Self? =
            switch kind {
            case .haproxy: HAProxyReading(answer).map(Self.haproxy)
            case .nginx: NginxReading(answer).map(Self.nginx)
            case .varnish: VarnishReading(answer).map(Self.varnish)
            case .memcached: MemcachedReading(answer).map(Self.memcached)
            case .rabbitmq: RabbitReading(answer).map(Self.rabbitmq)
            case .mariadb: MariaReading(answer).map(Self.mariadb)
            }
        guard let reading else { return nil }
        self = reading
    }

    /// What the service did since `earlier`, which was so many seconds before; `nil` for no time, or another kind.
    public func figures(since earlier: Self, seconds: Double) -> ServiceFigures? {
        guard seconds > 0, seconds.isFinite else { return nil }
        return switch (self, earlier) {
        case (.haproxy(let now), .haproxy(let then)): .haproxy(now.figures(since: then, seconds: seconds))
        case (.nginx(let now), .nginx(let then)): .nginx(now.figures(since: then, seconds: seconds))
        case (.varnish(let now), .varnish(let then)): .varnish(now.figures(since: then, seconds: seconds))
        case (.memcached(let now), .memcached(let then)): .memcached(now.figures(since: then, seconds: seconds))
        case (.rabbitmq(let now), .rabbitmq(let then)): .rabbit(now.figures(since: then, seconds: seconds))
        case (.mariadb(let now), .mariadb(let then)): .maria(now.figures(since: then, seconds: seconds))
        default: nil
        }
    }
}
