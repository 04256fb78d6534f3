public import Fleet
import Foundation

/// Looks for machines that a pool has under two names, which is refused, and for hosts that would serve two pools at once,
/// which is allowed, but hardly meant.
public struct PoolReview: Sendable {
    /// A pool's host and where the inventory names it.
    public struct Place: Hashable, Sendable {
        /// The host.
        public var host: HostName
        /// Its address, an IPv6 one in its shortest spelling.
        public var address: String
        /// The port that it is logged in by.
        public var port: UInt16
        /// Where the inventory names it.
        public var location: SourceLocation?
        /// The hosts that the way leads through: behind others, an address may be another machine's.
        public var way: [String] = []

        /// `host`, reached by `route`.
        public init(_ host: HostName, by route: Route, location: SourceLocation?) {
            self.init(
                host: host, address: LiteralAddress.canonical(route.name), port: route.settings.port ?? 22,
                location: location, way: (route.jumps ?? []).map { "\($0.name):\($0.settings.port ?? 22)" })
        }

        init(host: HostName, address: String, port: UInt16, location: SourceLocation?, way: [String] = []) {
            (self.host, self.address, self.port, self.location, self.way) = (host, address, port, location, way)
        }
    }

    /// The members of another stage's pool.
    public struct OtherPool: Hashable, Sendable {
        /// The stage.
        public var stage: String
        /// The members.
        public var members: [Place]

        /// `members` of the pool of `stage`.
        public init(stage: String, members: [Place]) { (self.stage, self.members) = (stage, members) }
    }

    /// The members of the pool, in the inventory's order.
    public let members: [Place]
    /// The balancers, in the inventory's order.
    public let balancers: [Place]
    /// The members of other stages' pools.
    public var others: [OtherPool] = []
    /// Stages whose inventories were not read, because reading them would run programs, or is not possible.
    public var unread: [String] = []

    /// Refuses two names for one machine: it would get two shares of the requests, and count as two hosts in service.
    /// - Throws: ``InputError`` at the second of the two.
    func refuseTwins() throws(InputError) {
        // All members serve on the pool's port, whatever port and way they are logged in by: balancers see the address.
        try Self.refuseTwins(members, "members of the pool") { $0.address == $1.address }
        try Self.refuseTwins(balancers, "balancers") { Self.isSame($0, $1) && $0.way == $1.way }
    }

    private static func refuseTwins(
        _ places: [Place], _ what: String, _ isTwin: (Place, Place) -> Bool
    ) throws(InputError) {
        for (index, place) in places.enumerated() {
            guard let twin = places[..<index].first(where: { isTwin($0, place) }) else { continue }
            let there = twin.location.map { " at \($0)" } ?? ""
            throw InputError(
                "the hosts '\(twin.host)' and '\(place.host)' are one machine: both \(what) have the address "
                    + place.address, at: place.location,
                hints: ["'\(twin.host)' stands\(there); give each its own address, or take one of the names out"])
        }
    }

    /// One for each host in two pools, with its file and line.
    public var warnings: [String] {
        var warnings: [String] = []
        for member in members {
            let place = member.location.map { "\($0): " } ?? ""
            if balancers.contains(where: { $0.host == member.host }) {
                warnings.append("\(place)the host '\(member.host)' is a member of the pool and one of its balancers")
            }
            for other in others {
                guard let twin = other.members.first(where: { Self.isSame($0, member) }) else { continue }
                let there = twin.location.map { " (\($0))" } ?? ""
                warnings.append(
                    "\(place)the host '\(member.host)', \(member.address), is also in the pool of stage \(other.stage)\(there)"
                )
            }
        }
        return warnings
    }

    private static func isSame(_ one: Place, _ other: Place) -> Bool {
        (one.address, one.port) == (other.address, other.port)
    }
}

/// Addresses in numbers.
enum LiteralAddress {
    /// Whether `text` is an IPv4 or IPv6 address.
    static func isOne(_ text: String) -> Bool {
        var (four, six) = (in_addr(), in6_addr())
        return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
    }

    /// An IPv6 address in its shortest spelling, as balancers tell it; anything else as it is.
    static func canonical(_ text: String) -> String {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return text }
        var spelling = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &address, &spelling, socklen_t(INET6_ADDRSTRLEN)) != nil else { return text }
        return String(decoding: spelling.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
