import Fleet
import OrderedCollections
import TaskModules
import Values

/// What a module answered becomes what the task answers.
extension HostTask {
    /// What went wrong, as a result.
    func failedItem(_ error: any Error) -> ItemResult { ItemResult(result: TaskResult(ErrorReport(error))) }

    /// What a script's answer means.
    static func result(of change: Change, _ answer: CommandResult) -> TaskResult {
        if let interpret = change.interpret { return interpret(answer) }
        if answer.succeeded { return change.predicted }
        let errors = answer.errorText.stripped
        return TaskResult(
            failed: true,
            message: errors.split(separator: "\n").last.map(String.init)
                ?? "the command ended with status \(answer.status)",
            fields: [
                "rc": .int(Int(answer.status)), "stdout": .string(answer.text.stripped), "stderr": .string(errors),
            ])
    }

    /// `changed_when` and `failed_when` have the last word on a result.
    func judged(_ result: TaskResult, attempts: Int?, _ scope: TaskScope, _ view: RunView) throws -> TaskResult {
        // What was not done is not judged, such as a command in check mode.
        guard !result.skipped, !task.changedWhen.isEmpty || !task.failedWhen.isEmpty else { return result }
        var result = result
        let scope = withRegistered(result, attempts: attempts, scope)
        if !task.changedWhen.isEmpty { result.changed = try holds(task.changedWhen, scope, view) }
        if !task.failedWhen.isEmpty {
            let failed = try holds(task.failedWhen, withRegistered(result, attempts: attempts, scope), view)
            if failed, !result.failed {
                result.message = result.message ?? "failed_when holds"
                result.error = .failedWhen(task.failedWhen)
            }
            if result.failed, !failed {
                result.fields["failed_when_suppressed_exception"] = .string(RegisteredValue.noTraceback)
            }
            result.failed = failed
            result.fields["failed_when_result"] = .bool(failed)
        }
        return result
    }

    /// The same for what the engine does itself; what failed has no effect.
    func judged(_ item: ItemResult, _ scope: TaskScope, _ view: RunView) throws -> ItemResult {
        switch item.effect {
        case .includeTasks, .includeRole, nil: return item
        case .includeVars, .groupBy, .addHost: break
        }
        var item = item
        item.result = try judged(item.result, attempts: nil, scope, view)
        if item.result.failed {
            item.effect = nil
            if task.changedWhen.isEmpty { item.result.changed = false }
        }
        return item
    }

    /// The first condition that does not hold.
    func falseCondition(_ scope: TaskScope, _ view: RunView) throws -> String? {
        for condition in task.settings.conditions where try !view.evaluation.holds(condition, in: scope) {
            switch condition {
            case .literal: return "false"
            case .expression(let text): return text.text
            }
        }
        return nil
    }

    /// What the task notifies if it changes something.
    func notifications(_ scope: TaskScope, _ view: RunView) throws -> [String] {
        try task.settings.notify.flatMap { written -> [String] in
            let value = try view.evaluation.value(written, in: scope)
            if case .list(let names) = value { return names.map(PlainText.of) }
            return [PlainText.of(value)]
        }
    }

    /// Whether the task is done with, as `until` sees it.
    func isSatisfied(
        _ result: TaskResult, _ retry: PlayTask.Retry, attempts: Int, _ scope: TaskScope, _ view: RunView
    ) throws -> Bool {
        if retry.until.isEmpty { return !result.failed }
        return try holds(retry.until, withRegistered(result, attempts: attempts, scope), view)
    }

    private func withRegistered(_ result: TaskResult, attempts: Int?, _ scope: TaskScope) -> TaskScope {
        guard let name = task.register else { return scope }
        var scope = scope
        scope.locals[name] = RegisteredValue.map(result, attempts: attempts)
        return scope
    }

    func holds(_ conditions: [Condition], _ scope: TaskScope, _ view: RunView) throws -> Bool {
        for condition in conditions where try !view.evaluation.holds(condition, in: scope) { return false }
        return true
    }
}

/// What `register` keeps.
enum RegisteredValue {
    /// Stands where Ansible has a traceback, or these words when it does not show them.
    static let noTraceback = "(traceback unavailable)"

    /// One result.
    static func map(
        _ result: TaskResult, attempts: Int? = nil, condition: String? = nil, isUnreachable: Bool = false
    ) -> Value {
        var fields: OrderedDictionary<Value, Value> = [.string("changed"): .bool(result.changed)]
        for (name, value) in result.fields { fields[.string(name)] = value }
        if !result.facts.isEmpty {
            fields[.string("ansible_facts")] = .map(
                OrderedDictionary(uniqueKeysWithValues: result.facts.map { (.string($0.key), $0.value) }))
        }
        if let message = result.message, fields[.string("msg")] == nil, fields[.string("skipped_reason")] == nil {
            fields[.string("msg")] = .string(message)
        }
        if result.skipped {
            fields[.string("skipped")] = .bool(true)
            if let condition {
                fields[.string("skip_reason")] = .string("Conditional result was False")
                fields[.string("false_condition")] = condition == "false" ? .bool(false) : .string(condition)
            }
        }
        if let attempts { fields[.string("attempts")] = .int(attempts) }
        // A task that was not begun did not fail, and does not say so; nor did one whose host was never asked.
        if isUnreachable {
            fields[.string("unreachable")] = .bool(true)
        } else if !result.skipped {
            fields[.string("failed")] = .bool(result.failed)
        }
        if result.failed { fields[.string("exception")] = .string(noTraceback) }
        return .map(fields)
    }

    /// The result of a task without items.
    static func whole(_ item: ItemResult, isLoop: Bool) -> Value {
        let value = map(
            item.result, attempts: item.attempts, condition: item.falseCondition, isUnreachable: item.isUnreachable)
        guard isLoop, case .map(var fields) = value else { return value }
        fields[.string("results")] = .list([])
        return .map(fields)
    }

    /// One item's result, with the item.
    static func item(_ result: ItemResult, of task: PlayTask) -> Value {
        guard
            case .map(var fields) = map(
                result.result, attempts: result.attempts, condition: result.falseCondition,
                isUnreachable: result.isUnreachable)
        else { return .null }
        if let invocation = result.invocation { fields[.string("invocation")] = invocation }
        if let item = result.item, let loop = task.loop {
            fields[.string(loop.variable)] = item
            fields[.string("ansible_loop_var")] = .string(loop.variable)
            if let name = loop.indexVariable, let index = result.locals[name] {
                fields[.string(name)] = index
                fields[.string("ansible_index_var")] = .string(name)
            }
        }
        return .map(fields)
    }
}
