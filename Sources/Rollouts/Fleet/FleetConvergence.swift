public import Fleet
import OrderedCollections

/// Makes a stage's members run its build and get traffic: what `drover apply` does after the playbook.
public struct FleetConvergence: Sendable {
    /// What became of a convergence.
    public struct Report: Hashable, Sendable {
        /// Changes that were made.
        public var done: [FleetChange]
        /// What could not be, host by host.
        public var faults: [RolloutFault]

        /// Whether everything planned was done.
        public var isComplete: Bool { faults.isEmpty }
    }

    /// Hears what is about to be done.
    public typealias Listener = @Sendable (FleetChange) async -> Void

    private let stage: String
    private let releases: any ReleaseControl
    private let traffic: any TrafficControl
    private let policy: RolloutPolicy

    /// A convergence of `stage`.
    public init(
        stage: String, releases: any ReleaseControl, traffic: any TrafficControl, policy: RolloutPolicy
    ) {
        self.stage = stage
        self.releases = releases
        self.traffic = traffic
        self.policy = policy
    }

    /// Asks hosts and balancers, and says what has to be done. Changes nothing.
    public func plan(build: BuildDigest?) async -> FleetPlan {
        let sight = await FleetSight.take(of: traffic.pool, releases: releases, traffic: traffic)
        return FleetPlanner.plan(traffic.pool, build: build?.release, sight: sight)
    }

    /// Makes the changes of `plan`. Call it under the stage's lease.
    ///
    /// - Parameter record: Makes each event of bringing the build to hosts durable.
    /// - Throws: ``TrafficError`` when balancers cannot be changed; what `record` throws; ``RolloutFault`` `.fenced`.
    public func apply(
        _ plan: FleetPlan, build: BuildDigest?, record: @escaping RolloutRunner.Record,
        stop: StopSignal = StopSignal(), listener: Listener = { _ in }
    ) async throws -> Report {
        var report = Report(done: [], faults: [])
        for (balancer, reason) in plan.silentBalancers.sorted(by: { $0.key < $1.key }) {
            throw TrafficError(
                .unreachable, balancer: balancer, reason,
                hints: [
                    "no traffic is moved while a balancer cannot be asked; mend it, or take it out of the inventory"
                ])
        }
        for change in plan.changes {
            switch change {
            case .remove(let host):
                await listener(change)
                _ = try await traffic.drain(host, patience: policy.drain)
                try await traffic.remove(host)
                report.done.append(change)
            case .establish:
                await listener(change)
                try await traffic.establish()
                report.done.append(change)
            case .deploy, .admit: break
            }
        }
        let hosts = plan.changes.filter { $0.isAboutMembers }
        guard let build, !hosts.isEmpty else { return report }
        for change in hosts { await listener(change) }
        try await bring(build, to: hosts, record, stop, into: &report)
        return report
    }

    /// Hosts go straight to the build, as many at once as the pool can spare, each admitted once it is healthy.
    private func bring(
        _ build: BuildDigest, to changes: [FleetChange], _ record: @escaping RolloutRunner.Record, _ stop: StopSignal,
        into report: inout Report
    ) async throws {
        let plan = RolloutPlan(
            stage: stage, kind: .convergence, build: build, hosts: changes.compactMap(\.host), policy: policy)
        var state = RolloutState(plan)
        state.apply(try await record(.started(plan)))
        let runner = RolloutRunner(
            releases: releases, traffic: traffic, judge: { _ in GateReport() }, record: record, stop: stop)
        let end = try await runner.run(from: state)
        for change in changes {
            guard let host = change.host, let progress = end.hosts[host] else { continue }
            if let fault = progress.fault { report.faults.append(fault) } else { report.done.append(change) }
        }
    }
}

extension FleetChange {
    /// Whether it brings the build or traffic to a member.
    fileprivate var isAboutMembers: Bool {
        switch self {
        case .deploy, .admit: true
        case .remove, .establish: false
        }
    }
}
