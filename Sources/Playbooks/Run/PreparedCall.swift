import Fleet
import OrderedCollections
import TaskModules
import Templating
import Values

/// A task's module with its arguments, ready for the host it was prepared for and for all that are like it.
struct PreparedCall: Sendable {
    let module: any TaskModule
    let terms: CallTerms
    /// Whose rights the task has.
    let privilege: Privilege
    /// The arguments as results tell them.
    let invocation: Value?
}

/// On which terms a task's command runs.
struct CallTerms: Sendable {
    /// Whether the target is left as it is.
    let isCheck: Bool
    /// Whether differences are wanted.
    let wantsDiff: Bool
    /// Shell lines that set the task's environment.
    let environment: String
    let deadline: Duration
    /// The seconds that the task itself gives its command.
    let period: Int?

    /// Evaluates the keywords of `task`.
    init(_ task: PlayTask, in scope: TaskScope, _ view: RunView) throws {
        let settings = task.settings
        let (evaluation, options) = (view.evaluation, view.options)
        func flag(_ keyword: TaskKeyword, otherwise: Bool) throws -> Bool {
            try settings[keyword].map { try evaluation.flag($0, in: scope) ?? otherwise } ?? otherwise
        }
        isCheck = try flag(.checkMode, otherwise: options.isCheck)
        environment = try Self.environment(settings, in: scope, evaluation)
        if let timeout = settings[.timeout], case let time = try evaluation.duration(timeout, in: scope), time > .zero {
            deadline = time
            period = Int(time.components.seconds)
        } else if let seconds = task.asyncSeconds {
            deadline = try evaluation.duration(seconds, in: scope)
            period = nil
        } else {
            period = nil
            deadline = options.taskDeadline
        }
        wantsDiff = try flag(.diff, otherwise: options.wantsDiff)
    }

    private static func environment(
        _ settings: TaskSettings, in scope: TaskScope, _ evaluation: Evaluation
    ) throws -> String {
        guard !settings.environment.isEmpty else { return "" }
        var variables: OrderedDictionary<String, String> = [:]
        for layer in settings.environment {
            guard case .map(let fields) = try evaluation.value(layer, in: scope) else { continue }
            for (name, value) in fields { variables[PlainText.of(name)] = PlainText.of(value) }
        }
        return variables.map { "export \($0.key)=\(RemoteCommand.quote($0.value))\n" }.joined()
    }
}

/// Prepares the call of a task's module in one host's scope.
struct CallPreparation {
    let call: ModuleCall
    let task: PlayTask
    let scope: TaskScope
    let view: RunView

    /// The module's arguments, evaluated.
    func arguments() throws -> ModuleArguments {
        var values = try defaults()
        let evaluation = view.evaluation
        if let whole = call.arguments.whole {
            values.merge(try evaluation.arguments(whole, in: scope)) { _, later in later }
        }
        for (written, value) in call.arguments.named {
            // `set_fact` alone takes names from templates.
            let isOpen = call.specification.name == "set_fact" && Value.isTemplate(written)
            let name = isOpen ? try evaluation.text(.trusted(written), in: scope) : written
            values[name] = try evaluation.argument(value, in: scope)
        }
        let freeForm = try call.arguments.freeForm.map { try evaluation.text($0, in: scope) }
        return try call.specification.arguments(values, freeForm: freeForm, at: task.location)
    }

    /// What `module_defaults` give.
    private func defaults() throws -> Variables {
        var values: Variables = [:]
        for layer in scope.settings?.moduleDefaults ?? [] {
            guard case .map(let defaults) = layer else { continue }
            for name in call.specification.names {
                guard let fields = defaults[.string(name)] else { continue }
                values.merge(try view.evaluation.arguments(fields, in: scope)) { _, later in later }
            }
        }
        return values
    }

    /// The module with these arguments.
    func module(
        _ arguments: ModuleArguments, on terms: CallTerms, as privilege: Privilege
    ) throws -> any TaskModule {
        try call.module.init(arguments, context(terms, privilege))
    }

    private func context(_ terms: CallTerms, _ privilege: Privilege) -> ModuleContext {
        let folders = task.settings.searchFolders
        let (evaluation, scope, location) = (view.evaluation, scope, task.location)
        return ModuleContext(
            isCheck: terms.isCheck, wantsDiff: terms.wantsDiff, privilege: privilege,
            find: { kind, name in try FileSearch.require(name, kind: kind, in: folders, at: nil) },
            read: { path in try evaluation.files.bytes(of: path) },
            render: { name in
                let path = try FileSearch.require(name, kind: "templates", in: folders, at: nil)
                return try evaluation.render(file: path, searching: folders, in: scope)
            },
            evaluate: { expression in try evaluation.value(ofExpression: expression, in: scope) },
            holds: { text in try evaluation.holds(.expression(TemplateText(text, at: location)), in: scope) })
    }
}
