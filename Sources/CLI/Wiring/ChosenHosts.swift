import Fleet
import Inventories
import Rollouts

/// The hosts that a command's pattern names, and the way to them.
struct ChosenHosts {
    let access: HostAccess
    /// The hosts, in the inventory's order.
    let hosts: [HostName]
    /// The pattern without a stage before it.
    let pattern: String
    /// The stage whose hosts they are; `nil` where an inventory was named.
    let stage: String?
}

extension Composition {
    /// The hosts that match `pattern`, those of a stage where it begins with a stage's name.
    ///
    /// - Parameter masksNamed: Whether variables in the open whose names say that they are secrets are masked.
    /// - Throws: ``InputError`` for what is wrong in inventory, pattern or flags.
    static func choose(
        _ pattern: String, of options: HostsOptions, _ connection: ConnectionOptions, become: BecomeOptions? = nil,
        _ seams: Seams, masksNamed: Bool = true
    ) throws -> ChosenHosts {
        let whole = pattern
        let (options, pattern) = try options.staged(whole, seams)
        let access = try hosts(options, connection, become: become, seams, masksNamed: masksNamed)
        if let stage = options.stage, whole != pattern { try refuseDouble(stage, access.inventory) }
        return ChosenHosts(
            access: access, hosts: try access.inventory.hosts(matching: pattern, limit: options.limit),
            pattern: pattern, stage: options.stage)
    }
}

extension Composition {
    /// A stage that is called as one of its groups or hosts is: whoever names it before a pattern, or as one, may mean either.
    private static func refuseDouble(_ stage: String, _ inventory: Inventory) throws(InputError) {
        let isDouble =
            inventory.groups.contains { $0.name == stage } || inventory.hosts.contains { $0.description == stage }
        guard isDouble else { return }
        throw InputError(
            "'\(stage)' is a stage, and a group or host of it", hints: ["name the stage with --stage \(stage)"])
    }
}

extension HostsOptions {
    /// The options with the stage that `pattern` begins with (`production:ap`) or is (`production`), and what is left of the
    /// pattern; a service with one stage needs no name.
    ///
    /// Only where no flag and no variable names an inventory: to one, `production:ap` is a union of groups.
    /// - Throws: ``InputError`` for what is wrong in the service's file, and where it has several stages and none is named.
    func staged(_ pattern: String, _ seams: Seams) throws -> (options: HostsOptions, pattern: String) {
        guard stage == nil, inventory.sources.isEmpty, service.path != nil || !inventory.isInEnvironment(seams),
            try service.located(seams) != nil
        else { return (self, pattern) }
        let names = try service.read(seams).stages.map(\.name)
        var options = self
        let parts = pattern.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if names.contains(parts[0]) {
            options.stage = parts[0]
            return (options, parts.count > 1 && !parts[1].isEmpty ? parts[1] : "all")
        }
        guard names.count == 1 else {
            throw InputError(
                "no stage named, and the service has \(names.joined(separator: ", "))",
                hints: NearestNames.hints(for: parts[0], among: names)
                    + names.prefix(1).map { "put it before the pattern: \($0):\(pattern), or say --stage \($0)" })
        }
        options.stage = names[0]
        return (options, pattern)
    }
}
