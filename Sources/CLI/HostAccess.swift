import Fleet
import Inventories
import OrderedCollections
import Templating

/// The hosts of an inventory and the way to each: variables evaluated, connections shared.
struct HostAccess: Sendable {
    let inventory: Inventory
    let connector: any Connector
    private let templater: Templater
    private let flags: ConnectionSettings

    /// - Parameter flags: What the command line says where the inventory says nothing.
    init(inventory: Inventory, connector: any Connector, flags: ConnectionSettings) {
        self.inventory = inventory
        self.connector = connector
        self.flags = flags
        templater = Templater(environment: Composition.templateEnvironment())
    }

    /// How `host` is reached.
    /// - Throws: ``InputError`` for connection variables that cannot be honoured, ``TemplateError`` for their templates.
    func endpoint(of host: HostName) throws -> Endpoint {
        let resolution = EndpointResolution(ConnectionLayers(flags: flags)) {
            inventory.contains($0) ? try connectionVariables(of: $0) : nil
        }
        do {
            return try resolution.endpoint(for: host, try connectionVariables(of: host))
        } catch let error as InputError {
            throw error.located(at: inventory.location(of: host))
        }
    }

    /// The variables that say how `host` is reached, evaluated.
    private func connectionVariables(of host: HostName) throws -> Variables {
        let variables = inventory.variables(of: host).merging(inventory.magic(for: host)) { _, magic in magic }
        var connection: Variables = [:]
        for name in ConnectionVariables.names {
            guard let value = variables[name] else { continue }
            connection[name] = try templater.evaluate(value, in: variables)
        }
        return connection
    }

    /// Whose rights a command has on each of `hosts`.
    func privileges(on hosts: [HostName], flags: Privilege) throws -> [HostName: Privilege] {
        try hosts.reduce(into: [:]) { $0[$1] = try privilege(on: $1, flags: flags) }
    }

    /// Whose rights a command has on `host`: the inventory's `ansible_become` and `ansible_become_user` win over the flags.
    /// - Throws: ``InputError`` for values that mean nothing, ``TemplateError`` for their templates.
    func privilege(on host: HostName, flags: Privilege) throws -> Privilege {
        var lower = self.flags
        if case .become(let name) = flags { (lower.becomes, lower.becomeUser) = (true, name) }
        return try becomeVariables(of: host).over(lower).privilege
    }

    private func becomeVariables(of host: HostName) throws -> ConnectionSettings {
        var settings = ConnectionSettings()
        let variables = inventory.variables(of: host)
        let isSaid = Endpoint.BecomeMethod.allCases.flatMap(ConnectionVariables.becomeUserNames).contains {
            variables[$0] != nil
        }
        guard isSaid || variables["ansible_become"] != nil else { return settings }
        func value(_ name: String) throws -> Value? {
            try variables[name].flatMap { value in
                try templater.evaluate(value, in: variables.merging(inventory.magic(for: host)) { _, magic in magic })
            }
        }
        if let wish = try value("ansible_become"), wish != .null {
            guard let flag = wish.asFlag else {
                throw InputError(
                    "ansible_become of the host '\(host)' must be true or false", at: inventory.location(of: host))
            }
            settings.becomes = flag
        }
        let names = ConnectionVariables.becomeUserNames(try endpoint(of: host).becomeMethod)
        settings.becomeUser = try names.compactMap { try value($0)?.text }.first { !$0.isEmpty }
        return settings
    }

    /// The transport to `host`, connected.
    func transport(to host: HostName) async throws -> any Transport {
        try await connector.transport(to: endpoint(of: host))
    }
}

extension Value {
    /// What a value means where Ansible wants true or false; `nil` when it means neither.
    fileprivate var asFlag: Bool? {
        switch self {
        case .bool(let flag): flag
        case .int(let number) where number == 0 || number == 1: number == 1
        case .string(let text):
            ["yes", "true", "on", "y", "t", "1"].contains(text.lowercased())
                ? true : ["no", "false", "off", "n", "f", "0"].contains(text.lowercased()) ? false : nil
        default: nil
        }
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
        guard let become else { return settings }
        settings.becomes = become.become ? true : nil
        (settings.becomeUser, settings.becomeMethod) = (become.becomeUser, become.becomeMethod)
        return settings
    }
}
