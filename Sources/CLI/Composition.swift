import Fleet
import Foundation
import Inventories
import Journaling
import OrderedCollections
import SSH
import Templating

/// The only list of what is plugged in where.
enum Composition {
    /// Connections over libssh2, and to this machine without.
    static func connector(_ options: ConnectionOptions) -> any Connector {
        SSHConnector(settings: SSHSettings(handshakesAtOnce: options.forks ?? 30))
    }

    /// The hosts that `options` name, with the way to each.
    static func hosts(_ options: InventoryOptions, _ connection: ConnectionOptions, _ seams: Seams) throws -> HostAccess
    {
        let inventory = try Inventory.load(sources: try options.resolved(seams))
        for warning in inventory.warnings { seams.terminal.warn(warning) }
        return HostAccess(inventory: inventory, connector: connector(connection), overrides: connection.values)
    }

    /// Journal, leases and builds, in the state folder.
    static func journal(_ seams: Seams) throws -> SQLiteJournal {
        try SQLiteJournal(path: seams.stateFolder + "/journal.sqlite")
    }

    /// What templates of inventories may reach.
    static func templateEnvironment() -> TemplateEnvironment {
        TemplateEnvironment(
            lookups: [
                "env": { call in
                    let environment = ProcessInfo.processInfo.environment
                    return call.terms.map { term in
                        environment[term.text ?? ""].map(Value.string) ?? call.options["default"] ?? .string("")
                    }
                }
            ],
            readYAML: { text in
                try YAMLReader.parse(text, file: "text", repeatedKeys: .laterWins).map { [$0.value] } ?? []
            },
            now: { Date().timeIntervalSince1970 }, random: { bound in Int.random(in: 0..<max(1, bound)) })
    }
}
