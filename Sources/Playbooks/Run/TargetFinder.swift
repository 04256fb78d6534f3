import Fleet
import Inventories
import OrderedCollections
import Templating
import Values

/// Works out how a host is reached and with whose rights, from its variables, a task's keywords and the command line.
struct TargetFinder {
    let view: RunView

    /// The host that a task is done on.
    func place(of scope: TaskScope) throws -> HostName {
        guard let delegate = scope.settings?[.delegateTo], delegate != .null else {
            return view.state.hosts[scope.host].name
        }
        return try HostName(try view.evaluation.text(delegate, in: scope))
    }

    /// Where the commands of a task run, and with whose rights: on the scope's own host, or on the one it is delegated to.
    func target(on name: HostName, scope: TaskScope) throws -> Target {
        guard let route = knownRoute(to: name, scope) else {
            let keywords = try keywords(of: scope).over(rightsKeywords(of: scope))
            let names = ConnectionVariables.names.union(ConnectionVariables.becomeNames)
            return try resolved(name, scope, keywords, names)
        }
        return Target(route, asking: try rights(on: name, by: route.becomeMethod, scope))
    }

    /// Whose rights the task of `scope` asks for on its own host, which `method` gives.
    func rights(
        on name: HostName, by method: Endpoint.BecomeMethod, _ scope: TaskScope
    ) throws -> ConnectionSettings {
        let values = try values(ConnectionVariables.becomeNames, in: scope)
        return try ConnectionVariables.rights(on: name, values, by: method)
            .over(rightsKeywords(of: scope)).over(view.options.connection)
    }

    /// How `name` is reached, as a task or play of `scope` reaches it.
    func route(to name: HostName, scope: TaskScope) throws -> Route {
        if let route = knownRoute(to: name, scope) { return route }
        return try resolved(name, scope, keywords(of: scope), ConnectionVariables.names).route
    }

    /// The play's way to its host, where the task says nothing of its own about it.
    private func knownRoute(to name: HostName, _ scope: TaskScope) -> Route? {
        guard view.state.hosts[scope.host].name == name, isPlain(scope) else { return nil }
        return view.routes[name]
    }

    private func resolved(
        _ host: HostName, _ scope: TaskScope, _ keywords: ConnectionSettings, _ names: Set<String>
    ) throws -> Target {
        let layers = ConnectionLayers(keywords: keywords, flags: view.options.connection)
        return try RouteResolution(layers, variables: jumpVariables(of:))
            .target(on: host, try values(names, in: variables(of: host, for: scope)))
    }

    // MARK: Variables

    /// What `name` has for variables while a task runs on it: its own, and what play and task set.
    private func variables(of name: HostName, for scope: TaskScope) -> TaskScope {
        if view.state.hosts[scope.host].name == name { return scope }
        var state = view.state
        let host = state.index(of: name.description) ?? state.add(PlaybookRun.hostVariables(name, view.inventory))
        return TaskScope(
            state: state, play: scope.play, host: host, settings: scope.settings, locals: scope.locals,
            evaluator: scope.evaluator)
    }

    private func values(_ names: Set<String>, in scope: some TemplateScope & Sendable) throws -> Variables {
        var values: Variables = [:]
        for name in names { values[name] = try value(name, in: scope) }
        return values
    }

    private func value(_ name: String, in scope: some TemplateScope & Sendable) throws -> Value? {
        guard let binding = try scope.binding(for: name), case .value(let value) = binding else { return nil }
        return value.holdsTemplate ? try view.evaluation.value(value, in: scope) : value
    }

    private func jumpVariables(of name: HostName) throws -> Variables? {
        guard view.inventory.contains(name) else { return nil }
        guard let host = view.state.index(of: name.description) else {
            return try view.evaluation.literal(view.inventory.variables(of: name))
        }
        let scope = HostScope(state: view.state, host: host, evaluator: view.evaluation)
        return try values(ConnectionVariables.names, in: scope)
    }

    // MARK: Keywords

    private func rightsKeywords(of scope: TaskScope) throws -> ConnectionSettings {
        var keywords = ConnectionSettings()
        keywords.becomes = try scope.settings?[.become].flatMap { try view.evaluation.flag($0, in: scope) }
        keywords.becomeUser = try scope.settings?[.becomeUser].flatMap { try text($0, in: scope) }
        return keywords
    }

    /// What the task's keywords say of the connection.
    private func keywords(of scope: TaskScope) throws -> ConnectionSettings {
        var keywords = ConnectionSettings()
        guard let settings = scope.settings else { return keywords }
        if let name = try settings[.connection].flatMap({ try text($0, in: scope) }) {
            keywords.connection = try ConnectionSettings.connection(name, of: "connection")
        }
        if let name = try settings[.becomeMethod].flatMap({ try text($0, in: scope) }) {
            keywords.becomeMethod = try ConnectionSettings.becomeMethod(name, of: "become_method")
        }
        keywords.user = try settings[.remoteUser].flatMap { try text($0, in: scope) }
        keywords.port = try settings[.port].flatMap { try port($0, in: scope) }
        return keywords
    }

    /// Text; `nil` for none and for an empty one.
    private func text(_ value: Value, in scope: TaskScope) throws -> String? {
        guard value != .null else { return nil }
        let text = try view.evaluation.text(value, in: scope)
        return text.isEmpty ? nil : text
    }

    private func port(_ value: Value, in scope: TaskScope) throws -> UInt16? {
        guard value != .null else { return nil }
        let number = try view.evaluation.int(value, in: scope)
        guard let port = UInt16(exactly: number), port > 0 else {
            throw InputError("port is \(number), not a port between 1 and 65535")
        }
        return port
    }

    /// Whether the task says nothing of its own about how its host is reached, so that the play's way is the task's.
    func isPlain(_ scope: TaskScope) -> Bool {
        guard let settings = scope.settings else { return true }
        for keyword in [TaskKeyword.connection, .becomeMethod, .remoteUser, .port] {
            guard let value = settings[keyword] else { continue }
            if value.holdsTemplate || value != view.play.settings[keyword] { return false }
        }
        var layers = settings.vars + settings.includeParameters
        if let role = settings.role { layers += [role.vars, role.parameters] }
        return !layers.contains { layer in layer.keys.contains { $0.hasPrefix("ansible_") || $0 == "drover_host_key" } }
    }
}

extension Target {
    /// The end of a way, with the rights that are asked for there: who logs in as a user need not become it.
    init(_ route: Route, asking rights: ConnectionSettings) {
        var said = rights
        said.user = route.settings.user
        self.init(route: route, privilege: said.privilege)
    }
}
