public import Fleet

/// How something is done by hand.
public struct HandTerms: Hashable, Sendable {
    /// Why, for whoever wonders later.
    public var reason: String?
    /// How long sessions may take to end, and checks to pass.
    public var patience: Duration
    /// Whether fewer members may stay in service than the stage's minimum.
    public var allowsBelow: Bool

    /// Terms.
    public init(reason: String? = nil, patience: Duration, allowsBelow: Bool = false) {
        self.reason = reason
        self.patience = patience
        self.allowsBelow = allowsBelow
    }
}

extension StageSession {
    /// Takes members of the stage's pool out of rotation, lets them in, or weighs them, under its lease.
    ///
    /// What is taken out stays out until it is let in, whatever is rolled out or applied meanwhile.
    /// - Throws: ``StageError`` before anything is touched: where the minimum forbids it, for members that may not serve, and
    ///   for letting in while a rollout is unfinished; ``TrafficError`` for a silent balancer; ``JournalError``.
    public func handle(_ action: HandAction, on hosts: [HostName], _ terms: HandTerms) async throws -> HandReport {
        try await changing(action.runKind.description) { lease in
            if case .letIn = action { try await refuseUnfinished() }
            try await supersedeUnfinished()
            let (site, traffic) = try await rolloutTraffic(under: lease)
            try await review(action, hosts, terms, site, traffic)
            try await journal.expectRoom()
            return try await perform(action, on: hosts, terms, traffic, lease)
        }
    }

    private func review(
        _ action: HandAction, _ hosts: [HostName], _ terms: HandTerms, _ site: StageSite, _ traffic: any TrafficControl
    ) async throws {
        switch action {
        case .weigh: return
        case .drain, .maintenance:
            guard !terms.allowsBelow else { return }
            let floor = site.stage.rollout.floor(of: site.pool.members.count)
            let seen = PoolObservation(await traffic.observe())
            try HandPlanner.refuseShortage(name, site.pool, hosts, seen, floor)
        case .letIn:
            let seen = await FleetObservation.take(
                of: site.pool, releases: releases(site, token: 0), traffic: traffic)
            try HandPlanner.refuseUnfit(name, hosts, seen, build: try await currentBuild()?.release)
        }
    }

    private func perform(
        _ action: HandAction, on hosts: [HostName], _ terms: HandTerms, _ traffic: any TrafficControl, _ lease: Lease
    ) async throws -> HandReport {
        let run = try await journal.begin(
            NewRun(action.runKind, stage: name, holder: controller.name), under: lease, at: controller.now()
        ).id
        let ledger = HandLedger(
            journal: journal, run: run, lease: lease, now: controller.now, mask: drivers.mask)
        do {
            let ends = try await forEachBounded(hosts, atOnce: 10) { host in
                try await perform(action, on: host, terms, traffic, ledger)
            }
            var report = HandReport(action: action, run: run)
            for (host, end) in zip(hosts, ends) {
                switch end {
                case .success(let open):
                    report.done.append(host)
                    report.open[host] = open > 0 ? open : nil
                case .failure(let error): report.failed.append(error)
                }
            }
            try await journal.finish(run, report.isComplete ? .succeeded : .failed, at: controller.now())
            await noteRecord(under: lease)
            return report
        } catch {
            // The first error is the one to tell; whoever changes the stage next closes the run.
            try? await journal.finish(run, .failed, at: controller.now())
            throw error
        }
    }

    private func perform(
        _ action: HandAction, on host: HostName, _ terms: HandTerms, _ traffic: any TrafficControl,
        _ ledger: HandLedger
    ) async throws -> Result<Int, RolloutError> {
        var entry = HandEntry(.begun, host)
        entry.reason = terms.reason
        if case .weigh(let weight) = action { entry.weight = weight }
        try await ledger.record(entry)
        let end = await Result { () async throws(TrafficError) in try await act(action, on: host, terms, traffic) }
        switch end {
        case .success(let open):
            entry.step = .done
            entry.open = open > 0 ? open : nil
        case .failure(let error):
            if error.code == .fenced { throw RolloutError(error, host: host) }
            entry.step = .failed
            entry.message = error.message
        }
        try await ledger.record(entry)
        return end.mapError { RolloutError($0, host: host) }
    }

    private func act(
        _ action: HandAction, on host: HostName, _ terms: HandTerms, _ traffic: any TrafficControl
    ) async throws(TrafficError) -> Int {
        switch action {
        case .drain, .maintenance:
            let note = KeptOut(
                by: controller.name, since: controller.now(), reason: terms.reason.map(drivers.mask),
                isMaintenance: action == .maintenance)
            return try await traffic.keepOut(host, note, patience: terms.patience)
        case .letIn:
            guard let member = traffic.pool.members.first(where: { $0.host == host }) else { return 0 }
            try await traffic.letIn(member, patience: terms.patience)
        case .weigh(let weight): try await traffic.weigh(host, weight)
        }
        return 0
    }
}
