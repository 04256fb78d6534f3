import Fleet

/// A pool as programs read it: for each balancer, each member as desired, in the file and running.
struct PoolAnswer: SchemaDocument, Sendable {
    static let schema = DocumentSchema(
        "pool", "A pool on each of its balancers",
        [
            .always("pool", .text, "its name"),
            .always("balancers", .list(.object(Balancer.fields)), "what each balancer has"),
        ])

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

        fileprivate static let fields: [Shape.Field] = [
            .always("host", .text, "the member's, or server's, name"),
            .maybe("desired", .text, "address and port as the inventory has them; absent for what should not be there"),
            .maybe("file", .text, "address and port in the balancer's file"),
            .maybe("running", .text, "address and port that the balancer runs it at"),
            .maybe("state", .word(RunningMember.State.self), "what the balancer does with it"),
            .maybe("sessions", .integer, "requests or connections in progress"),
            .maybe("queued", .integer, "requests that wait for it"),
            .maybe("check", .text, "the last check, in the balancer's words, such as `L7OK`"),
        ]
    }

    /// One balancer.
    struct Balancer: Encodable, Sendable {
        let balancer: HostName
        /// Why it did not answer; the rest is empty then.
        let fault: String?
        let isEstablished: Bool
        /// The tier whose pool it is; absent where the service has one pool.
        var tier: String?
        let members: [Member]
        let differences: [String]

        fileprivate static let fields: [Shape.Field] = [
            .always("balancer", .text, "its name"),
            .maybe("tier", .text, "the tier whose pool it is; a balancer of several is there for each"),
            .maybe("fault", .text, "why it did not answer; the lists are empty then"),
            .always("isEstablished", .flag, "whether it has the pool's settings, in its file and running"),
            .always("members", .list(.object(Member.fields)), "members, and servers that should not be there"),
            .always("differences", .list(.text), "what is not as the inventory wants it"),
        ]
    }

    let pool: String
    let balancers: [Balancer]

    init(_ reading: PoolReading) {
        pool = reading.pool.name
        balancers = reading.views.map { view in
            Balancer(
                balancer: view.balancer, fault: view.fault, isEstablished: view.fault == nil && view.isEstablished,
                tier: view.tier,
                members: view.fault == nil ? Self.members(reading.pool, view) : [],
                differences: reading.pool.differences(from: [view]).map(\.description))
        }
    }

    /// Wanted members first, in the inventory's order, then whatever else is there.
    private static func members(_ pool: Pool, _ view: BalancerView) -> [Member] {
        let members = view.wanted ?? pool.members
        let wanted = members.map(\.host)
        let others = Set(view.running.map(\.host) + view.configured.map(\.host)).subtracting(wanted).sorted()
        return (wanted + others).map { host in
            let running = view.running.first { $0.host == host }
            return Member(
                host: host, desired: members.first { $0.host == host }.map { place($0.address, $0.port) },
                file: view.configured.first { $0.host == host }.map { place($0.address, $0.port) },
                running: running.map { place($0.address, $0.port) }, state: running?.state,
                sessions: running?.sessions, queued: running?.queued, check: running?.check)
        }
    }

    private static func place(_ address: String, _ port: Int) -> String {
        address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
