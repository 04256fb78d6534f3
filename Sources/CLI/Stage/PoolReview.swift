import Fleet
import Foundation
import Inventories

/// Looks for machines that a pool has under two names, which is refused, and for hosts that would serve two pools at once,
/// which is allowed, but hardly meant.
struct PoolReview {
    /// A pool's host and where the inventory names it.
    struct Place {
        var host: HostName
        var address: String
        var port: UInt16
        var location: SourceLocation?
        /// The hosts that the way leads through: behind others, an address may be another machine's.
        var way: [String] = []
    }

    let members: [Place]
    let balancers: [Place]
    /// The members of other stages' pools, by stage.
    var others: [(stage: String, members: [Place])] = []
    /// Stages whose inventories were not read, because reading them would run programs, or is not possible.
    var unread: [String] = []

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
    var warnings: [String] {
        var warnings: [String] = []
        for member in members {
            let place = member.location.map { "\($0): " } ?? ""
            if balancers.contains(where: { $0.host == member.host }) {
                warnings.append("\(place)the host '\(member.host)' is a member of the pool and one of its balancers")
            }
            for (stage, theirs) in others {
                guard let twin = theirs.first(where: { Self.isSame($0, member) }) else { continue }
                let there = twin.location.map { " (\($0))" } ?? ""
                warnings.append(
                    "\(place)the host '\(member.host)', \(member.address), is also in the pool of stage \(stage)\(there)"
                )
            }
        }
        return warnings
    }

    private static func isSame(_ one: Place, _ other: Place) -> Bool {
        (one.address, one.port) == (other.address, other.port)
    }
}

extension PoolReview {
    /// A stage beside the service's other stages, as far as their inventories can be read without running programs.
    init(
        _ file: ServiceFile, _ stage: ServiceFile.Stage, members: [HostName], balancers: [HostName],
        _ access: HostAccess
    ) {
        self.members = Self.places(members, access)
        self.balancers = Self.places(balancers, access)
        for other in file.stages where other.name != stage.name {
            // Whoever works on that stage is told what is wrong with its inventory.
            guard let inventory = try? Self.inventory(of: other, in: file) else {
                unread.append(other.name)
                continue
            }
            let access = HostAccess(
                inventory: inventory, connector: access.connector, flags: ConnectionSettings())
            others.append((other.name, Self.places(inventory.members(of: file.pool.members), access)))
        }
    }

    private static func inventory(of stage: ServiceFile.Stage, in file: ServiceFile) throws -> Inventory? {
        let sources = stage.inventory.map(file.resolve)
        if sources.contains(where: mayHoldPrograms) { return nil }
        return try Inventory.load(sources: sources, playbookFolder: file.playbookFolder(of: stage))
    }

    private static func mayHoldPrograms(_ source: String) -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else { return false }
        return isFolder.boolValue || FileManager.default.isExecutableFile(atPath: source)
    }

    private static func places(_ hosts: [HostName], _ access: HostAccess) -> [Place] {
        hosts.compactMap { host in
            // A host that can't be reached as its inventory says is told about when somebody reaches for it.
            guard let endpoint = try? access.endpoint(of: host) else { return nil }
            return Place(
                host: host, address: LiteralAddress.canonical(endpoint.address), port: endpoint.port,
                location: access.inventory.location(of: host), way: endpoint.jumps.map { "\($0.address):\($0.port)" })
        }
    }
}

/// Addresses in numbers.
enum LiteralAddress {
    /// An IPv6 address in its shortest spelling, as balancers tell it; anything else as it is.
    static func canonical(_ text: String) -> String {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return text }
        var spelling = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &address, &spelling, socklen_t(INET6_ADDRSTRLEN)) != nil else { return text }
        return String(decoding: spelling.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
