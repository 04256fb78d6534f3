import Fleet
import Inventories
import OrderedCollections
import Templating
import Values

/// The hosts of an inventory and the way to each: variables evaluated, connections shared.
struct HostAccess: Sendable {
    let inventory: Inventory
    let connections: Connections
    private let templater: Templater
    private let flags: ConnectionSettings

    /// - Parameter flags: What the command line says where the inventory says nothing.
    init(inventory: Inventory, connections: Connections, flags: ConnectionSettings) {
        self.inventory = inventory
        self.connections = connections
        self.flags = flags
        templater = Templater(environment: Composition.templateEnvironment())
    }

    /// How `host` is reached.
    /// - Throws: ``InputError`` for connection variables that cannot be honoured, ``TemplateError`` for their templates.
    func route(to host: HostName) throws -> Route { try target(on: host, ConnectionVariables.names).route }

    /// Whose rights a command has on each of `hosts`: the inventory's `ansible_become` and `ansible_become_user` win over the
    /// flags.
    /// - Throws: As ``route(to:)``.
    func privileges(on hosts: [HostName]) throws -> [HostName: Privilege] {
        let names = ConnectionVariables.names.union(ConnectionVariables.becomeNames)
        return try hosts.reduce(into: [:]) { $0[$1] = try target(on: $1, names).privilege }
    }

    /// The variable `name` of `host`, evaluated; `nil` when the host has none of that name.
    /// - Throws: ``TemplateError`` for its template.
    func value(of name: String, on host: HostName) throws -> Value? { try variables(of: host, [name])[name] }

    private func target(on host: HostName, _ names: Set<String>) throws -> Target {
        let resolution = RouteResolution(ConnectionLayers(flags: flags)) {
            inventory.contains($0) ? try variables(of: $0, ConnectionVariables.names) : nil
        }
        do {
            return try resolution.target(on: host, try variables(of: host, names))
        } catch let error as InputError {
            throw error.located(at: inventory.location(of: host))
        }
    }

    /// Those of the variables of `host` that have one of `names`, evaluated.
    private func variables(of host: HostName, _ names: Set<String>) throws -> Variables {
        let variables = inventory.variables(of: host).merging(inventory.magic(for: host)) { _, magic in magic }
        var connection: Variables = [:]
        for name in names {
            guard let value = variables[name] else { continue }
            connection[name] = try templater.evaluate(value, in: variables)
        }
        return connection
    }
}

extension ConnectionOptions {
    /// What the flags say; asks for the passwords that are to be asked for.
    /// - Throws: ``InputError`` when a password can't be read, or nobody is there to type it.
    func settings(_ seams: Seams, become: BecomeOptions? = nil) throws -> ConnectionSettings {
        var settings = ConnectionSettings()
        (settings.password, settings.becomePassword) = try seams.passwords.logins(passwords)
        (settings.user, settings.privateKey) = (user, privateKey)
        settings.connectTimeout = connectTimeout.map { .seconds($0) }
        settings.client = transport
        guard let become else { return settings }
        settings.becomes = become.become ? true : nil
        (settings.becomeUser, settings.becomeMethod) = (become.becomeUser, become.becomeMethod)
        return settings
    }
}
