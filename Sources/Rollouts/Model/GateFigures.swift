/// The numbers that a gate judged by: what it counted or measured of a batch, and of the hosts that it compared it with.
public struct GateFigures: Hashable, Sendable, Codable {
    /// What was seen of some hosts.
    public struct Sample: Hashable, Sendable, Codable {
        /// Requests that were answered, or failed.
        public var requests: Int
        /// How many failed.
        public var failed: Int?
        /// Times in milliseconds: of single requests, or means of some each.
        public var times: [Double]?

        /// What was seen.
        public init(requests: Int, failed: Int? = nil, times: [Double]? = nil) {
            self.requests = requests
            self.failed = failed
            // A journal's line stays short, however long a batch was watched.
            self.times = times.map { Self.thinned($0, to: 100) }
        }

        private static func thinned(_ times: [Double], to most: Int) -> [Double] {
            let rounded = times.map { ($0 * 10).rounded() / 10 }
            guard times.count > most else { return rounded }
            return (0..<most).map { rounded[$0 * times.count / most] }
        }
    }

    /// The batch.
    public var batch: Sample
    /// The hosts on the other release; `nil` where there was nothing to compare with.
    public var rest: Sample?
    /// Whether the rest is from an earlier batch, since no host has the other release any more.
    public var isRestRecorded: Bool?
    /// How likely chance alone would show so great a difference.
    public var chance: Double?

    private enum CodingKeys: String, CodingKey {
        case batch, rest, isRestRecorded = "recorded", chance = "p"
    }

    /// Figures.
    public init(batch: Sample, rest: Sample? = nil, isRestRecorded: Bool? = nil, chance: Double? = nil) {
        self.batch = batch
        self.rest = rest
        self.isRestRecorded = isRestRecorded
        self.chance = chance
    }
}
