import Foundation

/// What a tier's requests ask of its processors, and what hosts it takes for it: N = ⌈g·D ÷ (c·ρ*)⌉ + k.
public struct ProcessorDemand: Sendable, Hashable {
    /// Processors in use on all hosts together (D), by the utilisation law requests a second times the processor time of one.
    public var busy: Double
    /// Processors that one host may use (c): those it has, or its quota.
    public var perHost: Double
    /// Hosts in service.
    public var hosts: Int
    /// Requests a second that are served; `nil` where nobody counts them.
    public var served: Double?
    /// Requests a second by which the tier's queues grow, and that are refused.
    public var unserved: Double
    /// Seconds that a request waits for other tiers, as measured. Hosts do not shorten that.
    public var elsewhere: Double

    /// A demand.
    public init(
        busy: Double, perHost: Double, hosts: Int, served: Double? = nil, unserved: Double = 0, elsewhere: Double = 0
    ) {
        self.busy = Self.known(busy, most: 1e6)
        self.perHost = perHost.isFinite && perHost > 0 ? max(0.01, min(perHost, 4096)) : 1
        self.hosts = min(max(0, hosts), 1_000_000)
        self.served = served.flatMap { $0.isFinite && $0 > 0 ? min($0, 1e12) : nil }
        self.unserved = Self.known(unserved, most: 1e12)
        self.elsewhere = Self.known(elsewhere, most: 1e6)
    }

    private static func known(_ value: Double, most: Double) -> Double { value.isFinite ? min(max(0, value), most) : 0 }

    /// Share of the processors in use, from 0 to 1; `nil` without hosts.
    public var utilisation: Double? { hosts > 0 ? min(1, busy / (perHost * Double(hosts))) : nil }

    /// A tier that has all it can do hides what more is asked of it.
    public var isHidden: Bool { (utilisation ?? 1) >= Self.hiding || unserved > 0 }

    /// Processor time of a request in seconds (S = D ÷ X).
    public var serviceTime: Double? { served.map { busy / $0 } }

    static let hiding = 0.95
}

/// How fast answers have to come.
public enum ResponseTarget: Sendable, Hashable {
    /// The mean is at most so many times the time that a request takes when nobody else asks.
    case factor(Double)
    /// A share of answers come within so many seconds.
    case percentile(share: Double, seconds: Double)

    /// Where nobody said anything: twice as long as when nobody else asks.
    public static let usual = Self.factor(2)
}

extension ProcessorDemand {
    /// How many hosts it takes.
    ///
    /// - Parameters:
    ///   - target: How fast answers have to come.
    ///   - growth: By how much the load may grow (g); 1 for none.
    ///   - spare: Hosts that may be missing (k): for a loss, or a rollout's batch.
    public func estimate(for target: ResponseTarget = .usual, growth: Double = 1, spare: Int = 0) -> HostEstimate {
        let (limit, boldest, lines) = utilisationLimit(for: target)
        let growth = growth.isFinite ? min(max(growth, 0.01), 100) : 1
        let asked = demand * growth
        func count(_ demand: Double, _ limit: Double) -> Int {
            // A hair more than whole hosts needs no host of its own.
            Int(min(max((demand / (perHost * limit) - 1e-9).rounded(.up), 1), 1e6)) + max(0, min(spare, 1000))
        }
        let needed = count(asked, limit)
        let low = count(asked, min(0.95, max(boldest, limit * 1.15)))
        let high = count(asked * (isHidden ? 2 : 1.1), limit * (isHidden ? 1 : 0.9))
        return HostEstimate(
            now: hosts, needed: needed, low: low, high: high, isAtLeast: isHidden, formula: Self.formula,
            assumptions: assumptions(target), arithmetic: lines + steps(asked, growth, limit, spare, needed))
    }

    private static let formula = "N = ⌈g·D ÷ (c·ρ*)⌉ + k, with ρ* by Erlang C (M/M/c)"

    /// The demand that is seen, and what stands in queues or is refused.
    var demand: Double {
        guard let served, unserved > 0 else { return busy }
        // At most double: what a tier at its limit would be asked beyond that nobody can tell.
        return busy * min(2, (served + unserved) / served)
    }

    /// ρ*, the one for requests that all take the same time, and how it was found. Kept within what hosts bear: at most 0.9, or
    /// 0.8 of one processor.
    private func utilisationLimit(for target: ResponseTarget) -> (Double, Double, [String]) {
        let line = ServerQueue(servers: Int(max(1, perHost.rounded(.down))))
        let most = line.servers > 1 ? 0.9 : 0.8
        var (factor, share, lines): (Double, Double?, [String]) = (2, nil, [])
        switch target {
        case .factor(let wanted): factor = wanted
        case .percentile(let wanted, let seconds):
            share = wanted
            guard let serviceTime, serviceTime > 0 else { break }
            // A quota lets a request run as fast as ever until it is used up: what waits then goes at the quota's pace.
            let pace = serviceTime / min(1, perHost)
            factor = 1 + (seconds - elsewhere - serviceTime) / pace
            lines.append(
                "may wait R \(time(seconds)) − \(time(elsewhere)) elsewhere − S \(time(serviceTime)) = "
                    + "\(FigureText.number(factor - 1)) · S ÷ min(1, c)")
        }
        func kept(_ factor: Double) -> Double {
            let found = line.highestUtilisation(factor: factor, share: share)
            return min(most, max(0.3, found.isFinite ? found : 0.3))
        }
        let limit = kept(factor)
        lines.append("ρ* = \(FigureText.number(limit)) for \(line.servers) processors a host")
        // Requests that all take the same time wait half as long.
        return (limit, kept(1 + 2 * (factor - 1)), lines)
    }

    private func steps(_ asked: Double, _ growth: Double, _ limit: Double, _ spare: Int, _ needed: Int) -> [String] {
        var lines: [String] = []
        if let served, let serviceTime {
            lines.append(
                "D = X·S = \(FigureText.number(served))/s · \(time(serviceTime)) = \(FigureText.number(busy)) processors"
            )
        } else {
            lines.append("D = \(FigureText.number(busy)) processors in use")
        }
        if demand > busy { lines.append("with what waits or is refused: D = \(FigureText.number(demand))") }
        lines.append(
            "N = ⌈\(FigureText.number(growth)) · \(FigureText.number(demand)) ÷ (\(FigureText.number(perHost)) · "
                + "\(FigureText.number(limit)))⌉ + \(spare) = \(needed)")
        let big = perHost * Double(needed)
        if big >= 64 {
            let staffing = ServerQueue.staffing(for: asked)
            lines.append(
                "for comparison a + 1.5·√a = \(FigureText.number(staffing)) processors of \(FigureText.number(big))")
        }
        return lines
    }

    private func assumptions(_ target: ResponseTarget) -> [String] {
        var lines = [
            "requests come independently of one another, and are spread evenly over hosts that are alike",
            "twice the requests take twice the processor time",
        ]
        if isHidden {
            lines.append(
                "the tier is at its limit, so that its true demand is not seen: at least so many, then measure again")
        }
        if case .percentile = target, serviceTime == nil {
            lines.append("nobody counts its requests, so that the target is taken as twice the service time")
        }
        return lines
    }

    private func time(_ seconds: Double) -> String { FigureText.of(seconds * 1000, "ms") }
}
