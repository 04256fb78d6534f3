import Foundation

/// How many workers a queue takes: ⌈(λ + B ÷ T)·S ÷ ρ*⌉.
public struct QueueDemand: Sendable, Hashable {
    /// Jobs that come, a second (λ).
    public var arriving: Double
    /// Jobs that wait (B).
    public var backlog: Double
    /// Seconds in which those are to be done (T).
    public var clearing: Double
    /// Seconds that one worker takes for one job (S).
    public var jobTime: Double
    /// Workers now.
    public var workers: Int

    /// Share of their time that workers may be busy.
    static let limit = 0.8

    /// What a queue asks of its workers, by what it counted; `nil` where too little of it is known: jobs that are done, and
    /// workers that do them.
    public init?(_ queue: RabbitQueue, clearing: Double = 600) {
        guard queue.consumers >= 1, let done = queue.acknowledged, done > 0 else { return nil }
        // All workers are at work while jobs wait: by Little's law each takes workers ÷ jobs done a second.
        let atWork = queue.ready >= 1 ? queue.consumers : min(queue.consumers, max(queue.unacknowledged, 0.01))
        self.init(
            arriving: queue.published ?? max(0, done + (queue.growth ?? 0)), backlog: queue.ready, clearing: clearing,
            jobTime: atWork / done, workers: Int(exactly: queue.consumers.rounded()) ?? 1)
    }

    /// A demand.
    public init(arriving: Double, backlog: Double, clearing: Double = 600, jobTime: Double, workers: Int) {
        func known(_ value: Double) -> Double { value.isFinite ? min(max(0, value), 1e9) : 0 }
        self.arriving = known(arriving)
        self.backlog = known(backlog)
        self.clearing = max(1, known(clearing))
        self.jobTime = known(jobTime)
        self.workers = min(max(0, workers), 1_000_000)
    }

    /// How many workers it takes; not hosts: a host may have several.
    public var estimate: HostEstimate {
        func count(_ backlog: Double, _ limit: Double) -> Int {
            Int(min(max(((arriving + backlog / clearing) * jobTime / limit - 1e-9).rounded(.up), 1), 1e6))
        }
        let needed = count(backlog, Self.limit)
        let number = FigureText.number
        return HostEstimate(
            now: workers, needed: needed, low: count(0, 0.95), high: count(backlog * 1.2, 0.65),
            formula: "workers = ⌈(λ + B ÷ T)·S ÷ ρ*⌉",
            assumptions: [
                "each worker does one job at a time", "jobs go on coming as fast as in the window",
                "what waits is to be done within \(number(clearing)) s",
            ],
            arithmetic: [
                "λ = \(number(arriving))/s, B = \(number(backlog)), T = \(number(clearing)) s, "
                    + "S = \(FigureText.of(jobTime * 1000, "ms")), ρ* = \(Self.limit)",
                "(\(number(arriving)) + \(number(backlog / clearing))) · \(number(jobTime)) ÷ \(Self.limit) → \(needed)",
            ])
    }
}

/// Little's law: what is open is what comes a second times how long it stays.
public enum LittlesLaw {
    /// Connections or requests that are open at once.
    public static func open(perSecond rate: Double, staying seconds: Double) -> Double {
        guard rate.isFinite, seconds.isFinite else { return 0 }
        return max(0, rate) * max(0, seconds)
    }

    /// A limit that bears the peak of a load whose mean is open.
    ///
    /// - Parameter peak: How many times the mean the peak is.
    public static func limit(open: Double, peak: Double = 2) -> Int {
        guard open.isFinite, peak.isFinite else { return 1 }
        return Int(min(max((max(0, open) * max(1, peak)).rounded(.up), 1), 1e9))
    }
}

/// How many hosts it takes for disks, where requests spread over hosts: N ≥ Σ busy ÷ 0.6.
public struct DiskDemand: Sendable, Hashable {
    /// The share of time that each host's busiest disk is in use, from 0 to 1.
    public var busy: [Double]

    /// A demand.
    public init(busy: [Double]) { self.busy = busy.filter(\.isFinite).map { min(max(0, $0), 1) } }

    /// How many hosts it takes.
    public var estimate: HostEstimate {
        let sum = busy.reduce(0, +)
        func count(_ limit: Double) -> Int { Int(min(max((sum / limit - 1e-9).rounded(.up), 1), 1e6)) }
        let isHidden = busy.contains { $0 >= 0.95 }
        return HostEstimate(
            now: busy.count, needed: count(0.6), low: count(0.8), high: count(isHidden ? 0.3 : 0.5),
            isAtLeast: isHidden, formula: "N = ⌈Σ disk busy ÷ 0.6⌉",
            assumptions: ["requests spread over hosts, and each host reads and writes its own disk"],
            arithmetic: ["Σ busy = \(FigureText.number(sum)), ÷ 0.6 → \(count(0.6))"])
    }
}
