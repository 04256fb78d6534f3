import Fleet
import Inventories
import OrderedCollections
import Templating

/// The hosts of an inventory and the way to each: variables evaluated, connections shared.
struct HostAccess: Sendable {
    let inventory: Inventory
    let connector: any Connector
    private let templater: Templater
    private let overrides: ConnectionOptions.Values

    init(inventory: Inventory, connector: any Connector, overrides: ConnectionOptions.Values) {
        self.inventory = inventory
        self.connector = connector
        self.overrides = overrides
        templater = Templater(environment: Composition.templateEnvironment())
    }

    /// How `host` is reached.
    /// - Throws: ``InputError`` for connection variables that cannot be honoured, ``TemplateError`` for their templates.
    func endpoint(of host: HostName) throws -> Endpoint {
        let resolution = EndpointResolution(
            variables: { inventory.contains($0) ? try connectionVariables(of: $0) : nil },
            completed: { overrides.applied(to: $0, namesBecomeMethod: $1["ansible_become_method"] != nil) })
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
        let variables = inventory.variables(of: host)
        guard variables["ansible_become"] != nil || variables["ansible_become_user"] != nil else { return flags }
        func value(_ name: String) throws -> Value? {
            try variables[name].flatMap { value in
                try templater.evaluate(value, in: variables.merging(inventory.magic(for: host)) { _, magic in magic })
            }
        }
        var (becomes, user) = (false, "root")
        if case .become(let name) = flags { (becomes, user) = (true, name) }
        if let wish = try value("ansible_become"), wish != .null {
            guard let flag = wish.asFlag else {
                throw InputError(
                    "ansible_become of the host '\(host)' must be true or false", at: inventory.location(of: host))
            }
            becomes = flag
        }
        if let name = try value("ansible_become_user")?.text, !name.isEmpty { user = name }
        return becomes ? .become(user: user) : .login
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
    /// What the flags say, apart from their parsing.
    struct Values: Sendable, Equatable {
        var user: String?
        var privateKey: String?
        var connectTimeout: Duration?
        var password: Secret<String>?
        var becomePassword: Secret<String>?
        var becomeMethod: Endpoint.BecomeMethod?

        /// `endpoint` with the flags' values where the inventory names none.
        func applied(to endpoint: Endpoint, namesBecomeMethod: Bool) -> Endpoint {
            var endpoint = endpoint
            if endpoint.user == nil { endpoint.user = user }
            if endpoint.identityFiles.isEmpty, let privateKey { endpoint.identityFiles = [privateKey] }
            if endpoint.connectTimeout == Endpoint.defaultConnectTimeout, let connectTimeout {
                endpoint.connectTimeout = connectTimeout
            }
            if endpoint.password == nil { endpoint.password = password }
            if endpoint.becomePassword == nil { endpoint.becomePassword = becomePassword }
            if !namesBecomeMethod, let becomeMethod { endpoint.becomeMethod = becomeMethod }
            return endpoint
        }
    }

    /// What the flags say; asks for the passwords that are to be asked for.
    /// - Throws: ``InputError`` when a password can't be read, or nobody is there to type it.
    func values(_ seams: Seams, becomeMethod: Endpoint.BecomeMethod? = nil) throws -> Values {
        let (password, becomePassword) = try seams.passwords.logins(passwords)
        return Values(
            user: user, privateKey: privateKey, connectTimeout: connectTimeout.map { .seconds($0) },
            password: password, becomePassword: becomePassword, becomeMethod: becomeMethod)
    }
}
