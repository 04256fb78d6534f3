import Fleet
import OrderedCollections

extension RolloutState {
    /// Whether what members have to do decides how many may leave rotation. Going back from a build that failed waits for
    /// nothing.
    var isBoundByLoad: Bool {
        plan.policy.capacity != nil && (!isGoingBack || plan.kind == .convergence)
    }

    /// How many hosts must stay in service: as many as the policy says, and as the load that was measured needs.
    var floor: Int { max(plan.floor, neededByLoad) }

    private var neededByLoad: Int {
        guard isBoundByLoad, let limit = plan.policy.capacity, let load else { return 0 }
        return load.needed(limit: limit)
    }

    /// Why one more can't be spared, where that is because of what members have to do.
    var strain: CapacityStrain? {
        guard isBoundByLoad, neededByLoad > plan.floor, let load else { return nil }
        return CapacityStrain(load, leaving: 1, limit: plan.policy.capacity)
    }

    /// Whether somebody is to leave rotation who can't by `load`, which may become less.
    func mayGetRoom(by load: PoolLoad?) -> Bool {
        guard let load, CapacityStrain(load, leaving: 1, limit: plan.policy.capacity) != nil else { return false }
        return hosts.values.contains { $0.isServing && $0.fault == nil && $0.phase < .drained }
    }
}
