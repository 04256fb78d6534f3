import Fleet

/// Does what a ``UnitPlan`` says: journals each step before it is done, and what came of it.
struct UnitRunner: Sendable {
    /// How a host is left.
    private enum End: Sendable {
        case done(HostName)
        case failed(RolloutError)
        case left(HostName)
    }

    /// How many hosts are worked on at the same time.
    private static let width = 10

    let releases: any ReleaseControl & UnitControl
    let traffic: any TrafficControl
    let policy: RolloutPolicy
    /// What is noted on hosts whose units are stopped.
    let note: @Sendable () -> UnitStop
    let record: RolloutRunner.Record
    let stop: StopSignal

    /// - Throws: ``RolloutError`` `.fenced`; what `record` throws.
    func run(_ plan: UnitPlan, _ run: RunID) async throws -> UnitReport {
        var report = UnitReport(action: plan.action, run: run)
        for (index, batch) in plan.batches.enumerated() {
            // A host that fails says something about the next one: others are not risked.
            if stop.wasRaised || (plan.action == .restart && !report.failed.isEmpty) {
                report.left += batch
                continue
            }
            let isCanary = plan.batches.count > 1 && index == 0 && policy.hasCanary
            _ = try await record(.batchOpened(batch, isCanary: isCanary))
            try await take(batch, plan, into: &report)
        }
        return report
    }

    private func take(_ batch: [HostName], _ plan: UnitPlan, into report: inout UnitReport) async throws {
        var waiting = batch
        while !waiting.isEmpty {
            let views = await traffic.observe()
            let now = stop.wasRaised ? [] : plan.next(of: waiting, views)
            if now.isEmpty || (plan.action == .restart && !report.failed.isEmpty) {
                if report.failed.isEmpty, !stop.wasRaised {
                    report.failed.append(blocked(waiting[0], views, plan))
                    waiting.removeFirst()
                }
                report.left += waiting
                return
            }
            let ends = try await forEachBounded(now, atOnce: Self.width) { host in try await work(on: host, plan) }
            for end in ends { note(end, in: &report) }
            waiting.removeAll(where: now.contains)
        }
    }

    private func note(_ end: End, in report: inout UnitReport) {
        switch end {
        case .done(let host): report.done.append(host)
        case .failed(let error): report.failed.append(error)
        case .left(let host): report.left.append(host)
        }
    }

    private func blocked(_ host: HostName, _ views: [BalancerView], _ plan: UnitPlan) -> RolloutError {
        let tier = plan.floors.keys.sorted().first { tier in
            plan.next(of: [host], PoolObservation(views.of(tier: tier)), plan.floors[tier] ?? 0).isEmpty
        }
        let seen = PoolObservation(views.of(tier: tier))
        let floor = tier.flatMap { plan.floors[$0] } ?? plan.floor
        return RolloutError(
            .blocked, host: host,
            "stays in service: \(seen.inService().count) are, and at least \(floor) must be without it",
            hints: ["see who is out: drover status"])
    }

    private func work(on host: HostName, _ plan: UnitPlan) async throws -> End {
        if stop.wasRaised { return .left(host) }
        for action in plan.steps(on: host) {
            _ = try await record(.intent(action))
            switch await Result(catching: { () async throws(RolloutError) in
                try await perform(action, plan.policies[host] ?? policy)
            }) {
            case .success(let note): _ = try await record(.done(action, note: note))
            case .failure(let error):
                if error.code == .fenced { throw error }
                // An interrupted step is in doubt, and stays so in the journal.
                try Task.checkCancellation()
                _ = try await record(.failed(action, error))
                return .failed(error)
            }
        }
        return .done(host)
    }

    private func perform(
        _ action: RolloutAction, _ policy: RolloutPolicy
    ) async throws(RolloutError) -> String? {
        switch action {
        case .drain(let host): return try await drain(host, policy)
        case .units(.restart, let host): try await releases.restart(host)
        case .units(.stop, let host): try await releases.stop(host, note())
        case .units(.start, let host): try await releases.start(host)
        case .check(let host, let release): return try await releases.check(release, on: host, patience: policy.health)
        case .admit(let host): try await admit(host, policy)
        case .observe, .deliver, .activate, .count, .judge, .confirm, .hook: break
        }
        return nil
    }

    private func drain(_ host: HostName, _ policy: RolloutPolicy) async throws(RolloutError) -> String? {
        do throws(TrafficError) {
            let cut = try await traffic.drain(host, patience: policy.drain)
            return cut == 0 ? nil : "\(cut) sessions were still open"
        } catch {
            throw RolloutError(error, host: host)
        }
    }

    private func admit(_ host: HostName, _ policy: RolloutPolicy) async throws(RolloutError) {
        guard let member = traffic.pool.members.first(where: { $0.host == host }) else { return }
        do throws(TrafficError) {
            try await traffic.admit(member, patience: policy.health)
        } catch {
            throw RolloutError(error, host: host)
        }
    }
}
