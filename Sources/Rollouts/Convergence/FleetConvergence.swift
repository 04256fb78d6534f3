public import Fleet
import OrderedCollections

/// Makes a stage's members run its build and get traffic: what `drover apply` does beside the playbooks.
public struct FleetConvergence: Sendable {
    /// What became of a convergence.
    public struct Report: Hashable, Sendable {
        /// Changes that were made.
        public var done: [FleetChange]
        /// What could not be, host by host.
        public var faults: [RolloutError]
        /// Hosts that left the pool and may still run the service's units, with the reason.
        public var unretired: [RolloutError] = []
        /// What went wrong on hosts that left, and was gone on in spite of.
        public var remarks: [RolloutError] = []
        /// Whether somebody wished to stop, and something is left to do.
        public var wasStopped = false

        /// Whether everything planned was done, but for hosts that left and could not be asked.
        public var isComplete: Bool {
            faults.isEmpty && !wasStopped && unretired.allSatisfy { $0.code == .unreachable }
        }
    }

    /// Hears what is about to be done.
    public typealias Listener = @Sendable (FleetChange) async -> Void

    private let stage: String
    private let releases: any ReleaseControl & UnitControl
    private let traffic: any TrafficControl
    private let terms: FleetTerms

    private var policy: RolloutPolicy { terms.policy }

    /// A convergence of `stage`.
    public init(
        stage: String, releases: any ReleaseControl & UnitControl, traffic: any TrafficControl, terms: FleetTerms
    ) {
        self.stage = stage
        self.releases = releases
        self.traffic = traffic
        self.terms = terms
    }

    /// Asks hosts and balancers, and says what has to be done. Changes nothing.
    public func plan(build: BuildDigest?) async -> FleetPlan {
        let sight = await FleetObservation.take(
            of: traffic.pool, releases: releases, traffic: traffic, isMeasured: policy.capacity != nil)
        return FleetPlanner.plan(traffic.pool, build: build?.release, sight: sight, terms: terms)
    }

    /// As ``plan(build:)``, with what each balancer would be told.
    public func rehearse(build: BuildDigest?) async -> FleetPlan {
        var plan = await plan(build: build)
        let steps = plan.changes.compactMap { $0.step(in: traffic.pool) }
        if !steps.isEmpty { plan.rehearsals = await traffic.rehearse(steps) }
        return plan
    }

    /// Says which hosts leave before anything else is done, asking hosts only where it depends on them.
    public func planDepartures(build: BuildDigest?) async -> FleetPlan {
        let sight = FleetObservation(hosts: [:], balancers: await traffic.observe())
        let plan = FleetPlanner.plan(traffic.pool, build: nil, sight: sight, terms: terms)
        // How busy those are that stay has to be asked of them.
        let isMeasured = policy.capacity != nil && plan.balance?.leaving.isEmpty == false
        return plan.shortage == nil && !isMeasured ? plan : await self.plan(build: build)
    }

    /// Makes the changes of `plan`. Call it under the stage's lease.
    ///
    /// - Parameter record: Makes each event of bringing the build to hosts durable.
    /// - Throws: ``FleetShortage``; ``TrafficError`` when balancers cannot be changed; what `record` throws;
    ///   ``RolloutError`` `.fenced`.
    public func apply(
        _ plan: FleetPlan, build: BuildDigest?, record: @escaping RolloutRunner.Record,
        stop: StopSignal = StopSignal(), listener: Listener = { _ in }
    ) async throws -> Report {
        if let shortage = plan.shortage { throw shortage }
        var report = Report(done: [], faults: [])
        for (balancer, reason) in plan.silentBalancers.sorted(by: { $0.key < $1.key }) {
            throw TrafficError(
                .unreachable, balancer: balancer, reason,
                hints: [
                    "no traffic is moved while a balancer cannot be asked; mend it, or go on without it: "
                        + "drover apply \(stage) --without \(balancer) \"REASON\""
                ])
        }
        var changes = plan.changes[...]
        while let change = changes.first {
            if stop.wasRaised {
                report.wasStopped = true
                break
            }
            let batch = changes.prefix(while: \.isRollout)
            if batch.isEmpty {
                await listener(change)
                try await make(change, of: plan, into: &report)
                changes.removeFirst()
            } else {
                changes.removeFirst(batch.count)
                try await bring(build, to: Array(batch), record, stop, listener, into: &report)
            }
        }
        return report
    }

    private func make(_ change: FleetChange, of plan: FleetPlan, into report: inout Report) async throws {
        switch change {
        case .remove(let host):
            if let fault = await reasonToStay(host, plan) { return report.faults.append(fault) }
            let traffic = (self.traffic as? TierTraffic)?.left(by: host) ?? self.traffic
            _ = try await traffic.drain(host, patience: policy.drain)
            try await traffic.remove(host)
        case .retire(let host, _, _):
            // One that was not taken out of the pool goes on working.
            if report.faults.contains(where: { $0.host == host }) { return }
            do throws(RolloutError) {
                if let remark = try await prepareToLeave(host) { report.remarks.append(remark) }
                try await releases.retire(host)
            } catch { return report.unretired.append(error) }
        case .establish: try await traffic.establish()
        case .rename(let old, let host):
            if let fault = try await rename(old, to: host) { return report.faults.append(fault) }
        case .start(let host, _):
            do throws(RolloutError) { try await releases.start(host) } catch {
                if error.code == .fenced { throw error }
                return report.faults.append(error)
            }
        case .deploy, .admit: return
        }
        report.done.append(change)
    }

    /// Balancers are asked before each host that leaves: others may have failed meanwhile.
    private func reasonToStay(_ host: HostName, _ plan: FleetPlan) async -> RolloutError? {
        let views = await traffic.observe()
        // Tiers that it stays in lose nothing.
        let left = terms.tiers.filter { !$0.has(host) }.map { (Optional($0.name), plan.floors[$0.name] ?? 0) }
        let floors = terms.tiers.isEmpty ? [(nil, plan.floor)] : left
        for (tier, floor) in floors {
            let seen = PoolObservation(views.of(tier: tier))
            let (now, then) = (seen.inService().count, seen.inService(without: host).count)
            guard then < now, then < floor else { continue }
            return RolloutError(
                .blocked, host: host,
                "stays in the pool: \(now) in service, 1 leaves, and at least \(floor) must stay",
                hints: ["mend the others and apply again, or let it leave all the same: --allow-below"])
        }
        return await strain(without: host, views)
    }

    private func strain(without host: HostName, _ views: [BalancerView]) async -> RolloutError? {
        guard !terms.allowsBelow, let capacity = policy.capacity else { return nil }
        let seen = PoolObservation(views)
        let leaving = seen.inService().count - seen.inService(without: host).count
        let load = PoolLoad(views, await FleetObservation.loads(of: traffic.pool, views, releases))
        guard let strain = CapacityStrain(load, leaving: leaving, limit: capacity) else { return nil }
        return RolloutError(
            .blocked, host: host, "stays in the pool: \(strain.message)",
            hints: ["apply again when there is less to do, or let it leave all the same: --allow-below"])
    }

    /// Runs what is to be run on a host before it leaves.
    /// - Returns: What went wrong, where that is gone on in spite of.
    private func prepareToLeave(_ host: HostName) async throws(RolloutError) -> RolloutError? {
        do throws(RolloutError) {
            try await releases.prepareToLeave(host, terms.retirement)
            return nil
        } catch {
            guard error.code == .command, terms.retirement.onFailure == .goOn else { throw error }
            return error
        }
    }

    private func rename(_ old: HostName, to host: HostName) async throws -> RolloutError? {
        guard let member = traffic.pool.members.first(where: { $0.host == host }) else { return nil }
        do throws(TrafficError) {
            try await traffic.rename(old, to: member, patience: policy.health)
            return nil
        } catch {
            guard error.code == .unhealthy else { throw error }
            return RolloutError(error, host: host)
        }
    }

    // MARK: members

    /// Hosts go straight to the build, as many at once as the pool can spare, each admitted once it is healthy.
    private func bring(
        _ build: BuildDigest?, to changes: [FleetChange], _ record: @escaping RolloutRunner.Record, _ stop: StopSignal,
        _ listener: Listener, into report: inout Report
    ) async throws {
        // A host whose units do not stay up is not admitted.
        let failed = Set(report.faults.map(\.host))
        let changes = changes.filter { change in change.host.map { !failed.contains($0) } ?? false }
        guard let build, !changes.isEmpty else { return }
        for change in changes { await listener(change) }
        for host in changes.compactMap(\.host) {
            // One that cannot be talked to is found out by the runner.
            try? await releases.rejoin(host)
        }
        var plan = RolloutPlan(
            stage: stage, kind: .convergence, build: build, hosts: changes.compactMap(\.host), policy: policy,
            members: traffic.pool.members.count)
        plan.buildName = terms.buildName
        plan.tiers = terms.tiers.isEmpty ? nil : terms.tiers.map { TierPlan($0, $0.policy) }
        var state = RolloutState(plan)
        state.apply(try await record(.started(plan)))
        let runner = RolloutRunner(
            releases: releases, traffic: traffic, record: record, stop: stop)
        let end = try await runner.run(from: state)
        for change in changes {
            guard let host = change.host, let progress = end.hosts[host] else { continue }
            if let fault = progress.fault {
                report.faults.append(fault)
            } else if progress.phase == .settled {
                report.done.append(change)
            } else {
                report.wasStopped = true
            }
        }
    }
}
