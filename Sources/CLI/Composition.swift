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
    /// - Parameter sources: The inventory's, for commands in hints.
    static func connector(
        _ options: ConnectionOptions, _ seams: Seams, sources: [String] = []
    ) -> any Connector {
        let settings = seams.userSettings
        let connector = SSHConnector(settings: sshSettings(options), userKeys: settings.keyFiles) {
            endpoint throws(TransportError) in try await settings.completed(endpoint)
        }
        return KeepingConnector(inner: connector, redactor: seams.terminal.redactor, sources: sources)
    }

    /// How many hosts may be connected at once.
    static var connectionsAtOnce: Int { SSHConnector.connectionsAtOnce }

    /// How connections are made.
    static func sshSettings(_ options: ConnectionOptions) -> SSHSettings {
        SSHSettings(handshakesAtOnce: options.forks ?? 30)
    }

    /// `endpoint` as it is connected to, with the user's settings for OpenSSH.
    static func completed(
        _ endpoint: Endpoint, by connector: any Connector
    ) async throws(TransportError) -> Endpoint {
        guard let connector = (connector as? KeepingConnector<SSHConnector>)?.inner else { return endpoint }
        return try await connector.completed(endpoint)
    }

    /// How the connection to `endpoint` was made; `nil` when there is none over SSH.
    static func login(_ connector: any Connector, to endpoint: Endpoint) async -> LoginFacts? {
        await (connector as? KeepingConnector<SSHConnector>)?.inner.login(to: endpoint)
    }

    /// What the host of `endpoint` says to everybody; `nil` when there is no SSH to ask over.
    static func greeting(
        _ connector: any Connector, of endpoint: Endpoint
    ) async throws(ServerGreeting.Fault) -> ServerGreeting? {
        try await (connector as? KeepingConnector<SSHConnector>)?.inner.greeting(of: endpoint)
    }

    /// Asks for the passphrases of private keys without which `endpoints` can't be reached, each once, where somebody is
    /// there to type them. Elsewhere each such host says what it lacks.
    static func unlockKeys(_ connector: any Connector, for endpoints: [Endpoint], _ terminal: Terminal) async throws {
        guard terminal.canAsk, let connector = (connector as? KeepingConnector<SSHConnector>)?.inner else {
            return
        }
        for key in await connector.lockedKeys(for: endpoints) {
            let hint = "unlock it with: ssh-add \(key)"
            let passphrase = try terminal.ask("Passphrase for \(key): ", instead: hint)
            guard await connector.unlock(key, with: passphrase) else {
                throw InputError("the passphrase does not open \(key)", hints: [hint])
            }
        }
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
        for warning in inventory.warnings { seams.terminal.warn(warning) }
        return HostAccess(
            inventory: inventory, connector: connector(connection, seams, sources: sources), flags: flags)
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
