import Fleet
import Foundation
import Inventories
import OrderedCollections
import Playbooks
import Rollouts
import SSH
import Templating
import Values

/// The only list of what is plugged in where.
enum Composition {
    /// Connections over libssh2, or the installed `ssh`, and to this machine without.
    /// - Parameter origin: The flags that say where the hosts come from, for commands in hints.
    static func connections(
        _ options: ConnectionOptions, _ seams: Seams, origin: [String] = []
    ) -> Connections {
        var settings = sshSettings(options)
        settings.configuration = seams.sshConfiguration
        settings.tellDetours = { [terminal = seams.terminal] in DetourReport($0).tell(terminal) }
        settings.tellUploads = { [uploads = seams.terminal.uploads] in uploads.note($0) }
        let connector = kept(SSHConnector(settings: settings), seams)
        let redacting = RedactingConnector(inner: connector, redactor: seams.terminal.redactor, origin: origin)
        let dialer = Dialer(
            tracing(redacting, connector, seams.terminal),
            resolver: EndpointResolver(seams.sshConfiguration.map(OpenSSHClient.init)))
        return Connections(dialer: dialer, server: connector, keys: connector, origin: origin)
    }

    /// `connector`, its connections kept for the next command where they may be.
    private static func kept(
        _ connector: SSHConnector, _ seams: Seams
    ) -> any Connector & ServerInspecting & KeyUnlocking {
        seams.keeping.flatMap { KeptConnector(connector, environment: seams.environment, idle: $0) } ?? connector
    }

    /// The connections that are kept.
    static func keptConnections(_ seams: Seams) -> KeptConnectionList {
        KeptConnectionList(environment: seams.environment)
    }

    /// Keeps connections for other commands, to the end.
    /// - Returns: Whether another command asked for that.
    static func keepConnections() async -> Bool { await ConnectionKeeper.serve() }

    /// `connector`, telling what is done where somebody wants to know it.
    private static func tracing(
        _ connector: RedactingConnector, _ server: any ServerInspecting, _ terminal: Terminal
    ) -> any Connector {
        terminal.traces(.connections) ? TracingConnector(connector, server, terminal) : connector
    }

    /// How many hosts may be connected at once.
    static var connectionsAtOnce: Int { SSHConnector.connectionsAtOnce }

    /// How much is done at once where `-f` says nothing.
    static let usualForks = SSHSettings.usualHandshakesAtOnce

    /// How connections are made.
    static func sshSettings(_ options: ConnectionOptions) -> SSHSettings {
        SSHSettings(handshakesAtOnce: options.forks ?? usualForks)
    }

    /// The hosts of the inventory or the stage that `options` name, with the way to each.
    /// - Parameter masksNamed: Whether variables in the open whose names say that they are secrets are masked.
    static func hosts(
        _ options: HostsOptions, _ connection: ConnectionOptions, become: BecomeOptions? = nil, _ seams: Seams,
        masksNamed: Bool = true
    ) throws -> HostAccess {
        guard let stage = options.stage else {
            return try hosts(options.inventory, connection, become: become, seams, masksNamed: masksNamed)
        }
        let file = try options.service.read(seams)
        let own = StageInventory(file, try file.stage(stage), seams)
        let flags = try connection.settings(seams, become: become)
        let inventory = try own.load(seams.passwords.vault(connection.vault, masksNamed: masksNamed))
        seams.terminal.warn(all: inventory.warnings)
        return HostAccess(
            inventory: inventory, connections: connections(connection, seams, origin: own.origin), flags: flags)
    }

    /// The hosts that `options` name, with the way to each.
    /// - Parameter masksNamed: Whether variables in the open whose names say that they are secrets are masked.
    static func hosts(
        _ options: InventoryOptions, _ connection: ConnectionOptions, become: BecomeOptions? = nil, _ seams: Seams,
        masksNamed: Bool = true
    ) throws -> HostAccess {
        let flags = try connection.settings(seams, become: become)
        let vault = try seams.passwords.vault(connection.vault, masksNamed: masksNamed)
        let sources = try options.resolved(seams)
        let inventory = try Inventory.load(sources: sources, vault: vault)
        seams.terminal.warn(all: inventory.warnings)
        return HostAccess(
            inventory: inventory,
            connections: connections(
                connection, seams, origin: sources.flatMap { ["-i", $0] }), flags: flags)
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
            now: { Date().timeIntervalSince1970 }, zone: ZoneOffset.ofMachine,
            random: { bound in Int.random(in: 0..<max(1, bound)) })
    }
}
