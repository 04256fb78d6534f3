import Fleet
import Sampling

/// What a tier's hosts and members come to over a window.
struct TierFigures: Sendable {
    let tier: TierObservation
    let window: ObservationWindow
    let hosts: [HostFigures]
    /// Pages that the tier's objectives are about.
    let pages: [PageTally]

    init(_ tier: TierObservation, in window: ObservationWindow, pages: [PageTally]) {
        self.tier = tier
        self.window = window
        self.pages = pages
        hosts = tier.hosts.map { HostFigures($0, in: window) }
    }

    var seen: [HostFigures] { hosts.filter(\.isSeen) }

    /// Members that get traffic; all of them where balancers do not say which do.
    var members: [MemberObservation] { tier.members.filter { $0.state ?? .up == .up } }

    /// Hosts in service: members that are up, else hosts that answer.
    var inService: Int { members.isEmpty ? seen.count : members.count }

    /// Processors in use, in percent, on average over the hosts; `nil` where nobody knows.
    var cpu: Double? { Self.mean(seen.compactMap(\.cpu)) }

    /// Processors in use on one host, in percent; `nil` where nobody knows.
    func cpu(of host: HostName) -> Double? { seen.first { $0.host.host == host }?.cpu }

    /// Processors in use, in percent, where requests are in hand: each host by what it has of them. One host that is full while the
    /// others idle is not idle.
    var cpuInHand: Double? {
        let known = hosts.compactMap { host -> (held: Double, cpu: Double)? in
            let members = members.filter { $0.host == host.host.host }.compactMap(\.sessions)
            let working = host.host.listeners.filter { $0.port != 22 }.map { ($0.working ?? 0) + Double($0.waiting) }
            let held = max(members.reduce(0, +), working.reduce(0, +))
            guard host.isSeen, held.isFinite, held > 0, let cpu = host.cpu else { return nil }
            return (held, cpu)
        }
        let sum = known.reduce(0) { $0 + $1.held }
        return sum > 0 ? known.reduce(0) { $0 + $1.cpu * $1.held } / sum : cpu
    }

    /// Processors' worth of time in use on all hosts together.
    var busy: Double? {
        let known = seen.compactMap(\.busy)
        return known.isEmpty ? nil : known.reduce(0, +)
    }

    // MARK: requests

    /// Requests a second; `nil` where nobody counts them.
    var requests: Double? {
        let counted = tier.members.compactMap(\.requests).filter(\.isFinite)
        if !counted.isEmpty { return counted.reduce(0, +) }
        let served = tier.balancers.compactMap(\.requests).filter(\.isFinite)
        return tier.members.isEmpty || served.isEmpty ? nil : served.reduce(0, +)
    }

    var failed: Double { tier.members.reduce(0) { $0 + $1.failed } }

    /// Requests that wait for a member.
    var queued: Double {
        tier.members.reduce(0) { $0 + ($1.queued ?? 0) } + (tier.balancers.compactMap(\.queued).max() ?? 0)
    }

    var queueGrowth: Double { max(0, tier.members.reduce(0) { $0 + ($1.queueGrowth ?? 0) }) }

    /// Requests that members have in hand.
    var sessions: Double? {
        let known = members.compactMap(\.sessions)
        return known.isEmpty ? nil : known.reduce(0, +)
    }

    /// Mean response time in milliseconds, each member by its requests.
    var responseTime: Double? {
        let known = members.compactMap { member in member.responseTime.map { ($0, max(member.requests ?? 1, 0)) } }
        let weight = known.reduce(0) { $0 + $1.1 }
        guard weight > 0 else { return Self.mean(known.map(\.0)) }
        return known.reduce(0) { $0 + $1.0 * $1.1 } / weight
    }

    // MARK: trouble

    /// The least time that any objective of the tier allows, in milliseconds.
    var allowedTime: Double? {
        tier.objectives.flatMap(\.latencies).map { $0.limit / .milliseconds(1) }.filter { $0 > 0 }.min()
    }

    /// What says that who asks the tier is not served as promised; empty where nothing does.
    var trouble: [FigureEvidence] {
        var trouble: [FigureEvidence] = []
        func note(_ figure: String, _ value: Double, _ unit: String = "", limit: Double?) {
            trouble.append(FigureEvidence(figure, value, unit: unit, limit: limit, window: window))
        }
        if queued >= 1 { note("requests that wait for a member", queued, limit: 1) }
        let allowed = allowedTime ?? Threshold.longAnswer
        if let time = responseTime, time > allowed { note("response time", time, "ms", limit: allowed) }
        for page in pages {
            for late in page.late where page.requests >= 20 {
                let share = Double(late.count) / Double(page.requests)
                guard share > 1 - late.target.share else { continue }
                note(
                    "answers of \(page.path) later than \(late.target.limit.written)", share * 100, "%",
                    limit: (1 - late.target.share) * 100)
            }
        }
        let asked = requests ?? 0
        if asked > 0, failed / asked >= 0.01, failed * window.seconds >= 5 {
            note("requests that failed", 100 * failed / asked, "%", limit: 1)
        }
        return trouble
    }

    /// What the tier's hosts wait for, by address and port: how many of their connections, and for how long as yet, on average.
    var waits: [(target: CallTarget, waiting: Double, waited: Double?)] {
        var sums: [CallTarget: (waiting: Double, time: Double)] = [:]
        for call in hosts.flatMap(\.host.calls) where call.isAnswered && call.waiting > 0 {
            let target = CallTarget(address: call.address, port: call.port)
            let sum = sums[target] ?? (0, 0)
            sums[target] = (sum.waiting + call.waiting, sum.time + (call.waited ?? 0) * call.waiting)
        }
        return sums.map { ($0.key, $0.value.waiting, $0.value.waiting > 0 ? $0.value.time / $0.value.waiting : nil) }
            .sorted { ($1.waiting, $0.target.text) < ($0.waiting, $1.target.text) }
    }

    /// What its hosts have accepted and are at work on, by what balancers say or what hosts' sockets show.
    var inHand: Double? {
        let working = hosts.flatMap(\.host.listeners).filter { $0.port != 22 }.compactMap(\.working)
        return [sessions, working.isEmpty ? nil : working.reduce(0, +)].compactMap(\.self).max()
    }

    static func mean(_ values: [Double]) -> Double? {
        let known = values.filter(\.isFinite)
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }
}

/// Somebody who is called.
struct CallTarget: Hashable, Sendable {
    let address: String
    let port: Int
    var text: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

extension [Double] {
    /// The value in the middle; `nil` for none.
    var middle: Double? {
        let sorted = filter(\.isFinite).sorted()
        guard !sorted.isEmpty else { return nil }
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}
