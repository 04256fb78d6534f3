import Fleet

/// What is to be done to the units of some of a stage's members, in order.
struct UnitPlan: Hashable, Sendable {
    let action: UnitAction
    /// Hosts that are taken together, as far as the minimum allows.
    var batches: [[HostName]]
    /// What each host runs.
    var releases: [HostName: ReleaseID]
    /// Hosts that somebody has taken out of rotation by hand, which stay out.
    var keptOut: Set<HostName> = []
    /// Hosts that somebody stopped, which stay so.
    var stopped: [HostName: UnitStop] = [:]
    /// How many must be in service after each host that leaves rotation.
    var floor: Int
    /// The same by tier, where there are several.
    var floors: [String: Int] = [:]
    /// How carefully hosts are worked on whose tier says otherwise than the stage.
    var policies: [HostName: RolloutPolicy] = [:]

    /// What is done to a host, one thing after the other.
    func steps(on host: HostName) -> [RolloutAction] {
        guard action != .stop else { return [.drain(host), .units(.stop, host)] }
        let check: [RolloutAction] = releases[host].map { [.check(host, $0)] } ?? []
        if keptOut.contains(host) { return [.units(action, host)] + check }
        let leaving: [RolloutAction] = action == .restart ? [.drain(host)] : []
        return leaving + [.units(action, host)] + check + [.admit(host)]
    }

    /// Those of `waiting` that may be taken now: whoever serves no request costs none.
    func next(of waiting: [HostName], _ views: [BalancerView]) -> [HostName] {
        if !floors.isEmpty {
            // A host of several tiers is taken once each of them can spare it.
            return floors.reduce(waiting) { next(of: $0, PoolObservation(views.of(tier: $1.key)), $1.value) }
        }
        return next(of: waiting, PoolObservation(views))
    }

    func next(of waiting: [HostName], _ seen: PoolObservation) -> [HostName] { next(of: waiting, seen, floor) }

    func next(of waiting: [HostName], _ seen: PoolObservation, _ floor: Int) -> [HostName] {
        guard action == .restart else { return waiting }
        let now = seen.inService().count
        var spare = now - floor
        return waiting.filter { host in
            if seen.inService(without: host).count == now { return true }
            spare -= 1
            return spare >= 0
        }
    }
}

/// Decides in which order units are restarted, stopped or started, and refuses what would cost the service its minimum. Reads
/// no clock, does no I/O.
struct UnitPlanner: Sendable {
    let stage: String
    let pool: Pool
    let policy: RolloutPolicy
    /// Whether `stop` may leave fewer members in service than the minimum.
    var allowsBelow = false
    /// What members should run; `nil` before the stage's first rollout.
    var build: ReleaseID?

    /// - Parameter hosts: Members, in the inventory's order.
    /// - Throws: ``StageError`` when a host does not answer or has nothing to run, or the minimum forbids it.
    func plan(_ action: UnitAction, _ hosts: [HostName], sight: FleetObservation) throws(StageError) -> UnitPlan {
        let releases = try releases(hosts, sight, for: action)
        let seen = PoolObservation(sight.balancers)
        var plan = UnitPlan(
            action: action, batches: [hosts], releases: releases, floor: policy.floor(of: pool.members.count))
        switch action {
        case .start:
            try refuseOthers(releases, seen)
            plan.keptOut = Set(hosts.filter { sight.balancers.keepOut($0) })
        case .stop: try refuseShortage(hosts, seen, plan.floor, sight.load)
        case .restart: try spread(hosts, sight, seen, &plan)
        }
        return plan
    }

    private func spread(
        _ hosts: [HostName], _ sight: FleetObservation, _ seen: PoolObservation, _ plan: inout UnitPlan
    ) throws(StageError) {
        plan.stopped = sight.stopped.filter { hosts.contains($0.key) }
        let hosts = hosts.filter { plan.stopped[$0] == nil }
        if hosts.isEmpty { throw .onlyStopped(stage, plan.stopped) }
        plan.keptOut = Set(hosts.filter { sight.balancers.keepOut($0) })
        plan.batches = batches(hosts, seen)
        let now = seen.inService().count
        if let capacity = policy.capacity { plan.floor = max(plan.floor, sight.load.needed(limit: capacity)) }
        guard plan.next(of: hosts, seen).isEmpty else { return }
        if let strain = CapacityStrain(sight.load, leaving: 1, limit: policy.capacity) {
            throw .strained(stage, strain)
        }
        throw .nothingToSpare(stage, now: now, floor: plan.floor)
    }

    /// Two builds would be in service.
    private func refuseOthers(_ releases: [HostName: ReleaseID], _ seen: PoolObservation) throws(StageError) {
        guard let build else { return }
        let others = releases.filter { $0.value != build && !seen.isServing($0.key) }
        if !others.isEmpty { throw .otherRelease(stage, others, build) }
    }

    /// As a rollout's: hosts that serve nothing come first, a canary, and then batch after batch.
    private func batches(_ hosts: [HostName], _ seen: PoolObservation) -> [[HostName]] {
        let ordered = hosts.filter { !seen.isInRotation($0) } + hosts.filter(seen.isInRotation)
        let size = BatchSize.hosts(policy.batch.count(of: pool.members.count))
        return BatchSize.split(ordered, sizes: policy.hasCanary ? [policy.canary, size] : [size])
    }

    private func releases(
        _ hosts: [HostName], _ sight: FleetObservation, for action: UnitAction
    ) throws(StageError) -> [HostName: ReleaseID] {
        var releases: [HostName: ReleaseID] = [:]
        var silent: [RolloutError] = []
        for host in hosts {
            switch sight.hosts[host] {
            case .answered(let survey): releases[host] = survey.release
            case .silent(let error): silent.append(error)
            case nil: break
            }
        }
        if !silent.isEmpty { throw .silentHosts(stage, silent, action) }
        let bare = hosts.filter { releases[$0] == nil }
        if action != .stop, !bare.isEmpty { throw .noRelease(stage, bare) }
        return releases
    }

    private func refuseShortage(
        _ hosts: [HostName], _ seen: PoolObservation, _ floor: Int, _ load: PoolLoad
    ) throws(StageError) {
        let leaving = Set(pool.members.filter { hosts.contains($0.host) }.map(Machine.init))
        let now = seen.inService()
        let left = now.subtracting(leaving).count
        guard !allowsBelow, left < now.count else { return }
        if left < floor { throw .tooFewLeft(stage, hosts, now: now.count, left: left, floor: floor) }
        if let strain = CapacityStrain(load, leaving: now.count - left, limit: policy.capacity) {
            throw .strained(stage, strain, hint: "stop fewer, or these all the same: --allow-below")
        }
    }
}

extension StageError {
    static func silentHosts(_ stage: String, _ silent: [RolloutError], _ action: UnitAction) -> Self {
        let reasons = silent.prefix(5).map { "\($0.host) does not answer: \($0.message)" }.joined(separator: "; ")
        let more = silent.count > 5 ? "; nor do \(silent.count - 5) more" : ""
        let others = "all" + silent.prefix(5).map { ":!\($0.host)" }.joined()
        return Self(
            .silentHosts, stage: stage, reasons + more,
            hints: [
                "nothing was touched; see why: drover doctor --stage \(stage)",
                "or go on with the others: drover \(action.rawValue) \(stage) '\(others)'",
            ])
    }

    static func noRelease(_ stage: String, _ hosts: [HostName]) -> Self {
        Self(
            .noRelease, stage: stage, "\(names(hosts)): no release to run",
            hints: ["nothing was touched; the stage's build is brought by: drover apply \(stage)"])
    }

    /// Nobody is left whose units could be restarted.
    static func onlyStopped(_ stage: String, _ stopped: [HostName: UnitStop]) -> Self {
        let hosts = stopped.keys.sorted()
        let by = Set(stopped.values.map(\.by)).sorted().prefix(3).joined(separator: ", ")
        return Self(
            .stopped, stage: stage, "\(names(hosts)): stopped by \(by)",
            hints: ["nothing was touched; start them: drover start \(stage) \(pattern(hosts))"])
    }

    /// Nobody is left who could be brought a build.
    static func allStopped(_ stage: String) -> Self {
        Self(
            .stopped, stage: stage, "every member was stopped by hand",
            hints: ["nothing was touched; start those that are to serve: drover start \(stage) HOST"])
    }

    static func otherRelease(_ stage: String, _ others: [HostName: ReleaseID], _ build: ReleaseID) -> Self {
        let named = others.sorted { $0.key < $1.key }.prefix(10).map { "\($0.key) runs \($0.value)" }
        return Self(
            .otherRelease, stage: stage,
            "\(named.joined(separator: ", ")), not the stage's build \(build)",
            hints: ["nothing was touched; the build is brought, and the host admitted, by: drover apply \(stage)"])
    }

    /// What commands take for these hosts.
    static func pattern(_ hosts: [HostName]) -> String {
        hosts.count > 5 ? "HOST" : hosts.map(\.description).joined(separator: ",")
    }

    static func nothingToSpare(_ stage: String, now: Int, floor: Int) -> Self {
        Self(
            .belowMinimum, stage: stage, "\(now) in service, and at least \(floor) must stay: none can be restarted",
            hints: [
                "nothing was touched; see who is out, and bring them back first: drover status \(stage)",
                "or let fewer stay meanwhile: --minimum N",
            ])
    }

    /// Those that stay could not carry what there is to do.
    static func strained(
        _ stage: String, _ strain: CapacityStrain,
        hint: String = "wait until there is less to do, or let so few stay meanwhile: --minimum N"
    ) -> Self {
        Self(.belowMinimum, stage: stage, strain.message, hints: ["nothing was touched; \(hint)"])
    }

    static func tooFewLeft(_ stage: String, _ hosts: [HostName], now: Int, left: Int, floor: Int) -> Self {
        Self(
            .belowMinimum, stage: stage,
            "\(now) in service; without \(names(hosts)) \(left) would be left, and at least \(floor) must stay",
            hints: ["nothing was touched; stop fewer, or these all the same: --allow-below"])
    }

    private static func names(_ hosts: [HostName]) -> String {
        let named = hosts.prefix(10).map(\.description).joined(separator: ", ")
        return hosts.count > 10 ? "\(named) and \(hosts.count - 10) more" : named
    }
}
