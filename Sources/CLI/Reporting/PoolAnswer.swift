import Fleet
import Rollouts

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
        /// What share it gets as it runs, and as the file has it where that is another than the pool's.
        let weight: Int?
        let fileWeight: Int?
        /// How many hundredths of its share it gets as yet.
        let throttle: Int?
        /// What its agent said last to the balancer, and whether it says anything.
        let agent: String?
        let isAgentHeard: Bool?
        let isDisabled: Bool
        let keptOut: KeptOutAnswer?

        fileprivate static let fields: [Shape.Field] = [
            .always("host", .text, "the member's, or server's, name"),
            .maybe("desired", .text, "address and port as the inventory has them; absent for what should not be there"),
            .maybe("file", .text, "address and port in the balancer's file"),
            .maybe("running", .text, "address and port that the balancer runs it at"),
            .maybe("state", .word(RunningMember.State.self), "what the balancer does with it"),
            .maybe("sessions", .integer, "requests or connections in progress"),
            .maybe("queued", .integer, "requests that wait for it"),
            .maybe("check", .text, "the last check, in the balancer's words, such as `L7OK`"),
            .maybe("weight", .integer, "its share beside the others', as it runs"),
            .maybe("fileWeight", .integer, "the same in the file, where it is another than the pool's"),
            .maybe("throttle", .integer, "how many hundredths of that it gets as yet, having come up just now"),
            .maybe(
                "agent", .text,
                "what its agent said last, in the balancer's word, such as `L7OK`; absent where the balancer asks none"),
            .maybe("isAgentHeard", .flag, "whether the agent answers, and so decides the weight"),
            .always("isDisabled", .flag, "whether the file has it out of rotation"),
            .maybe("keptOut", .object(KeptOutAnswer.fields), "who took it out by hand"),
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
        /// What mends each of them, in their order.
        let cures: [String]

        fileprivate static let fields: [Shape.Field] = [
            .always("balancer", .text, "its name"),
            .maybe("tier", .text, "the tier whose pool it is; a balancer of several is there for each"),
            .maybe("fault", .text, "why it did not answer; the lists are empty then"),
            .always("isEstablished", .flag, "whether it has the pool's settings, in its file and running"),
            .always("members", .list(.object(Member.fields)), "members, and servers that should not be there"),
            .always("differences", .list(.text), "what is not as the inventory wants it"),
            .always("cures", .list(.text), "the commands that mend them, in the same order"),
        ]
    }

    let pool: String
    let balancers: [Balancer]

    init(_ reading: PoolReading) {
        pool = reading.pool.name
        balancers = reading.views.map { view in
            let found = reading.pool.differences(from: reading.views.filter { $0.tier == view.tier })
                .filter { $0.balancer == view.balancer }
            return Balancer(
                balancer: view.balancer, fault: view.fault, isEstablished: view.fault == nil && view.isEstablished,
                tier: view.tier,
                members: view.fault == nil ? Self.members(reading.pool, view) : [],
                differences: found.map(\.description),
                cures: found.map { reading.cure.command(for: $0, reading.views) })
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
                sessions: running?.sessions, queued: running?.queued, check: running?.check, weight: running?.weight,
                fileWeight: view.weights[host], throttle: running?.throttle, agent: running?.agent?.word,
                isAgentHeard: running?.agent?.isHeard, isDisabled: view.disabled.contains(host),
                keptOut: view.keptOut[host].map(KeptOutAnswer.init))
        }
    }

    private static func place(_ address: String, _ port: Int) -> String {
        address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

extension PoolAnswer.Member {
    /// Its share for people, and whether an agent decides it.
    var share: String {
        guard let weight else { return "-" }
        return isAgentHeard.map { $0 ? "\(weight) by agent" : "\(weight), agent silent" } ?? "\(weight)"
    }
}
