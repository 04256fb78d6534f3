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
    /// The seconds that the task itself gives its command.
    let period: Int?

    /// Evaluates the keywords of `task`.
    init(_ task: PlayTask, scope: TaskScope, host: Int, view: RunView) throws {
        let settings = task.settings
        let evaluation = view.evaluation
        let own = view.state.hosts[host].name
        let finder = EndpointFinder(view: view)
        let place = try finder.place(of: scope)
        isDelegated = place != own
        target = try finder.target(on: place, scope: scope)
        isCheck =
            try settings[.checkMode].map { try evaluation.flag($0, in: scope) ?? view.options.isCheck }
            ?? view.options.isCheck
        environment = try Self.environment(settings, scope: scope, evaluation)
        if let timeout = settings[.timeout], case let time = try evaluation.duration(timeout, in: scope), time > .zero {
            deadline = time
            period = Int(time.components.seconds)
        } else if let seconds = task.asyncSeconds {
            deadline = try evaluation.duration(seconds, in: scope)
            period = nil
        } else {
            period = nil
            deadline = view.options.taskDeadline
        }
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

    /// The module's arguments, evaluated.
    func arguments(
        _ call: ModuleCall, of task: PlayTask, scope: TaskScope, view: RunView
    ) throws -> ModuleArguments {
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
        for (written, value) in call.arguments.named {
            // `set_fact` alone takes names from templates.
            let isOpen = call.specification.name == "set_fact" && Value.isTemplate(written)
            let name = isOpen ? try evaluation.text(.trusted(written), in: scope) : written
            if let value = try evaluation.argument(value, in: scope) {
                values[name] = value
            } else {
                values[name] = nil
            }
        }
        let freeForm = try call.arguments.freeForm.map { try evaluation.text($0, in: scope) }
        return try call.specification.arguments(values, freeForm: freeForm, at: task.location)
    }

    /// The module with these arguments.
    func module(
        _ call: ModuleCall, _ arguments: ModuleArguments, of task: PlayTask, scope: TaskScope, view: RunView
    ) throws -> any TaskModule {
        try call.module.init(arguments, context(task, scope, view))
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
            evaluate: { expression in try evaluation.value(ofExpression: expression, in: scope) },
            holds: { text in
                try evaluation.holds(.expression(TemplateText(text, at: task.location)), in: scope)
            })
    }
}
