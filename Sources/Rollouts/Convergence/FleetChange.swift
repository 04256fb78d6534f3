public import Fleet

/// One thing that has to be done so that a stage's members run its build and get traffic.
public enum FleetChange: Hashable, Sendable {
    /// The host left the pool: drain it and take it out of every balancer.
    case remove(HostName)
    /// The host left the inventory: stop and disable the service's units on it.
    case retire(HostName, address: String, units: [String])
    /// A balancer's settings or file are not the pool's.
    case establish(balancers: [HostName])
    /// The machine of `to` is in the pool under a name that the inventory no longer has.
    case rename(from: HostName, to: HostName)
    /// The host runs the build, and units of the service do not run.
    case start(HostName, units: [String])
    /// The host lacks the stage's build, `running` something else.
    case deploy(HostName, ReleaseID, running: ReleaseID?)
    /// The host runs the build and does not get its traffic everywhere.
    case admit(HostName)

    /// The host it is about; `nil` when it is about balancers.
    public var host: HostName? {
        switch self {
        case .remove(let host), .retire(let host, _, _), .start(let host, _), .deploy(let host, _, _), .admit(let host):
            host
        case .rename(_, let host): host
        case .establish: nil
        }
    }

    /// The words that programs tell changes by.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// ``FleetChange/remove(_:)``
        case remove
        /// ``FleetChange/retire(_:address:units:)``
        case retire
        /// ``FleetChange/establish(balancers:)``
        case establish
        /// ``FleetChange/rename(from:to:)``
        case rename
        /// ``FleetChange/start(_:units:)``
        case start
        /// ``FleetChange/deploy(_:_:running:)``
        case deploy
        /// ``FleetChange/admit(_:)``
        case admit
    }

    /// The word that programs tell it by.
    public var kind: Kind {
        switch self {
        case .remove: .remove
        case .retire: .retire
        case .establish: .establish
        case .rename: .rename
        case .start: .start
        case .deploy: .deploy
        case .admit: .admit
        }
    }
}

extension FleetChange {
    /// What it comes to on balancers; `nil` for nothing. A member that is out of the pool and lacks the build joins.
    func step(in pool: Pool) -> PoolStep? {
        func member(_ host: HostName) -> PoolMember? { pool.members.first { $0.host == host } }
        return switch self {
        case .remove(let host): .remove(host)
        case .rename(let old, let host): member(host).map { .rename(old, to: $0) }
        case .deploy(let host, _, _): member(host).map { .update($0) }
        case .admit(let host): member(host).map { .admit($0) }
        case .retire, .establish, .start: nil
        }
    }
}
