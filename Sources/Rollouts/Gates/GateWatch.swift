public import Fleet
import OrderedCollections
import Synchronization

/// A batch that gates watch, and the hosts that it is compared with.
public struct GateWatch: Sendable {
    /// Hosts that just got the build.
    public var hosts: [HostName]
    /// Hosts in service with another release.
    public var rest: [HostName]
    /// The batch's number, from 0.
    public var batch: Int
    /// Whether balancers send the batch requests.
    public var isBalanced = true
    /// Whether any host had another release when the rollout began: a stage's first has nothing to be compared with.
    public var hasForerunner: Bool
    /// What gates found of the batches before.
    public var earlier: [GateReport]
    /// What balancers have counted since the batch was admitted.
    let traffic: TrafficLog

    /// A watch over `hosts`.
    public init(
        _ hosts: [HostName], rest: [HostName] = [], batch: Int = 0, hasForerunner: Bool = false,
        earlier: [GateReport] = []
    ) {
        self.hosts = hosts
        self.rest = rest
        self.batch = batch
        self.hasForerunner = hasForerunner
        self.earlier = earlier
        traffic = TrafficLog()
    }

    /// What the gate of this name recorded of hosts with another release, the last time that there were some.
    func recordedRest(of gate: String) -> GateFigures.Sample? {
        for report in earlier.reversed() {
            let figures = report.findings.first { $0.gate == gate }?.figures
            if let rest = figures?.rest, rest.requests > 0 { return rest }
        }
        return nil
    }
}

/// Adds up what balancers answer while a batch is watched.
final class TrafficLog: Sendable {
    private struct Inside {
        var tally = TrafficTally()
        var silent: Set<HostName> = []
    }
    private let inside = Mutex(Inside())

    /// Takes in what balancers answer.
    /// - Parameter silent: Hosts that do not answer: what failed with them is not the build's fault.
    func take(_ views: [BalancerView], silent: Set<HostName> = []) {
        inside.withLock { inside in
            inside.tally.take(views)
            inside.silent = silent
        }
    }

    /// What was counted, and the hosts that do not answer just now.
    var counted: (tally: TrafficTally, silent: Set<HostName>) { inside.withLock { ($0.tally, $0.silent) } }
}

extension RolloutState {
    /// The watch over these hosts of a batch. What it is compared with is of the same tier: another one does other work.
    func watch(over members: [HostName], _ batch: Int) -> GateWatch {
        let target = plan.build.release
        let tiers = Set(members.flatMap(tiers(of:)))
        func isAlike(_ host: HostName) -> Bool { !tiers.isDisjoint(with: self.tiers(of: host)) }
        let rest = hosts.filter { host, progress in
            guard !members.contains(host), isAlike(host), progress.fault == nil, progress.isServing else {
                return false
            }
            return progress.current.map { $0 != target } ?? false
        }
        let hasForerunner = hosts.contains { host, progress in
            isAlike(host) && (progress.found?.release.map { $0 != target } ?? false)
        }
        var watch = GateWatch(
            members, rest: rest.map(\.key), batch: batch, hasForerunner: hasForerunner,
            earlier: batches.prefix(batch).filter { $0.hosts.contains(where: isAlike) }.compactMap(\.report))
        watch.isBalanced = members.contains(where: plan.isBalanced)
        return watch
    }
}
