import Fleet

/// Hosts that somebody has taken out of rotation by hand, by a command or at a balancer's own console.
extension [BalancerView] {
    /// Whether no balancer that answered sends `host` traffic, by somebody's hand.
    func keepOut(_ host: HostName) -> Bool { keptOut(host) != nil }
}

extension RolloutPlan {
    /// Whether a host stays out of rotation: by the plan, or by how balancers have it now.
    func keepsOut(_ host: HostName, _ views: [BalancerView]) -> Bool {
        guard !views.isServing(host) else { return false }
        return keptOut?.contains(host) == true || views.keepOut(host)
    }
}
