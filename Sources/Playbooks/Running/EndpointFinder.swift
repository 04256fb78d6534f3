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
        var values: Variables = [:]
        if let scope {
            for variable in ConnectionVariables.names { try take(variable, from: scope, into: &values) }
        } else if let host = view.state.index(of: name.description) {
            let scope = HostScope(state: view.state, host: host, evaluator: view.evaluation)
            for variable in ConnectionVariables.names { try take(variable, from: scope, into: &values) }
        } else {
            values = try view.evaluation.literal(view.inventory.variables(of: name))
        }
        var endpoint = try ConnectionVariables.endpoint(for: name, values)
        if endpoint.user == nil { endpoint.user = view.options.user }
        if endpoint.identityFiles.isEmpty, let key = view.options.privateKey { endpoint.identityFiles = [key] }
        if endpoint.connectTimeout == Endpoint.defaultConnectTimeout, let timeout = view.options.connectTimeout {
            endpoint.connectTimeout = timeout
        }
        return endpoint
    }

    private func take(_ name: String, from scope: some TemplateScope & Sendable, into values: inout Variables) throws {
        guard let binding = try scope.binding(for: name), case .value(let value) = binding else { return }
        values[name] = value.holdsTemplate ? try view.evaluation.value(value, in: scope) : value
    }

    /// Whether the task itself says how its host is reached, so that the endpoint is the task's alone.
    private static func setsConnection(_ settings: TaskSettings?) -> Bool {
        guard let settings else { return false }
        var layers = settings.vars + settings.includeParameters
        if let role = settings.role { layers += [role.vars, role.parameters] }
        return layers.contains { layer in layer.keys.contains { $0.hasPrefix("ansible_") } }
    }
}
