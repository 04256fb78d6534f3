public import Fleet

/// How every balancer has one host.
public struct HostStanding: Hashable, Sendable {
    /// What one balancer does with it.
    public struct Place: Hashable, Sendable {
        /// What it does.
        public enum State: Hashable, Sendable {
            /// It runs the host's server in this state.
            case running(RunningMember.State)
            /// It does not have it.
            case absent
            /// Nobody knows: the balancer cannot be asked.
            case unknown
            /// Nobody asks: the balancer is left out of every change.
            case leftOut
        }

        /// The balancer.
        public var balancer: HostName
        /// What it does.
        public var state: State
    }

    /// The host.
    public var host: HostName
    /// Every balancer, in the inventory's order.
    public var places: [Place]

    /// How `views` have `host`.
    init(_ host: HostName, _ views: [BalancerView]) {
        self.host = host
        places = views.filter { $0.concerns(host) }.map { Place(balancer: $0.balancer, state: $0.state(of: host)) }
    }
}

extension BalancerView {
    fileprivate func state(of host: HostName) -> HostStanding.Place.State {
        if isLeftOut { return .leftOut }
        if fault != nil { return .unknown }
        return running.first { $0.host == host }.map { .running($0.state) } ?? .absent
    }
}
