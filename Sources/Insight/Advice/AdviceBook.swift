import Fleet
import Sampling

/// What would mend a tier, by its verdict; or that more hosts would not.
struct AdviceBook {
    let figures: TierFigures
    let verdict: TierVerdict
    /// All tiers of the stage.
    let stage: [TierFigures]
    let spare: Int

    private var tier: TierObservation { figures.tier }

    var advice: [Advice] {
        switch verdict.cause {
        case .healthy: []
        case .processor: processor
        case .disk: disk
        case .pageCache: cache
        case .memory: memory
        case .connections: connections
        case .workers: workers
        case .space:
            [say(.freeSpace, nil, "free room on the file system, or give it more; logs are the first to look at")]
        case .backlog: backlog
        case .dependency: dependency
        case .network: network
        case .neighbour: neighbour
        case .imbalance: imbalance
        case .unknown: unknown
        }
    }

    private func say(
        _ action: Advice.Action, _ hostsHelp: Bool?, _ message: String, hosts: HostEstimate? = nil,
        in tier: String? = nil
    ) -> Advice {
        Advice(action, tier: tier ?? self.tier.name, hosts: hosts, hostsHelp: hostsHelp, message: message)
    }

    private func count(_ estimate: HostEstimate) -> String {
        let least = estimate.isAtLeast ? "at least " : ""
        let range = "\(estimate.low) to \(estimate.high)"
        return estimate.added == 0
            ? "\(tier.name) has the \(estimate.now.of("host")) that its demand takes"
            : "add \(least)\(estimate.added.of("host")) to \(tier.name): \(least)\(estimate.needed) in all (\(range)), now \(estimate.now)"
    }

    private func addHosts(_ estimate: HostEstimate) -> Advice {
        say(.addHosts, true, count(estimate), hosts: estimate)
    }

    // MARK: processors and disks

    private var processor: [Advice] {
        let estimate = figures.processorEstimate(spare: spare)
        let isHeld = figures.seen.contains { ($0[.throttled] ?? 0) >= Threshold.throttled }
        let raise = isHeld ? [say(.raiseLimit, nil, "or raise the quota of processors that holds its hosts back")] : []
        guard tier.spread == .primary else { return [addHosts(estimate)] + raise }
        return raise + [
            say(
                .askLess, false,
                "ask it less: an index for what it reads row by row, a cache before it, replicas for reads"),
            say(
                .fasterHosts, false,
                "or faster processors: one host takes all writes, and more hosts do not take them off it"),
        ]
    }

    private var disk: [Advice] {
        let isData = [.database, .queue].contains(tier.role)
        let pool = tier.services.contains { service in
            if case .maria(let maria)? = service.figures { (maria.missShare ?? 0) >= 0.01 } else { false }
        }
        let memory = say(.addMemory, false, "more memory for its buffer pool first: it reads pages that it had before")
        if tier.spread == .primary {
            return (pool ? [memory] : []) + [
                say(
                    .askLess, false,
                    isData ? "an index, or a cache before it, so that it reads and writes less" : "ask it less"),
                say(
                    .fasterHosts, false, "or a faster disk: more hosts do not take writes off the one that has them all"
                ),
            ]
        }
        let busy = figures.seen.compactMap { host in
            host.busiestDisk.map { $0.utilisation / 100 } ?? host[.ioPressure].map { $0 / 100 }
        }
        return [addHosts(DiskDemand(busy: busy).estimate), say(.fasterHosts, nil, "or faster disks")]
    }

    // MARK: memory

    private var cache: [Advice] {
        let working = WorkingSet(figures)
        let grow = say(.addMemory, false, working.memoryMessage(in: tier))
        guard tier.spread == .parts, let estimate = working.hostEstimate(spare: spare) else {
            let same = "more hosts would not help: each would have to keep the same data"
            return [grow, say(.askLess, tier.spread == .parts ? nil : false, "or smaller data for each host: \(same)")]
        }
        return [say(.addHosts, true, count(estimate), hosts: estimate), grow]
    }

    private var memory: [Advice] {
        [
            say(
                .addMemory, nil,
                "more memory in its hosts, or less for programs: fewer workers, smaller heaps, a leak mended"),
            say(.raiseLimit, nil, "or raise the limit of its control group, where that is what kills them"),
        ]
    }

    // MARK: connections and workers

    private var connections: [Advice] {
        let open = figures.sessions.map { $0 + figures.queued }
        let limit =
            open.map { " to \(LittlesLaw.limit(open: $0)) (L = \(FigureText.number($0)) open, twice that for peaks)" }
            ?? ""
        let room = "its processors have room for it (\(figures.cpu.map { FigureText.of($0, "%") } ?? "unknown"))"
        return [
            say(.raiseLimit, tier.spread == .anyHost ? true : nil, "raise the limit of connections\(limit): \(room)"),
            say(
                .addHosts, tier.spread == .anyHost ? true : nil,
                "or more hosts, each with the same limit; or close idle connections"),
        ]
    }

    private var workers: [Advice] {
        let cpu = figures.cpu.map { FigureText.of($0, "%") } ?? "little"
        return [
            say(.addWorkers, true, "more processes or threads on its hosts, which use \(cpu) of their processors"),
            say(
                .addHosts, tier.spread != .primary,
                tier.spread == .primary ? "more hosts would not help" : "or more hosts; bigger ones would not help"),
        ]
    }

    private var backlog: [Advice] {
        let workers = stage.first { $0.tier.role == .worker }
        let name = workers?.tier.name ?? tier.name
        guard let worst = worstQueue else {
            return [say(.addWorkers, true, "more workers", in: name)]
        }
        if worst.consumers < 1 {
            return [say(.start, nil, "start the workers of \(worst.name): nobody takes its jobs", in: name)]
        }
        guard let estimate = QueueDemand(worst)?.estimate else {
            return [say(.addWorkers, true, "more workers for \(worst.name); measure again for how many", in: name)]
        }
        let each = Double(workers?.inService ?? 0) > 0 ? Double(estimate.now) / Double(workers?.inService ?? 1) : 0
        let hosts =
            each > 0 ? ", that is \(FigureText.number((Double(estimate.added) / each).rounded(.up))) hosts more" : ""
        return [
            say(
                .addWorkers, true,
                "\(estimate.needed) workers for \(worst.name) (\(estimate.low) to \(estimate.high)), now \(estimate.now)\(hosts)",
                hosts: estimate, in: name)
        ]
    }

    /// The queue in which most jobs wait. Where only nodes count what comes and is done, that is the queue's if no other has
    /// consumers.
    private var worstQueue: RabbitQueue? {
        let brokers = tier.services.compactMap { service -> RabbitFigures? in
            if case .rabbit(let rabbit)? = service.figures { rabbit } else { nil }
        }
        let queues = brokers.flatMap(\.queues).filter { !$0.isForDeadLetters }
        guard var worst = queues.filter({ $0.ready >= Threshold.ready }).max(by: { $0.ready < $1.ready }) else {
            return nil
        }
        let isAlone = Set(queues.filter { $0.consumers >= 1 || $0.ready >= 1 }.map(\.name)).count == 1
        let (came, done) = (brokers.compactMap(\.published), brokers.compactMap(\.acknowledged))
        guard worst.acknowledged == nil, isAlone, !done.isEmpty else { return worst }
        worst.published = came.reduce(0, +)
        worst.acknowledged = done.reduce(0, +)
        return worst
    }

    // MARK: others

    private var dependency: [Advice] {
        guard let other = verdict.waitsFor else { return [] }
        let isTier = stage.contains { $0.tier.name == other }
        let isStopped = stage.contains { $0.tier.name == other && $0.isSilent }
        if isStopped {
            return [say(.start, false, "start the service of \(other): \(tier.name) waits for it", in: other)]
        }
        let place = isTier ? other : "what answers on \(other)"
        return [
            say(
                .mendTier, false, "mend \(place) first: more hosts in \(tier.name) would wait as well",
                in: isTier ? other : nil)
        ]
    }

    private var network: [Advice] {
        let hosts = verdict.hosts.isEmpty ? "its hosts" : verdict.hosts.joined(separator: ", ")
        return [
            say(.mendHost, nil, "look at the network of \(hosts): rate limits, duplex, a full link, what lies between")
        ]
    }

    private var neighbour: [Advice] {
        let host = verdict.hosts.first ?? "the host"
        return [
            say(
                .moveHost, nil,
                "end what takes the processors, or move \(host) away from it; agent weights give it less meanwhile"),
            say(.addHosts, tier.spread == .anyHost ? true : nil, "more hosts help as far as they are elsewhere"),
        ]
    }

    private var imbalance: [Advice] {
        let host = verdict.hosts.first ?? "the host"
        let weights = Set(figures.members.compactMap(\.weight))
        if weights.count > 1 {
            return [
                say(.rebalance, false, "give hosts that are alike the same weight; a slow one less (agent: true does)")
            ]
        }
        return [
            say(.mendHost, false, "mend \(host), or take it out of rotation: the others are alike"),
            say(
                .rebalance, false,
                "or have requests go where fewest are under way (balance: leastconn), or give \(host) less weight"),
        ]
    }

    private var unknown: [Advice] {
        if figures.isSilent { return [say(.start, nil, "start its service")] }
        return [say(.measure, nil, "measure again, for longer or under load: drover diagnose --for 5m")]
    }
}
