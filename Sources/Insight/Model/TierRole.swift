/// What part a tier plays between clients and data.
public enum TierRole: String, CaseIterable, Sendable, Codable, Hashable {
    /// Hands requests out to others.
    case balancer = "lb"
    /// Answers from a cache over HTTP, or passes on.
    case proxy
    /// Computes pages.
    case application = "ap"
    /// Holds jobs until a worker takes them.
    case queue
    /// Does jobs.
    case worker
    /// Holds what would be dear to find again, in memory.
    case cache
    /// Holds files.
    case storage
    /// Holds rows.
    case database = "db"
    /// None of these.
    case other

    /// How near it is to the data: tiers are asked for work by those with a smaller number.
    public var depth: Int {
        switch self {
        case .balancer: 0
        case .proxy: 1
        case .application, .other: 2
        case .queue: 3
        case .worker: 4
        case .cache: 5
        case .storage: 6
        case .database: 7
        }
    }

    /// The role that a group of this name most likely plays: `ap`, `webservers`, `rabbitmq`, `mariadb`.
    public init(group: String) {
        let name = group.lowercased()
        let words = Self.words.first { entry in
            entry.words.contains {
                name == $0 || $0.count > 2 && name.hasPrefix($0) || $0.count > 4 && name.contains($0)
            }
        }
        self = words?.role ?? .other
    }

    private static let words: [(role: TierRole, words: [String])] = [
        (.balancer, ["lb", "balancer", "haproxy", "loadbalancer", "vip", "edge"]),
        (.proxy, ["proxy", "varnish", "squid", "cdn"]),
        (.worker, ["worker", "consumer", "sidekiq", "celery", "jobs"]),
        (.queue, ["queue", "rabbit", "amqp", "mq", "broker"]),
        (.cache, ["cache", "memcache", "redis"]),
        (.database, ["db", "database", "mariadb", "mysql", "postgres", "sql", "replica", "primary"]),
        (.storage, ["storage", "gluster", "files", "nfs", "ceph"]),
        (.application, ["ap", "app", "web", "api", "backend", "frontend", "nginx", "www"]),
    ]
}

/// How a tier's hosts share what it has to do, which decides whether one more would help.
public enum LoadSpread: String, Sendable, Codable, Hashable {
    /// Any host serves any request, each from the same data.
    case anyHost = "any-host"
    /// Each host keeps a part of the data: a ring, or shards.
    case parts
    /// One host takes all writes, the others copies of them.
    case primary
}

extension TierRole {
    /// How tiers of this role share their load unless somebody says otherwise.
    public var usualSpread: LoadSpread {
        switch self {
        case .cache: .parts
        case .database, .queue: .primary
        default: .anyHost
        }
    }
}
