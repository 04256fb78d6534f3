import Fleet
import Inventories
import OrderedCollections
import Templating

/// How a task runs on one host: where, with whose rights, for how long, and whether for real.
struct TaskSetting {
    let target: Target
    /// Whether the task runs on another host than the one it is for.
    let isDelegated: Bool
    /// Whether the target is left as it is.
    let isCheck: Bool
    /// Shell lines that set the task's environment.
    let environment: String
    let deadline: Duration

    /// Evaluates the keywords of `task`.
    init(_ task: PlayTask, scope: TaskScope, host: Int, view: RunView) throws {
        let settings = task.settings
        let evaluation = view.evaluation
        let own = view.state.hosts[host].name
        var endpoint: Endpoint
        if let delegate = settings[.delegateTo], delegate != .null {
            let name = try HostName(try evaluation.text(delegate, in: scope))
            isDelegated = name != own
            endpoint = try EndpointFinder(view: view).endpoint(of: name, scope: isDelegated ? nil : scope)
        } else {
            isDelegated = false
            endpoint = try EndpointFinder(view: view).endpoint(of: own, scope: scope)
        }
        if let connection = settings[.connection], connection != .null {
            let name = try evaluation.text(connection, in: scope)
            endpoint.connection = name.hasSuffix("local") ? .local : .ssh
        }
        if let user = settings[.remoteUser], endpoint.user == nil {
            endpoint.user = try evaluation.text(user, in: scope)
        }
        if let port = settings[.port], endpoint.port == 22,
            let number = UInt16(exactly: try evaluation.int(port, in: scope))
        {
            endpoint.port = number
        }
        if endpoint.user == nil { endpoint.user = view.options.user }
        let privilege = try Self.privilege(settings, scope: scope, view: view, endpoint: endpoint)
        target = Target(endpoint: endpoint, privilege: privilege)
        isCheck =
            try settings[.checkMode].map { try evaluation.flag($0, in: scope) ?? view.options.isCheck }
            ?? view.options.isCheck
        environment = try Self.environment(settings, scope: scope, evaluation)
        if let timeout = settings[.timeout], case let seconds = try evaluation.int(timeout, in: scope), seconds > 0 {
            deadline = .seconds(seconds)
        } else if let seconds = task.asyncSeconds {
            deadline = .seconds(try evaluation.int(seconds, in: scope))
        } else {
            deadline = view.options.taskDeadline
        }
    }

    /// Whose rights a task has: variables win over keywords, keywords over the command line.
    static func privilege(
        _ settings: TaskSettings, scope: TaskScope, view: RunView, endpoint: Endpoint
    ) throws -> Privilege {
        let evaluation = view.evaluation
        func variable(_ name: String) throws -> Value? {
            guard let binding = try scope.binding(for: name), case .value(let value) = binding else { return nil }
            return value == .null ? nil : value
        }
        var becomes = false
        var user = "root"
        if case .become(let name)? = view.options.become {
            becomes = true
            user = name
        }
        if let value = try variable("ansible_become") ?? settings[.become] {
            becomes = try evaluation.flag(value, in: scope) ?? becomes
        }
        if let value = try variable("ansible_become_user") ?? settings[.becomeUser], value != .null {
            user = try evaluation.text(value, in: scope)
        }
        if !becomes { return .login }
        // Who logs in as a user need not become it.
        if (endpoint.user ?? "") == user { return .login }
        return .become(user: user)
    }

    private static func environment(
        _ settings: TaskSettings, scope: TaskScope, _ evaluation: Evaluation
    ) throws -> String {
        guard !settings.environment.isEmpty else { return "" }
        var variables: OrderedDictionary<String, String> = [:]
        for layer in settings.environment {
            guard case .map(let fields) = try evaluation.value(layer, in: scope) else { continue }
            for (name, value) in fields { variables[PlainText.of(name)] = PlainText.of(value) }
        }
        return variables.map { "export \($0.key)=\(RemoteCommand.quote($0.value))\n" }.joined()
    }

    /// The module with its arguments evaluated.
    func module(_ call: ModuleCall, of task: PlayTask, scope: TaskScope, view: RunView) throws -> any TaskModule {
        let evaluation = view.evaluation
        var values: Variables = [:]
        for layer in scope.settings?.moduleDefaults ?? [] {
            guard case .map(let defaults) = layer else { continue }
            for name in call.specification.names {
                guard let fields = defaults[.string(name)] else { continue }
                values.merge(try evaluation.arguments(fields, in: scope)) { _, later in later }
            }
        }
        if let whole = call.arguments.whole {
            values.merge(try evaluation.arguments(whole, in: scope)) { _, later in later }
        }
        for (name, value) in call.arguments.named {
            if let value = try evaluation.argument(value, in: scope) {
                values[name] = value
            } else {
                values[name] = nil
            }
        }
        let freeForm = try call.arguments.freeForm.map { try evaluation.text($0, in: scope) }
        let arguments = try call.specification.arguments(values, freeForm: freeForm, at: task.location)
        return try call.module.init(arguments, context(task, scope, view))
    }

    private func context(_ task: PlayTask, _ scope: TaskScope, _ view: RunView) throws -> ModuleContext {
        let folders = task.settings.searchFolders
        let evaluation = view.evaluation
        let wantsDiff =
            try task.settings[.diff].map { try evaluation.flag($0, in: scope) ?? view.options.wantsDiff }
            ?? view.options.wantsDiff
        return ModuleContext(
            isCheck: isCheck, wantsDiff: wantsDiff, privilege: target.privilege,
            find: { kind, name in try FileSearch.require(name, kind: kind, in: folders, at: nil) },
            read: { path in try evaluation.files.bytes(of: path) },
            render: { name in
                let path = try FileSearch.require(name, kind: "templates", in: folders, at: nil)
                return try evaluation.render(file: path, searching: folders, in: scope)
            },
            evaluate: { expression in try evaluation.value(ofExpression: expression, in: scope) })
    }
}
