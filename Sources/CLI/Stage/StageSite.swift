import Balancing
import Fleet
import Inventories
import Journaling
import Rollouts

/// One stage of a service: its hosts, its pool, and the ways to them. Making one opens no connection.
struct StageSite: Sendable {
    let file: ServiceFile
    let stage: ServiceFile.Stage
    let access: HostAccess
    var pool: Pool
    let balancers: [HostName]
    /// Balancers that are gone on without, and why.
    private(set) var leftOut: [HostName: String] = [:]
    /// How balancers and members are reached.
    let endpoints: [HostName: Endpoint]
    /// The stage's pool beside those of the other stages.
    let review: PoolReview
    /// What the flags say of how hosts are reached.
    private let flags: ConnectionSettings

    /// Reads the stage's inventory and makes its pool.
    /// - Throws: ``InputError`` when the inventory lacks the pool's groups, or has a machine under two names.
    init(_ file: ServiceFile, stage name: String, _ connection: ConnectionOptions, _ seams: Seams) async throws {
        let stage = try file.stage(name)
        let flags = try connection.settings(seams)
        let sources = stage.inventory.map(file.resolve)
        let inventory = try Inventory.load(
            sources: sources, playbookFolder: file.playbookFolder(of: stage),
            vault: seams.passwords.vault(connection.vault))
        let access = HostAccess(
            inventory: inventory, connector: Composition.connector(connection, seams, sources: sources),
            flags: flags)
        let members = try Self.members(of: file.pool.members, in: inventory, stage)
        let balancers = try Self.members(of: file.pool.balancers, in: inventory, stage)
        var endpoints: [HostName: Endpoint] = [:]
        for host in members + balancers { endpoints[host] = try access.endpoint(of: host) }
        review = PoolReview(file, stage, members: members, balancers: balancers, access)
        try review.refuseTwins()
        for warning in inventory.warnings + review.warnings { seams.terminal.warn(warning) }
        try await Composition.unlockKeys(access.connector, for: Array(endpoints.values), seams.terminal)
        pool = Pool(
            name: file.pool.name,
            members: members.compactMap { host in
                endpoints[host].map {
                    PoolMember(host: host, address: LiteralAddress.canonical($0.address), port: file.pool.port)
                }
            },
            check: file.pool.check, configFile: file.pool.configFile, socket: file.pool.socket)
        self.file = file
        self.stage = stage
        self.access = access
        self.balancers = balancers
        self.endpoints = endpoints
        self.flags = flags
    }

    private static func members(
        of group: String, in inventory: Inventory, _ stage: ServiceFile.Stage
    ) throws(InputError) -> [HostName] {
        let members = inventory.members(of: group)
        guard members.isEmpty else { return members }
        throw InputError(
            "the inventory of stage \(stage.name) has no hosts in group '\(group)'", at: stage.location,
            hints: ["the pool in the service's file names its groups"])
    }

    /// Goes on without these balancers.
    /// - Throws: ``InputError`` for a host that is none, and when none would be left.
    mutating func leaveOut(_ reasons: [HostName: String]) throws(InputError) {
        let names = balancers.map(\.description).joined(separator: ", ")
        for host in reasons.keys where !balancers.contains(host) {
            throw InputError("'\(host)' is no balancer of stage \(stage.name)", hints: ["balancers: \(names)"])
        }
        guard reasons.count < balancers.count || reasons.isEmpty else {
            throw InputError("no balancer of stage \(stage.name) would be left", hints: ["balancers: \(names)"])
        }
        leftOut = reasons
    }

    /// The pool's traffic, over connections to its balancers. One that cannot be reached stays in the pool, unknown.
    ///
    /// - Parameters:
    ///   - chosen: Only these balancers, for asking; `nil` for all.
    ///   - token: The lease's fencing token, for changing anything.
    ///   - returning: Balancers that were left out earlier and have to be made right first, with the reason.
    func traffic(
        over chosen: [HostName]? = nil, token: Int64? = nil, returning: [HostName: String] = [:]
    ) async throws -> any TrafficControl {
        let balancers = chosen ?? balancers
        let reached = await withTaskGroup(of: (HostName, Balancer).self) { group in
            for host in balancers { group.addTask { (host, await reach(host)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return try HAProxyTraffic(
            pool: pool, balancers: balancers.compactMap { reached[$0] },
            fence: token.map { BalancerFence(folder: file.layout.stateFolder, token: $0) }, returning: returning)
    }

    private func reach(_ host: HostName) async -> Balancer {
        if let reason = leftOut[host] { return Balancer(host, .excluded(reason: reason)) }
        do throws(TransportError) {
            return Balancer(host, .over(try await transport(to: host)))
        } catch {
            return Balancer(host, .unreachable(reason: error.message))
        }
    }

    /// What changes the releases of the pool's members.
    /// - Parameters:
    ///   - token: The lease's fencing token; 0 for asking only.
    ///   - former: How hosts are reached that the inventory no longer names.
    func releases(token: Int64, builds: BuildStore, former: [HostName: Endpoint] = [:]) -> ShellReleases {
        ShellReleases(
            layout: file.layout, pool: pool, token: token,
            dial: { host throws(TransportError) in try await transport(to: host, or: former[host]) },
            findBuild: { release in builds.find(release) })
    }

    private func transport(
        to host: HostName, or former: Endpoint? = nil
    ) async throws(TransportError) -> any Transport {
        guard let endpoint = endpoints[host] ?? former else {
            throw TransportError(.unknownHost, host: host, "the inventory of stage \(stage.name) has no such host")
        }
        return try await access.connector.transport(to: endpoint)
    }

    /// How `host` is reached, which the inventory no longer names: in the way that was remembered, else as the pool's
    /// members are. Passwords are never remembered: those that all members share are tried.
    func formerEndpoint(_ host: HostName, at address: String, _ remembered: EndpointRecord?) -> Endpoint? {
        let peers = pool.members.compactMap { endpoints[$0.host] }
        guard var endpoint = remembered?.endpoint ?? peers.first else { return nil }
        endpoint.host = host
        if remembered == nil { endpoint.address = address }
        endpoint.password = flags.password ?? Self.shared(peers.map(\.password))
        endpoint.passphrase = Self.shared(peers.map(\.passphrase))
        endpoint.becomePassword = flags.becomePassword ?? Self.shared(peers.map(\.becomePassword))
        return endpoint
    }

    private static func shared(_ secrets: [Secret<String>?]) -> Secret<String>? {
        secrets.allSatisfy { $0 == secrets.first } ? secrets.first ?? nil : nil
    }

    /// Addresses of the balancers that are not left out, in the inventory's order.
    var balancerAddresses: [String] {
        balancers.filter { leftOut[$0] == nil }.compactMap { endpoints[$0]?.address }
    }

    /// Ends every connection.
    func close() async { await access.connector.closeAll() }
}
