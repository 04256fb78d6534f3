import Fleet

/// Hosts that somebody has taken out of rotation by hand, at a balancer's own console.
///
/// Drover itself writes into a balancer's file what it takes out, before it does so; what is out and is not written down there
/// was taken out by somebody else.
extension BalancerView {
    func isOutByHand(_ host: HostName) -> Bool {
        guard fault == nil, !disabled.contains(host), configured.contains(where: { $0.host == host }),
            let member = running.first(where: { $0.host == host })
        else { return false }
        return member.state == .maintenance || member.state == .draining
    }
}

extension [BalancerView] {
    /// Whether no balancer that answered sends `host` traffic, by somebody's hand.
    func keepOut(_ host: HostName) -> Bool {
        contains { $0.isOutByHand(host) }
            && !contains { view in
                view.fault == nil && view.running.contains { $0.host == host && $0.state == .up }
            }
    }
}

extension RolloutPlan {
    /// Whether a host stays out of rotation: by the plan, or by how balancers have it now. An apply is asked for all to serve.
    func keepsOut(_ host: HostName, _ views: [BalancerView]) -> Bool {
        guard kind != .convergence, !views.isServing(host) else { return false }
        return keptOut?.contains(host) == true || views.keepOut(host)
    }
}
