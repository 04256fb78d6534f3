/// What a page of a service is to be like for those who ask for it: an SLO. A line of `slo:` in `drover.yml`.
///
/// Of requests to the page, at least a share has its answer within a time, and no more than a share fails.
public struct ServiceObjective: Hashable, Sendable, Codable {
    /// The page; every path that begins with it belongs to it where it ends in `*`.
    public var path: String
    /// Within which time which share of the answers comes, by growing share. Empty where times do not matter.
    public var latencies: [LatencyTarget]
    /// The greatest share of requests that may fail, from 0 to 1; `nil` where failures do not matter.
    public var errors: Double?

    /// What `path` is to be like.
    public init(path: String, latencies: [LatencyTarget] = [], errors: Double? = nil) {
        self.path = path
        self.latencies = latencies.sorted { $0.share < $1.share }
        self.errors = errors.map { min(max($0, 0), 1) }
    }

    /// Whether a request for `target` counts for the page. What follows a `?` is not looked at.
    public func concerns(_ target: String) -> Bool {
        let asked = target.prefix { $0 != "?" && $0 != "#" }
        return path.hasSuffix("*") ? asked.hasPrefix(path.dropLast()) : asked == path
    }

    /// The time within which most of the answers come that any time is promised for; `nil` where none is.
    public var strictest: LatencyTarget? { latencies.last }
}

/// A share of answers, and the time within which they come.
public struct LatencyTarget: Hashable, Sendable, Codable {
    /// How many of all answers, more than 0 and less than 1: 0.99 for `p99`.
    public var share: Double
    /// The time within which they come.
    public var limit: Duration

    /// `share` of the answers within `limit`.
    public init(share: Double, limit: Duration) {
        self.share = share.isNaN ? 0 : min(max(share, 0), 1)
        self.limit = limit
    }

    /// As `drover.yml` has it: `p99`, `p99.9`.
    public var name: String {
        let percent = (share * 100_000).rounded() / 1000
        return percent == percent.rounded() ? "p\(Int(percent))" : "p\(percent)"
    }

    private enum CodingKeys: String, CodingKey {
        case share, limit = "milliseconds"
    }

    /// Reads what ``encode(to:)`` wrote.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            share: try fields.decode(Double.self, forKey: .share),
            limit: .milliseconds(min(max(try fields.decode(Double.self, forKey: .limit), 0), 1e9)))
    }

    /// The limit in milliseconds.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(share, forKey: .share)
        try fields.encode(limit / .milliseconds(1), forKey: .limit)
    }
}
