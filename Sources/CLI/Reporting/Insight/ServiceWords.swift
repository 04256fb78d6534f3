import Insight

extension ServiceFigures {
    /// What a service does now, for people, on one line.
    var words: String {
        switch self {
        case .haproxy(let figures): Self.words(figures)
        case .nginx(let figures):
            "nginx: \(FigureText.number(figures.requests)) requests/s, \(FigureText.number(figures.active)) connections"
        case .varnish(let figures):
            "varnish: \(FigureText.number(figures.requests)) requests/s" + Self.hits(figures.hitShare)
                + (figures.nuked > 0 ? ", \(FigureText.number(figures.nuked)) evicted/s" : "")
        case .memcached(let figures): Self.words(figures)
        case .rabbit(let figures): Self.words(figures)
        case .maria(let figures): Self.words(figures)
        }
    }

    private static func hits(_ share: Double?) -> String {
        share.map { ", \(FigureText.number($0 * 100)) % hits" } ?? ""
    }

    private static func words(_ figures: HAProxyFigures) -> String {
        let process = figures.process
        let queued = figures.backends.reduce(0) { $0 + $1.queued + $1.members.reduce(0) { $0 + ($1.queued ?? 0) } }
        var parts: [String] = []
        if let requests = process.requests { parts.append("\(FigureText.number(requests)) requests/s") }
        if let now = process.connections, let limit = process.connectionLimit {
            parts.append("\(FigureText.number(now)) of \(FigureText.number(limit)) connections")
        }
        if queued > 0 { parts.append("\(FigureText.number(queued)) queued") }
        if let idle = process.idle { parts.append("idle \(FigureText.number(idle)) %") }
        return "haproxy: " + (parts.isEmpty ? "up" : parts.joined(separator: ", "))
    }

    private static func words(_ figures: MemcachedFigures) -> String {
        let room = "\(FigureText.of(figures.bytes, "bytes")) of \(FigureText.of(figures.limitBytes, "bytes"))"
        return "memcached: \(FigureText.number(figures.gets)) gets/s" + hits(figures.hitShare) + ", \(room)"
            + (figures.evictions > 0 ? ", \(FigureText.number(figures.evictions)) evicted/s" : "")
    }

    private static func words(_ figures: RabbitFigures) -> String {
        let queues = figures.queues.sorted { $0.ready > $1.ready }.prefix(2).map { queue in
            let growth = queue.growth.map { $0 == 0 ? "" : ", \($0 > 0 ? "+" : "")\(FigureText.number($0))/s" } ?? ""
            return "\(queue.name) \(FigureText.number(queue.ready)) ready\(growth), "
                + "\(FigureText.number(queue.consumers)) consumers"
        }
        let alarms = figures.alarms.isEmpty ? "" : " ALARM \(figures.alarms.joined(separator: ", "))"
        return "rabbitmq: " + (queues.isEmpty ? "no queues" : queues.joined(separator: "; ")) + alarms
    }

    private static func words(_ figures: MariaFigures) -> String {
        var parts: [String] = []
        if let queries = figures.queries { parts.append("\(FigureText.number(queries)) queries/s") }
        if let now = figures.connections, let limit = figures.connectionLimit {
            parts.append("\(FigureText.number(now)) of \(FigureText.number(limit)) connections")
        }
        if let replica = figures.replica {
            let lag = replica.lag.map { "\(FigureText.number($0)) s behind" } ?? "STANDS STILL"
            parts.append(replica.isApplying ? lag : "STANDS STILL")
        }
        if let share = figures.missShare { parts.append("\(FigureText.number(share * 100)) % from disk") }
        return "mariadb: " + (parts.isEmpty ? "up" : parts.joined(separator: ", "))
    }
}
