import Fleet
import Foundation
import Inventories
import Rollouts

/// Reads a stage's inventory and makes its pool. No connection is made.
struct StageLoading {
    let file: ServiceFile
    let connection: ConnectionOptions
    let seams: Seams

    /// The stage of that name, and how its hosts are reached. Tells what is odd about them.
    /// - Parameter imported: Folders of playbooks that the stage's own import: what stands beside them counts for their plays,
    ///   and not for the pool.
    /// - Throws: ``InputError`` for what is wrong in the inventory, or in the stage's groups.
    func load(_ name: String, imported: [String] = []) async throws -> (StageSite, HostAccess) {
        let stage = try file.stage(name)
        let flags = try connection.settings(seams)
        let folders = file.playbookFolders(of: stage)
        let own = StageInventory(file, stage, seams)
        let inventory = try own.load(seams.passwords.vault(connection.vault), imported: imported)
        let access = HostAccess(
            inventory: inventory, connections: Composition.connections(connection, seams, origin: own.origin),
            flags: flags)
        let (others, unread) = otherPools(than: stage, access.connections)
        let site = try StageSite(
            file, stage, over: inventory, flags: flags, others: others, unread: unread, route: access.route)
        let disagreements = inventory.disagreements(on: site.pool.members.map(\.host) + site.balancers, beside: folders)
        seams.terminal.warn(all: inventory.warnings + disagreements + site.review.warnings)
        try await access.connections.unlockKeys(for: Array(site.routes.values), seams.terminal)
        return (site, access)
    }

    /// The pools of the service's other stages, as far as their inventories can be read without running programs, and the
    /// stages whose can't.
    private func otherPools(
        than stage: ServiceFile.Stage, _ connections: Connections
    ) -> (pools: [PoolReview.OtherPool], unread: [String]) {
        var pools: [PoolReview.OtherPool] = []
        var unread: [String] = []
        for other in file.stages where other.name != stage.name {
            // Whoever works on that stage is told what is wrong with its inventory.
            guard let inventory = try? inventory(of: other) else {
                unread.append(other.name)
                continue
            }
            let access = HostAccess(inventory: inventory, connections: connections, flags: ConnectionSettings())
            let places = file.memberGroups.flatMap(inventory.members).compactMap { host -> PoolReview.Place? in
                // A host that can't be reached as its inventory says is told about when somebody reaches for it.
                guard let route = try? access.route(to: host) else { return nil }
                return PoolReview.Place(host, by: route, location: inventory.location(of: host))
            }
            pools.append(PoolReview.OtherPool(stage: other.name, members: places))
        }
        return (pools, unread)
    }

    private func inventory(of stage: ServiceFile.Stage) throws -> Inventory? {
        let sources = stage.inventory.map(file.resolve)
        if sources.contains(where: Self.mayHoldPrograms) { return nil }
        return try Inventory.load(sources: sources, playbookFolders: file.playbookFolders(of: stage))
    }

    private static func mayHoldPrograms(_ source: String) -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else { return false }
        return isFolder.boolValue || FileManager.default.isExecutableFile(atPath: source)
    }
}
