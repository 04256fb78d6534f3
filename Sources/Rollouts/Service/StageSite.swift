public import Fleet
public import Inventories

/// One stage of a service: its hosts, its pool, and the ways to them. Making one opens no connection.
public struct StageSite: Sendable {
    /// The service.
    public let file: ServiceFile
    /// The stage, as the service's file has it.
    public internal(set) var stage: ServiceFile.Stage
    /// The pool, with its members in the inventory's order; where the file has tiers, all their hosts, those of the first tier
    /// first, as one pool that no balancer has.
    public internal(set) var pool: Pool
    /// The tiers, in the order in which builds go to them; none where the file has one pool.
    public internal(set) var tiers: [TierSite]
    /// The balancers, in the inventory's order; those of the first pool first.
    public let balancers: [HostName]
    /// Balancers that are gone on without, and why.
    public private(set) var leftOut: [HostName: String] = [:]
    /// How balancers and members are reached.
    public let routes: [HostName: Route]
    /// The stage's pool beside those of the other stages.
    public let review: PoolReview
    /// Every host that the inventory names.
    let named: Set<HostName>
    /// What the flags say of how hosts are reached.
    private let flags: ConnectionSettings

    /// The stage over its inventory.
    ///
    /// - Parameters:
    ///   - flags: What the command line says of how hosts are reached.
    ///   - others: The members of other stages' pools.
    ///   - unread: Stages whose inventories were not read.
    ///   - route: How a host is reached.
    /// - Throws: ``InputError`` when the inventory lacks the pool's or a tier's groups, or has a machine under two names, and
    ///   for tiers that have the same unit on one host; what `route` throws.
    public init(
        _ file: ServiceFile, _ stage: ServiceFile.Stage, over inventory: Inventory, flags: ConnectionSettings,
        others: [PoolReview.OtherPool] = [], unread: [String] = [], route: (HostName) throws -> Route
    ) throws {
        let groups = try TierSite.Groups(file, stage, over: inventory)
        let members = groups.members
        balancers = groups.balancers
        var routes: [HostName: Route] = [:]
        for host in members + balancers { routes[host] = try route(host) }
        func places(_ hosts: [HostName]) -> [PoolReview.Place] {
            hosts.compactMap { host in
                routes[host].map { PoolReview.Place(host, by: $0, location: inventory.location(of: host)) }
            }
        }
        review = PoolReview(members: places(members), balancers: places(balancers), others: others, unread: unread)
        try review.refuseTwins()
        let addresses = Dictionary(review.members.map { ($0.host, $0.address) }) { first, _ in first }
        tiers = groups.tiers.map { TierSite($0, stage, addresses) }
        pool =
            tiers.isEmpty
            ? Pool(file.pool, members: review.members.map { ($0.host, $0.address) }) : tiers.together(file.pool)
        self.file = file
        self.stage = stage
        self.routes = routes
        self.flags = flags
        named = Set(inventory.hosts)
    }

    static func members(
        of group: String, in inventory: Inventory, _ stage: ServiceFile.Stage
    ) throws(InputError) -> [HostName] {
        let members = inventory.members(of: group)
        guard members.isEmpty else { return members }
        throw emptyGroup(group, of: stage, in: inventory)
    }

    /// That a group of the pool has no hosts in the stage's inventory.
    public static func emptyGroup(
        _ group: String, of stage: ServiceFile.Stage, in inventory: Inventory
    ) -> InputError {
        InputError(
            "the inventory of stage \(stage.name) has no hosts in group '\(group)'", at: stage.location,
            hints: NearestNames.hints(for: group, among: inventory.groups.map(\.name))
                + ["the pool in the service's file names its groups"])
    }

    /// Goes on without these balancers.
    /// - Throws: ``InputError`` for a host that is none, and when none would be left.
    public mutating func leaveOut(_ reasons: [HostName: String]) throws(InputError) {
        let names = balancers.map(\.description).joined(separator: ", ")
        for host in reasons.keys where !balancers.contains(host) {
            throw InputError("'\(host)' is no balancer of stage \(stage.name)", hints: ["balancers: \(names)"])
        }
        guard reasons.count < balancers.count || reasons.isEmpty else {
            throw InputError("no balancer of stage \(stage.name) would be left", hints: ["balancers: \(names)"])
        }
        leftOut = reasons
    }

    /// How `host` is reached, which the inventory no longer names: in the way that was remembered, else as the pool's
    /// members are. Passwords are never remembered: those that all members share are tried.
    func formerRoute(to host: HostName, at address: String, _ remembered: RouteRecord?) -> Route? {
        let peers = pool.members.compactMap { routes[$0.host] }
        guard var route = remembered?.route ?? peers.first else { return nil }
        route.host = host
        if remembered == nil { route.name = address }
        route.settings.password = flags.password ?? Self.shared(peers.map(\.settings.password))
        route.settings.passphrase = Self.shared(peers.map(\.settings.passphrase))
        route.settings.becomePassword = flags.becomePassword ?? Self.shared(peers.map(\.settings.becomePassword))
        return route
    }

    private static func shared(_ secrets: [Secret<String>?]) -> Secret<String>? {
        secrets.allSatisfy { $0 == secrets.first } ? secrets.first ?? nil : nil
    }

    /// Where releases lie on the stage's hosts.
    var layout: ReleaseLayout { file.layout(of: stage.name) }

    /// Where clients ask: the address that moves between balancers, or those of the balancers that are not left out, in the
    /// inventory's order.
    var balancerAddresses: [String] {
        if let address = pool.address { return [address] }
        return balancers.filter { leftOut[$0] == nil }.compactMap { routes[$0]?.name }
    }
}
