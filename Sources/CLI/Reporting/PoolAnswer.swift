import Fleet

/// A pool as programs read it: for each balancer, each member as desired, in the file and running.
struct PoolAnswer: Encodable, Sendable {
    /// A member or server on one balancer.
    struct Member: Encodable, Sendable {
        let host: HostName
        /// Address and port in the inventory; absent for a server that should not be there.
        let desired: String?
        /// Address and port in the balancer's file.
        let file: String?
        /// Address and port it is running at.
        let running: String?
        let state: RunningMember.State?
        let sessions: Int?
        let queued: Int?
        let check: String?
    }

    /// One balancer.
    struct Balancer: Encodable, Sendable {
        let balancer: HostName
        /// Why it did not answer; the rest is empty then.
        let fault: String?
        let isEstablished: Bool
        let members: [Member]
        let differences: [String]
    }

    let pool: String
    let balancers: [Balancer]

    init(_ reading: PoolReading) {
        pool = reading.pool.name
        let differences = Dictionary(grouping: reading.differences, by: \.balancer)
        balancers = reading.views.map { view in
            Balancer(
                balancer: view.balancer, fault: view.fault, isEstablished: view.fault == nil && view.isEstablished,
                members: view.fault == nil ? Self.members(reading.pool, view) : [],
                differences: differences[view.balancer, default: []].map(\.description))
        }
    }

    /// Wanted members first, in the inventory's order, then whatever else is there.
    private static func members(_ pool: Pool, _ view: BalancerView) -> [Member] {
        let wanted = pool.members.map(\.host)
        let others = Set(view.running.map(\.host) + view.configured.map(\.host)).subtracting(wanted).sorted()
        return (wanted + others).map { host in
            let running = view.running.first { $0.host == host }
            return Member(
                host: host, desired: pool.members.first { $0.host == host }.map { place($0.address, $0.port) },
                file: view.configured.first { $0.host == host }.map { place($0.address, $0.port) },
                running: running.map { place($0.address, $0.port) }, state: running?.state,
                sessions: running?.sessions, queued: running?.queued, check: running?.check)
        }
    }

    private static func place(_ address: String, _ port: Int) -> String {
        address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
