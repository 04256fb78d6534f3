import Fleet
import Inventories
import OrderedCollections
import Templating

/// Works out how a host is reached, from its variables.
struct EndpointFinder {
    let view: RunView

    /// The endpoint of `name`: as the task's variables say, or the host's own for a delegate.
    func endpoint(of name: HostName, scope: TaskScope?) throws -> Endpoint {
        let isPlain = scope.map { !Self.setsConnection($0.settings) } ?? true
        if isPlain, let known = view.endpoints[name] { return known }
        let resolution = EndpointResolution(
            variables: jumpVariables(of:), completed: { try completed($0, by: $1, scope) })
        return try resolution.endpoint(for: name, try variables(of: name, scope: scope))
    }

    private func variables(of name: HostName, scope: TaskScope?) throws -> Variables {
        var values: Variables = [:]
        if let scope {
            for variable in ConnectionVariables.names { try take(variable, from: scope, into: &values) }
        } else if let host = view.state.index(of: name.description) {
            let scope = HostScope(state: view.state, host: host, evaluator: view.evaluation)
            for variable in ConnectionVariables.names { try take(variable, from: scope, into: &values) }
        } else {
            values = try view.evaluation.literal(view.inventory.variables(of: name))
        }
        return values
    }

    private func jumpVariables(of name: HostName) throws -> Variables? {
        view.inventory.contains(name) ? try variables(of: name, scope: nil) : nil
    }

    /// `endpoint` with what the flags and the task say where the host's variables, `values`, say nothing.
    private func completed(
        _ endpoint: Endpoint, by values: Variables, _ scope: TaskScope?
    ) throws -> Endpoint {
        var endpoint = endpoint
        if endpoint.user == nil { endpoint.user = view.options.user }
        if endpoint.identityFiles.isEmpty, let key = view.options.privateKey { endpoint.identityFiles = [key] }
        if endpoint.connectTimeout == Endpoint.defaultConnectTimeout, let timeout = view.options.connectTimeout {
            endpoint.connectTimeout = timeout
        }
        if endpoint.password == nil { endpoint.password = view.options.password }
        if endpoint.becomePassword == nil { endpoint.becomePassword = view.options.becomePassword }
        if values["ansible_become_method"] == nil, let method = try becomeMethod(scope) {
            endpoint.becomeMethod = method
        }
        return endpoint
    }

    /// What the task or the command line says of becoming another user.
    private func becomeMethod(_ scope: TaskScope?) throws -> Endpoint.BecomeMethod? {
        guard let scope, let value = scope.settings?[.becomeMethod], value != .null else {
            return view.options.becomeMethod
        }
        let name = try view.evaluation.text(value, in: scope)
        if let method = Endpoint.BecomeMethod(ansible: name) { return method }
        throw InputError("become_method '\(name)' is not supported", hints: ["sudo and su are"])
    }

    private func take(_ name: String, from scope: some TemplateScope & Sendable, into values: inout Variables) throws {
        guard let binding = try scope.binding(for: name), case .value(let value) = binding else { return }
        values[name] = value.holdsTemplate ? try view.evaluation.value(value, in: scope) : value
    }

    /// Whether the task itself says how its host is reached, so that the endpoint is the task's alone.
    private static func setsConnection(_ settings: TaskSettings?) -> Bool {
        guard let settings else { return false }
        if settings[.becomeMethod] != nil { return true }
        var layers = settings.vars + settings.includeParameters
        if let role = settings.role { layers += [role.vars, role.parameters] }
        return layers.contains { layer in layer.keys.contains { $0.hasPrefix("ansible_") } }
    }
}
