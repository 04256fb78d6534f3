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

    /// The word that programs tell it by.
    public var kind: String {
        switch self {
        case .remove: "remove"
        case .retire: "retire"
        case .establish: "establish"
        case .rename: "rename"
        case .start: "start"
        case .deploy: "deploy"
        case .admit: "admit"
        }
    }
}

extension FleetChange: CustomStringConvertible {
    /// For people, without the host's name.
    public var description: String {
        switch self {
        case .remove: "drain, then remove from the pool: no longer a member in the inventory"
        case .retire(_, let address, let units):
            "stop and disable \(units.joined(separator: ", ")) on \(address): no longer in the inventory"
        case .establish(let balancers):
            "establish the pool on \(balancers.map(\.description).joined(separator: ", "))"
        case .rename(let old, _): "take over the pool's entry of \(old), which is the same machine"
        case .start(_, let units): "start \(units.joined(separator: ", "))"
        case .deploy(_, let release, let running):
            "deploy release \(release) (\(running.map { "runs \($0)" } ?? "runs none")), then admit once healthy"
        case .admit: "admit to the pool once healthy"
        }
    }
}
