import Fleet

/// What balancers have counted for each host since a moment, from one reading to the next.
///
/// A counter that went back has begun anew, with a balancer's process or a server that was added again: what it has then
/// counts from there, and never is anything taken off.
struct TrafficTally: Hashable, Sendable {
    /// Requests to hosts, and how they went.
    struct Sample: Hashable, Sendable {
        var requests = 0
        var failed = 0
        /// Means of response times in milliseconds, each of some requests through one balancer, as they came.
        var blocks: [Double] = []
        /// What the means of blocks that are not yet full are at least.
        var hints: [Double] = []

        static func + (left: Self, right: Self) -> Self {
            Self(
                requests: left.requests + right.requests, failed: left.failed + right.failed,
                blocks: left.blocks + right.blocks, hints: left.hints + right.hints)
        }
    }

    /// Requests that make a block: rounding may change its mean by 64 ms, and mostly does by less than half of that.
    static let block = 8
    /// Blocks of a host that are kept, the last ones.
    static let mostBlocks = 400

    private struct Server: Hashable {
        let balancer: HostName
        /// Whose pool it is in; a host may be in those of two tiers.
        let tier: String?
        let host: HostName
    }
    private struct Reading: Hashable {
        var counters: TrafficCounters
        /// Where the block that is being filled began; `nil` where no times are kept.
        var blockBegan: MovingMean?

        var mean: MovingMean? {
            counters.responseTime.map { MovingMean(requests: counters.answered, printed: $0) }
        }

        var hint: Double? {
            guard let began = blockBegan, let mean, mean.requests - began.requests > 1 else { return nil }
            return mean.mean(since: began).map { $0.milliseconds - $0.error }
        }
    }
    private var last: [Server: Reading] = [:]
    private var samples: [HostName: Sample] = [:]

    /// What was counted for these hosts, together.
    func sample(of hosts: [HostName]) -> Sample {
        var sample = hosts.compactMap { samples[$0] }.reduce(Sample(), +)
        sample.hints = last.compactMap { server, reading in hosts.contains(server.host) ? reading.hint : nil }
        return sample
    }

    /// Whether any balancer counts anything.
    var isCounting: Bool { !last.isEmpty }

    /// Takes in what balancers answer; the first answer about a server is where it begins.
    mutating func take(_ views: [BalancerView]) {
        for view in views where view.fault == nil {
            for member in view.running {
                guard let counters = member.counters else { continue }
                take(counters, of: Server(balancer: view.balancer, tier: view.tier, host: member.host))
            }
        }
    }

    private mutating func take(_ counters: TrafficCounters, of server: Server) {
        let mean = Reading(counters: counters).mean
        guard var reading = last[server] else {
            last[server] = Reading(counters: counters, blockBegan: mean)
            return
        }
        if counters.beganAfter(reading.counters) {
            reading = Reading(counters: TrafficCounters(), blockBegan: mean.map { _ in .init(requests: 0, printed: 0) })
        }
        var sample = samples[server.host] ?? Sample()
        sample.requests += counters.requests - reading.counters.requests
        sample.failed += counters.failed - reading.counters.failed
        if let mean, let began = reading.blockBegan, mean.requests - began.requests >= Self.block,
            let block = mean.mean(since: began)
        {
            sample.blocks = (sample.blocks + [block.milliseconds]).suffix(Self.mostBlocks)
            reading.blockBegan = mean
        }
        samples[server.host] = sample
        last[server] = Reading(counters: counters, blockBegan: reading.blockBegan ?? mean)
    }
}
