public import Fleet
import Synchronization

/// How far an apply that failed or was stopped has brought a stage's pool and build, as hosts and balancers say.
public struct ApplyRemainder: Hashable, Sendable {
    /// Members and hosts that left for which nothing is left to be done.
    public var done: [HostName]
    /// Those for which something was done, and not all.
    public var halfDone: [HostName]
    /// Those for which nothing was done yet.
    public var untouched: [HostName]
    /// Those that do not answer.
    public var silent: [HostName]
    /// Members that some balancer does not send traffic.
    public var out: [HostName]
    /// What is left to be done.
    public var owed: [FleetChange]

    /// - Parameters:
    ///   - planned: What was to be done; nothing where it did not come to that.
    ///   - before: Members that were in service then.
    ///   - now: What would be done now.
    ///   - serving: Members that are in service now.
    init(
        _ planned: [FleetChange], _ before: Set<HostName>, now: FleetPlan, _ members: [HostName],
        _ serving: Set<HostName>
    ) {
        silent = now.unreachable.map(\.host)
        owed = now.changes
        out = members.filter { !serving.contains($0) }
        let concerned = Set(members + (planned + owed).compactMap(\.host)).subtracting(silent).sorted()
        (done, halfDone, untouched) = ([], [], [])
        for host in concerned {
            let left = owed.filter { $0.host == host }
            let isDrained = before.contains(host) && !serving.contains(host)
            let isBegun = planned.contains { $0.host == host } && left != planned.filter { $0.host == host }
            if left.isEmpty {
                done.append(host)
            } else if isBegun || isDrained {
                halfDone.append(host)
            } else {
                untouched.append(host)
            }
        }
    }
}

/// What an apply has set out to do, for whoever has to tell how far it came.
final class ApplyLog: Sendable {
    struct Begun {
        var planned: [FleetChange] = []
        /// Members in service before anything was done.
        var serving: Set<HostName>?
        /// Whether anything may have been changed.
        var isBegun = false
    }

    private let inside = Mutex(Begun())

    var begun: Begun { inside.withLock { $0 } }

    func begin(_ planned: [FleetChange], serving: Set<HostName>) {
        inside.withLock { begun in
            begun.isBegun = true
            begun.planned += planned
            begun.serving = begun.serving ?? serving
        }
    }
}

extension StageConvergence {
    /// Members that every balancer sends traffic.
    func serving(_ traffic: any TrafficControl) async -> Set<HostName> {
        let views = await traffic.observe()
        return Set(traffic.pool.members.map(\.host).filter(views.isServing))
    }
}
