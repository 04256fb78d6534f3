public import Fleet

/// One thing that has to be done so that a stage's members run its build and get traffic.
public enum FleetChange: Hashable, Sendable {
    /// The host left the inventory: drain it and take it out of every balancer.
    case remove(HostName)
    /// A balancer's settings or file are not the pool's.
    case establish(balancers: [HostName])
    /// The host lacks the stage's build, `running` something else.
    case deploy(HostName, ReleaseID, running: ReleaseID?)
    /// The host runs the build and does not get its traffic everywhere.
    case admit(HostName)

    /// The host it is about; `nil` when it is about balancers.
    public var host: HostName? {
        switch self {
        case .remove(let host), .deploy(let host, _, _), .admit(let host): host
        case .establish: nil
        }
    }
}

extension FleetChange {
    fileprivate var isRetirement: Bool {
        if case .remove = self { true } else { false }
    }
}

extension FleetChange: CustomStringConvertible {
    /// For people, without the host's name.
    public var description: String {
        switch self {
        case .remove: "drain, then remove from the pool: no longer in the inventory"
        case .establish(let balancers):
            "establish the pool on \(balancers.map(\.description).joined(separator: ", "))"
        case .deploy(_, let release, let running):
            "deploy release \(release) (\(running.map { "runs \($0)" } ?? "runs none")), then admit once healthy"
        case .admit: "admit to the pool once healthy"
        }
    }
}

/// What has to be done, and what cannot be.
public struct FleetPlan: Hashable, Sendable {
    /// The changes, in the order in which they are made.
    public var changes: [FleetChange]
    /// Hosts that did not answer and are left alone, with the reason.
    public var unreachable: [RolloutFault]
    /// Balancers that did not answer, with the reason. Nothing is changed while there are any.
    public var silentBalancers: [HostName: String]

    /// Whether the stage is as it should be.
    public var isConverged: Bool { changes.isEmpty && unreachable.isEmpty && silentBalancers.isEmpty }

    /// Only what takes hosts out that left the inventory; nothing while some balancer cannot be asked.
    public var retirement: FleetPlan {
        FleetPlan(changes: silentBalancers.isEmpty ? changes.filter { $0.isRetirement } : [])
    }

    /// A plan.
    public init(
        changes: [FleetChange] = [], unreachable: [RolloutFault] = [], silentBalancers: [HostName: String] = [:]
    ) {
        self.changes = changes
        self.unreachable = unreachable
        self.silentBalancers = silentBalancers
    }
}

/// Decides what a stage lacks. Reads no clock, does no I/O.
public enum FleetPlanner {
    /// - Parameters:
    ///   - build: What the stage should run; `nil` before its first rollout, when no host can be admitted.
    ///   - sight: What hosts and balancers answered.
    public static func plan(_ pool: Pool, build: ReleaseID?, sight: FleetSight) -> FleetPlan {
        var plan = FleetPlan()
        for view in sight.balancers { plan.silentBalancers[view.balancer] = view.fault }
        let membership = pool.changes(from: sight.balancers)
        // A host that is gone must not cost a request: it leaves before anything else is done.
        plan.changes = membership.leaving.map { .remove($0) }
        let unestablished = pool.differences(from: sight.balancers).filter { $0.kind == .settings }.map(\.balancer)
        if !unestablished.isEmpty { plan.changes.append(.establish(balancers: unestablished)) }
        let joining = Set(membership.joining.map(\.host))
        for member in pool.members {
            switch sight.hosts[member.host] {
            case .answered(let survey):
                guard let build else { break }
                if survey.release != build {
                    plan.changes.append(.deploy(member.host, build, running: survey.release))
                } else if joining.contains(member.host) {
                    plan.changes.append(.admit(member.host))
                }
            case .silent(let fault): plan.unreachable.append(fault)
            case nil: break
            }
        }
        return plan
    }
}
