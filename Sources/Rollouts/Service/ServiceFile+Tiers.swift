public import Fleet
public import Inventories

extension ServiceFile {
    /// The inventory's groups, or patterns, of all that have releases.
    public var memberGroups: [String] { tiers.isEmpty ? [pool.members] : tiers.map(\.hosts) }

    /// The groups of tiers that a stage's inventory has no hosts in.
    public func emptyTiers(of stage: Stage, in inventory: Inventory) -> [InputError] {
        TierSite.Groups.mistakes(self, stage, over: inventory)
    }

    /// A part of the service that has hosts of its own.
    public struct Tier: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Its hosts: a group of the inventory, or a pattern.
        public var hosts: String
        /// The systemd units that releases are run by there, in the order in which they are restarted.
        public var units: [String]
        /// How a host is found well; `nil` leaves it to the pool's check, else to its units alone.
        public var health: TierHealth?
        /// Its pool; `nil` where no balancer sends it anything.
        public var pool: PoolSettings?
        /// Where it stands in the file.
        public var location: SourceLocation
    }
}

/// How a host of a tier is found well, beside its units.
public enum TierHealth: Hashable, Sendable {
    /// GET on the host itself.
    case page(Pool.Check, port: Int)
    /// A command on the host.
    case command(String)
}

extension [ServiceFile.Tier] {
    /// The units of all of them, each once.
    var everyUnit: [String] {
        reduce(into: []) { units, tier in units += tier.units.filter { !units.contains($0) } }
    }
}
