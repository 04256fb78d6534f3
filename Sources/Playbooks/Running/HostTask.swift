import Fleet
import OrderedCollections

/// One task on one host, as far as it has come.
///
/// A value machine: ``advance(_:)`` decides what is needed next, the run fetches it, and nothing else happens here.
struct HostTask: Sendable {
    let task: PlayTask
    let host: Int
    /// How each item ended.
    private(set) var results: [ItemResult] = []
    /// Whether the task is a loop, and so has a list of results.
    private(set) var isLoop = false
    /// Host that the task was done on, when that is another.
    private(set) var delegate: HostName?
    /// What made the whole task fail or unknown, before or beside its items.
    private(set) var wholeResult: ItemResult?

    private var items: [Value?]?
    private var index = 0
    private var attempt = 1
    private var rounds = 0
    private var hasChecked = false
    private var hasPaused = false
    private var pending: Variables = [:]
    /// What the item before left under the name that `register` gives.
    private var registered: ItemResult?
    /// What the item at hand notifies.
    private var notified: [String]?
    /// What the item at hand will notify if it changes something.
    var willNotify: [String] { notified ?? [] }
    /// The change that was handed out and has not been answered.
    private var change: Change?
    /// The arguments of the item at hand, when results tell them.
    private var invocation: Value?
    /// The seconds that the task itself gives its command.
    private var period: Int?
    /// How long to wait before the next try.
    private var wait: Duration?

    init(_ task: PlayTask, host: Int) {
        self.task = task
        self.host = host
    }

    /// Goes on as far as possible.
    mutating func advance(_ view: RunView) -> TaskNeed {
        while true {
            do {
                guard let items = try preparedItems(view) else { return .nothing }
                guard index < items.count else { return .nothing }
                if let need = try advanceItem(items[index], view) { return need }
            } catch let needed as FactNeeded {
                return .facts(needed)
            } catch let unknown as UnknownUntil {
                finish(ItemResult(item: nil, result: TaskResult(), unknownUntil: unknown.step), view)
            } catch {
                finish(failedItem(error), view)
            }
        }
    }

    /// Takes the answer to the change that was handed out.
    mutating func answer(_ answer: CommandResult, _ view: RunView) {
        guard let change else { return }
        self.change = nil
        do {
            var result = Self.result(of: change, answer)
            if task.asyncSeconds != nil {
                (result.fields["started"], result.fields["finished"]) = (.bool(true), .bool(true))
            }
            try settle(result, diffs: change.diffs, view)
        } catch {
            finish(failedItem(error), view)
        }
    }

    /// Ends the task on this host because its command could not be run to its end.
    mutating func fail(_ error: TransportError, _ view: RunView) {
        change = nil
        var result = TaskResult(failed: true, message: error.message)
        if error.code == .timedOut, let period {
            result.message = "Task failed: Timed out after \(period) second(s)."
            result.fields["timedout"] = .map(["period": .int(period), "frame": .string(RegisteredValue.noTraceback)])
        }
        finish(ItemResult(result: result, hints: error.hints), view)
    }

    /// Ends the item at hand because its host cannot be reached, though the play does not mind.
    mutating func lose(_ error: TransportError, _ view: RunView) {
        change = nil
        wait = nil
        var result = ItemResult(result: TaskResult(message: error.message))
        result.isUnreachable = true
        finish(result, view)
    }

    // MARK: Items

    /// The items of the loop, or one that is no item; `nil` when the task is over before it began.
    private mutating func preparedItems(_ view: RunView) throws -> [Value?]? {
        if wholeResult != nil { return nil }
        if let items { return items }
        guard let loop = task.loop else {
            items = [nil]
            return items
        }
        isLoop = true
        let scope = view.scope(host, task.settings)
        do {
            let found = try LoopItems(view.evaluation, task.settings.searchFolders).items(of: loop, in: scope)
            items = found
            if found.isEmpty {
                let reason = "No items in the list"
                wholeResult = ItemResult(
                    result: TaskResult(skipped: true, message: reason, fields: ["skipped_reason": .string(reason)]))
                return nil
            }
        } catch let error where !(error is FactNeeded) {
            // A loop over something undefined is no error when the task is skipped anyway.
            if let condition = try falseCondition(scope, view) {
                wholeResult = ItemResult(result: TaskResult(skipped: true), falseCondition: condition)
            } else if let unknown = error as? UnknownUntil {
                wholeResult = ItemResult(result: TaskResult(), unknownUntil: unknown.step)
            } else {
                wholeResult = failedItem(error)
            }
            return nil
        }
        return items
    }

    /// Variables that exist for one item only.
    func locals(_ item: Value?) -> Variables {
        guard let loop = task.loop, let item else { return [:] }
        var locals: Variables = [loop.variable: item, "ansible_loop_var": .string(loop.variable)]
        if let name = loop.indexVariable {
            locals[name] = .int(index)
            locals["ansible_index_var"] = .string(name)
        }
        if loop.isExtended, let items { locals["ansible_loop"] = Self.extended(items, index) }
        return locals
    }

    private static func extended(_ items: [Value?], _ index: Int) -> Value {
        var fields: Variables = [
            "index": .int(index + 1), "index0": .int(index), "revindex": .int(items.count - index),
            "revindex0": .int(items.count - index - 1), "first": .bool(index == 0),
            "last": .bool(index == items.count - 1), "length": .int(items.count),
            "allitems": .list(items.compactMap { $0 }),
        ]
        if index > 0 { fields["previtem"] = items[index - 1] }
        if index + 1 < items.count { fields["nextitem"] = items[index + 1] }
        return .map(OrderedDictionary(uniqueKeysWithValues: fields.map { (.string($0.key), $0.value) }))
    }

    /// Ends the item at hand.
    private mutating func finish(_ result: ItemResult, _ view: RunView) {
        var result = result
        guard let items, index < items.count else {
            wholeResult = result
            return
        }
        result.item = items[index]
        result.locals = locals(items[index])
        result.label = label(items[index], view)
        result.invocation = invocation
        invocation = nil
        result.notified = notified ?? []
        if isLoop { registered = result }
        pending.merge(result.result.facts) { _, later in later }
        results.append(result)
        index += 1
        attempt = 1
        rounds = 0
        hasChecked = false
        hasPaused = false
        notified = nil
        if let loop = task.loop, !loop.breakWhen.isEmpty, shouldBreak(loop, result, view) { index = items.count }
    }

    /// What templates of an item see: the item, what it is called, and what the item before left.
    private func scope(of item: Value?, _ view: RunView) -> TaskScope {
        var scope = view.scope(host, task.settings, locals: locals(item), pending: pending)
        guard let registered, let name = task.register else { return scope }
        scope.locals[name] = RegisteredValue.item(registered, of: task)
        if view.options.mode == .plan, let step = registered.unknownUntil ?? (registered.isOpen ? view.step : nil) {
            scope.unknown = (name, step)
        }
        return scope
    }

    private func shouldBreak(_ loop: TaskLoop, _ result: ItemResult, _ view: RunView) -> Bool {
        var locals = result.locals
        if let register = task.register { locals[register] = RegisteredValue.item(result, of: task) }
        let scope = view.scope(host, task.settings, locals: locals, pending: pending)
        // A condition that cannot be evaluated does not end the loop; the item's own result stands.
        return loop.breakWhen.allSatisfy { (try? view.evaluation.holds($0, in: scope)) == true }
    }

    private func label(_ item: Value?, _ view: RunView) -> String? {
        guard let item, let loop = task.loop else { return nil }
        guard let label = loop.label else { return PlainText.of(item) }
        let scope = scope(of: item, view)
        // A label is only for show: one that cannot be evaluated gives way to the item.
        return (try? view.evaluation.value(label, in: scope)).map(PlainText.of) ?? PlainText.of(item)
    }

    // MARK: One item

    private mutating func advanceItem(_ item: Value?, _ view: RunView) throws -> TaskNeed? {
        let scope = scope(of: item, view)
        if !hasChecked {
            if let pause = try pause(scope, view) { return .pause(pause) }
            if let condition = try falseCondition(scope, view) {
                finish(ItemResult(result: TaskResult(skipped: true), falseCondition: condition), view)
                return nil
            }
            notified = try notifications(scope, view)
            hasChecked = true
        }
        guard case .module(let call) = task.action else {
            let earlier = results.compactMap(\.effect)
            let actions = EngineActions(view: view, scope: scope, task: task, host: host, earlier: earlier)
            finish(try judged(try actions.result(), scope, view), view)
            return nil
        }
        let setting = try TaskSetting(task, scope: scope, host: host, view: view)
        if setting.isDelegated { delegate = setting.target.host }
        if let wait {
            self.wait = nil
            return .pause(wait)
        }
        let arguments = try setting.arguments(call, of: task, scope: scope, view: view)
        // Only the items of loops tell it, and only to who keeps the result.
        invocation =
            isLoop && task.register != nil ? Invocation.value(of: call.specification, arguments) : nil
        period = setting.period
        let module = try setting.module(call, arguments, of: task, scope: scope, view: view)
        return try advance(module, setting, view)
    }

    /// How long to wait before the item at hand, once.
    private mutating func pause(_ scope: TaskScope, _ view: RunView) throws -> Duration? {
        guard index > 0, !hasPaused, let written = task.loop?.pause else { return nil }
        hasPaused = true
        let seconds = try view.evaluation.number(written, in: scope)
        return (0...Self.longestPause).contains(seconds) ? .seconds(seconds) : nil
    }

    /// A year, in seconds.
    private static let longestPause: Double = 31_536_000

    /// The first condition that does not hold.
    private func falseCondition(_ scope: TaskScope, _ view: RunView) throws -> String? {
        for condition in task.settings.conditions where try !view.evaluation.holds(condition, in: scope) {
            switch condition {
            case .literal: return "false"
            case .expression(let text): return text.text
            }
        }
        return nil
    }

    private mutating func advance(
        _ module: any TaskModule, _ setting: TaskSetting, _ view: RunView
    ) throws -> TaskNeed? {
        let snapshot = view.snapshot(of: setting.target)
        let missing = snapshot.missing(module.probes(given: snapshot))
        if !missing.isEmpty {
            rounds += 1
            guard rounds < 20 else { throw TaskFailure("the host does not answer what the module asks") }
            return .probes(missing, setting.target)
        }
        switch try module.step(snapshot) {
        case .converged(let result): try settle(result, view)
        case .skipped(var result):
            result.skipped = true
            try settle(result, view)
        case .failed(var result):
            result.failed = true
            if view.options.mode == .plan, let step = view.uncertainty(of: setting.target.host) {
                throw UnknownUntil(step: step)
            }
            try settle(result, view)
        case .change(let change):
            if setting.isCheck { return try predict(change, view) }
            self.change = change
            var command = change
            command.script = setting.environment + change.script
            return .change(command, setting.target, deadline: setting.deadline)
        }
        return nil
    }

    private mutating func predict(_ change: Change, _ view: RunView) throws -> TaskNeed? {
        var result = change.predicted
        if change.isSkippedInCheckMode {
            result.skipped = true
            result.changed = false
            if result.fields["cmd"] != nil { result.fields["failed"] = .bool(false) }
        }
        try settle(result, diffs: change.diffs, predicted: change.touches, view)
        return nil
    }

    /// Judges a result, and either ends the item or arranges for another try.
    private mutating func settle(
        _ result: TaskResult, diffs: [Diff] = [], predicted touch: Touch? = nil, _ view: RunView
    ) throws {
        let item = items.flatMap { index < $0.count ? $0[index] : nil }
        let scope = scope(of: item, view)
        let tries = task.retry == nil ? nil : attempt
        var judged = try judged(result, attempts: tries, scope, view)
        if let retry = task.retry, !judged.skipped || touch == nil {
            let limit = try view.evaluation.int(retry.retries ?? .int(3), in: scope)
            if try !isSatisfied(judged, retry, attempts: attempt, scope, view) {
                if attempt <= limit {
                    attempt += 1
                    rounds = 0
                    wait = try view.evaluation.duration(retry.delay ?? .int(5), in: scope)
                    return
                }
                judged.failed = true
                attempt = limit
            }
        }
        finish(
            ItemResult(
                result: judged, diffs: judged.failed ? [] : diffs, attempts: task.retry == nil ? nil : attempt,
                isPredicted: touch != nil, touch: touch),
            view)
    }
}
