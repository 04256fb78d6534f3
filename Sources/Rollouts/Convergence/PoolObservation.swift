import Fleet

/// Where requests go: a server, whatever its name.
struct Machine: Hashable, Sendable {
    let address: String
    let port: Int

    init(_ member: PoolMember) { (address, port) = (member.address, member.port) }
    init(_ running: RunningMember) { (address, port) = (running.address, running.port) }
}

/// What the balancers that answered have, by machine as well as by name.
struct PoolObservation: Sendable {
    private let views: [BalancerView]

    init(_ views: [BalancerView]) { self.views = views.filter { $0.fault == nil } }

    /// Every machine that some balancer runs or has in its file.
    var machines: Set<Machine> {
        Set(views.flatMap { $0.running.map(Machine.init) + $0.configured.map(Machine.init) })
    }

    /// The machines that some balancer has under this name.
    func machines(of host: HostName) -> Set<Machine> {
        Set(
            views.flatMap { view in
                view.running.filter { $0.host == host }.map(Machine.init)
                    + view.configured.filter { $0.host == host }.map(Machine.init)
            })
    }

    /// The machines that every balancer sends requests, each counted once under whatever names it has.
    ///
    /// - Parameter host: A name that is not counted.
    func inService(without host: HostName? = nil) -> Set<Machine> {
        let rotations = views.map { view in
            Set(view.running.filter { $0.state == .up && $0.host != host }.map(Machine.init))
        }
        guard let first = rotations.first else { return [] }
        return rotations.dropFirst().reduce(first) { $0.intersection($1) }
    }

    /// The names under which balancers send requests to these machines, sorted.
    func names(of machines: Set<Machine>) -> [HostName] {
        let running = views.flatMap(\.running).filter { $0.state == .up && machines.contains(Machine($0)) }
        return Set(running.map(\.host)).sorted()
    }

    /// Whether every balancer sends requests to the server of that name.
    func isServing(_ host: HostName) -> Bool { views.isServing(host) }

    /// Whether some balancer does.
    func isInRotation(_ host: HostName) -> Bool {
        views.contains { view in view.running.contains { $0.host == host && $0.state == .up } }
    }

    /// Whether some balancer sends requests to another machine under the member's name.
    func isElsewhere(_ member: PoolMember) -> Bool {
        views.contains { view in
            view.running.contains { $0.host == member.host && $0.state == .up && Machine($0) != Machine(member) }
        }
    }
}
