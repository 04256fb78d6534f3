import Foundation

/// How many hosts a tier needs, and what it means that one is missing: N + k.
public struct TierCapacity: Sendable, Hashable, Codable {
    /// The tier.
    public var tier: String
    /// Hosts in service.
    public var hosts: Int
    /// Share of their processors in use at the load it was measured at, from 0 to 1; `nil` where nobody knows.
    public var utilisation: Double?
    /// How many hosts the load takes (N); `nil` where nobody knows.
    public var needed: HostEstimate?
    /// Hosts that may be missing (k).
    public var spare: Int
    /// Share of their processors that the others would use without one host, from 0 to 1 and beyond.
    public var withoutOne: Double?
    /// How likely it is at any moment that at least one of the hosts is down.
    public var anyDown: Double
    /// How likely it is that more are down than can be spared, so that the load is not borne; `nil` where nobody knows N.
    public var tooManyDown: Double?
    /// The share of time for which one host is up, that the odds follow from.
    public var availability: Double
    /// How many hosts it takes for the load to be borne for as much of the time as one host is up, or was asked for.
    public var advised: Int?
    /// What was worked out, a line a step.
    public var arithmetic: [String]

    /// Whether the load is borne without `spare` of the hosts.
    public var isEnough: Bool? { needed.map { hosts >= $0.needed + spare } }

    /// As a line for people.
    public var message: String {
        guard let needed else { return "\(tier): nobody knows how busy its hosts are" }
        let odds = tooManyDown.map { ", too few are up \(Odds.text($0)) of the time" } ?? ""
        let state = isEnough == true ? "enough" : "short of \(needed.needed + spare - hosts)"
        return "\(tier): \(hosts) in service, \(needed.needed) + \(spare) needed: \(state)\(odds)"
    }
}

/// What a stage has and takes at its peak, by tier.
public struct CapacityPlan: Sendable, Hashable, Codable {
    /// What was asked for.
    public struct Request: Sendable, Hashable {
        /// How fast answers have to come, where a tier has no objective of its own.
        public var target: ResponseTarget
        /// By how much the measured load may grow.
        public var growth: Double
        /// Hosts that may be missing (k).
        public var spare: Int
        /// The share of time for which a host is up.
        public var availability: Double
        /// The share of time for which the load is to be borne.
        public var wanted: Double

        /// A request; a host is down for three and a half days a year unless somebody knows better.
        public init(
            target: ResponseTarget = .usual, growth: Double = 1, spare: Int = 1, availability: Double = 0.99,
            wanted: Double = 0.999
        ) {
            func share(_ value: Double) -> Double { value.isFinite ? min(max(value, 0), 1) : 0.99 }
            self.target = target
            self.growth = growth
            self.spare = min(max(0, spare), 1000)
            self.availability = share(availability)
            self.wanted = share(wanted)
        }
    }

    /// Each tier's.
    public var tiers: [TierCapacity]
    /// How likely it is at any moment that at least one host of the stage is down: the more hosts, the likelier.
    public var anyDown: Double
    /// What makes the figures doubtful.
    public var notes: [String]

    /// What the tiers of a stage take, from its load over the window; measure at the peak.
    public init(_ stage: StageObservation, _ request: Request = Request()) {
        let figures = stage.tiers.map { TierFigures($0, in: stage.window, pages: []) }
        tiers = figures.map { Self.capacity($0, request) }
        let all = tiers.reduce(0) { $0 + $1.hosts }
        anyDown = Odds.anyDown(of: all, availability: request.availability)
        notes = stage.note.map { [$0] } ?? []
        let hidden = tiers.filter { $0.needed?.isAtLeast ?? false }.map(\.tier)
        if !hidden.isEmpty {
            notes.append("at their limit, so that they take at least so many: \(hidden.joined(separator: ", "))")
        }
    }

    private static func capacity(_ figures: TierFigures, _ request: Request) -> TierCapacity {
        let demand = figures.processorDemand
        let target = figures.tier.objectives.isEmpty ? request.target : figures.target
        let needed = demand?.estimate(for: target, growth: request.growth)
        let hosts = max(figures.inService, figures.seen.count)
        let utilisation = demand?.utilisation
        let withoutOne = utilisation.flatMap { hosts > 1 ? $0 * Double(hosts) / Double(hosts - 1) : nil }
        let anyDown = Odds.anyDown(of: hosts, availability: request.availability)
        let tooMany = needed.map { Odds.fewerUp(than: $0.needed, of: hosts, availability: request.availability) }
        let advised = needed.map {
            max(
                $0.needed + request.spare,
                Odds.hosts(bearing: $0.needed, availability: request.availability, wanted: request.wanted))
        }
        var lines = needed?.arithmetic ?? []
        if let utilisation, let withoutOne {
            lines.append(
                "without one: \(utilisation.asPercent) · \(hosts) ÷ \(hosts - 1) = \(withoutOne.asPercent) of the processors left"
            )
        }
        lines.append("P(any of \(hosts) down) = 1 − \(request.availability)^\(hosts) = \(Odds.text(anyDown))")
        if let needed, let tooMany {
            lines.append("P(fewer than \(needed.needed) of \(hosts) up) = \(Odds.text(tooMany)) (binomial)")
        }
        return TierCapacity(
            tier: figures.tier.name, hosts: hosts, utilisation: utilisation, needed: needed, spare: request.spare,
            withoutOne: withoutOne, anyDown: anyDown, tooManyDown: tooMany, availability: request.availability,
            advised: advised, arithmetic: lines)
    }
}

/// How likely hosts are to be down, each by itself: what brings down several at once, such as a switch, is not in it.
public enum Odds {
    /// That at least one of so many is.
    public static func anyDown(of hosts: Int, availability: Double) -> Double {
        1 - pow(share(availability), Double(max(0, hosts)))
    }

    /// That fewer than `needed` of `hosts` are up.
    public static func fewerUp(than needed: Int, of hosts: Int, availability: Double) -> Double {
        guard needed > 0 else { return 0 }
        guard hosts >= needed else { return 1 }
        let up = share(availability)
        if up >= 1 { return 0 }
        if up <= 0 { return 1 }
        func logChoices(_ count: Int) -> Double {
            lgamma(Double(hosts) + 1) - lgamma(Double(count) + 1) - lgamma(Double(hosts - count) + 1)
        }
        // The sum of the shorter tail: that more than so many are down.
        let spare = hosts - needed
        var sum = 0.0
        // What is many deviations from the mean adds nothing.
        let (mean, deviation) = (Double(hosts) * (1 - up), (Double(hosts) * up * (1 - up)).squareRoot())
        let first = min(hosts, max(spare + 1, Int(mean - 12 * deviation)))
        for down in first...hosts {
            let next = exp(logChoices(down) + Double(down) * log(1 - up) + Double(hosts - down) * log(up))
            sum += next
            if next < sum * 1e-12, Double(down) > mean { break }
        }
        return min(1, max(0, sum))
    }

    /// How many hosts it takes for `needed` of them to be up for a share of the time; at most twice as many and ten.
    public static func hosts(bearing needed: Int, availability: Double, wanted: Double) -> Int {
        let needed = min(max(1, needed), 100_000)
        var (low, high) = (needed, needed * 2 + 10)
        // The more there are, the likelier enough of them are up.
        while low < high {
            let middle = (low + high) / 2
            let isBorne = fewerUp(than: needed, of: middle, availability: availability) <= 1 - share(wanted)
            if isBorne { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// A small share for people: `3 %`, `0.02 %`, `1 in 2 million`.
    public static func text(_ share: Double) -> String {
        guard share.isFinite, share > 0 else { return "0 %" }
        if share >= 0.00001 { return FigureText.of(share * 100, "%") }
        return share > 1e-12 ? "1 in \(FigureText.number((1 / share / 1e6).rounded())) million" : "hardly ever"
    }

    private static func share(_ value: Double) -> Double { value.isFinite ? min(max(value, 0), 1) : 0 }
}

extension Double {
    /// A share in percent: `85 %`.
    var asPercent: String { FigureText.of((self * 100).rounded(), "%") }
}
