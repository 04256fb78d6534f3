import Fleet
import Foundation
import Inventories

/// Looks for hosts that would serve two pools at once: allowed, but hardly meant.
struct PoolReview {
    /// A pool's host and where the inventory names it.
    struct Place {
        var host: HostName
        var address: String
        var port: UInt16
        var location: SourceLocation?
    }

    let members: [Place]
    let balancers: [Place]
    /// The members of other stages' pools, by stage.
    var others: [(stage: String, members: [Place])] = []

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
    /// Reviews a stage against the service's other stages, as far as their inventories can be read without running programs.
    init(_ site: StageSite) {
        members = Self.places(site.pool.members.map(\.host), site.access)
        balancers = Self.places(site.balancers, site.access)
        for other in site.file.stages where other.name != site.stage.name {
            let sources = other.inventory.map(site.file.resolve)
            guard !sources.contains(where: Self.mayHoldPrograms) else { continue }
            // Whoever works on that stage is told what is wrong with its inventory.
            guard let inventory = try? Inventory.load(sources: sources) else { continue }
            let access = HostAccess(
                inventory: inventory, connector: site.access.connector, overrides: ConnectionOptions.Values())
            others.append((other.name, Self.places(inventory.members(of: site.file.pool.members), access)))
        }
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
                host: host, address: endpoint.address, port: endpoint.port,
                location: access.inventory.location(of: host))
        }
    }
}
