import Fleet
import Inventories
import OrderedCollections
import TaskModules
import Values

/// One task on one host, as far as it has come.
///
/// A value machine: ``advance(_:)`` decides what is needed next, the run fetches it, and nothing else happens here.
struct HostTask: Sendable {
    let task: PlayTask
    let host: Int
    /// What the task has come to on hosts like this one.
    let shared: SharedTask
    /// How each item ended.
    private(set) var results: [ItemResult] = []
    /// Host that the task was done on, when that is another.
    private(set) var delegate: HostName?
    /// What made the whole task fail or unknown, before or beside its items.
    private(set) var wholeResult: ItemResult?

    private var walk: LoopWalk?
    private var progress = ItemProgress()

    init(_ task: PlayTask, host: Int, shared: SharedTask) {
        self.task = task
        self.host = host
        self.shared = shared
    }

    /// Whether the task is a loop, and so has a list of results.
    var isLoop: Bool { task.loop != nil }

    /// What the item at hand will notify if it changes something.
    var willNotify: [String] { progress.notified ?? [] }

    /// Goes on as far as possible.
    mutating func advance(_ view: RunView) -> TaskNeed {
        while true {
            do {
                try begin(view)
                guard let walk, !walk.isOver, wholeResult == nil else { return .nothing }
                if let need = try advance(walk, view) { return need }
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
        guard let change = progress.change else { return }
        progress.change = nil
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
        progress.change = nil
        var result = TaskResult(ErrorReport(error))
        if error.code == .timedOut, let period = progress.period {
            result.message = "Task failed: Timed out after \(period) second(s)."
            result.fields["timedout"] = .map(["period": .int(period), "frame": .string(RegisteredValue.noTraceback)])
        }
        finish(ItemResult(result: result), view)
    }

    /// Ends the task on this host because of something that has nothing to do with its host.
    mutating func fail(_ error: ErrorReport, _ view: RunView) {
        progress.change = nil
        finish(ItemResult(result: TaskResult(error)), view)
    }

    /// Ends the item at hand because its host cannot be reached, though the play does not mind.
    mutating func lose(_ error: TransportError, _ view: RunView) {
        var result = ItemResult(result: TaskResult(message: error.message))
        result.result.error = ErrorReport(error)
        result.isUnreachable = true
        finish(result, view)
    }

    // MARK: Items

    /// Works out the items, unless they are known or there are none.
    private mutating func begin(_ view: RunView) throws {
        guard walk == nil, wholeResult == nil else { return }
        guard let loop = task.loop else {
            walk = LoopWalk([nil], of: task, host: host)
            return
        }
        let scope = view.scope(host, task.settings)
        do {
            let items = try loopItems(loop, scope, view)
            walk = LoopWalk(items, of: task, host: host)
            if !items.isEmpty { return }
            let reason = "No items in the list"
            wholeResult = ItemResult(
                result: TaskResult(skipped: true, message: reason, fields: ["skipped_reason": .string(reason)]))
        } catch let error where !(error is FactNeeded) {
            wholeResult = try withoutItems(error, scope, view)
        }
    }

    /// The items of a loop as this host has them.
    func loopItems(_ loop: TaskLoop, _ scope: TaskScope, _ view: RunView) throws -> [Value?] {
        let maker = LoopItems(view.evaluation, task.settings.searchFolders)
        return try shared.items.value(in: scope) { try maker.items(of: loop, in: $0) }
    }

    /// What a task comes to whose items cannot be told. A loop over something undefined is no error when it is skipped anyway.
    private func withoutItems(_ error: any Error, _ scope: TaskScope, _ view: RunView) throws -> ItemResult {
        if let condition = try falseCondition(scope, view) {
            return ItemResult(result: TaskResult(skipped: true), falseCondition: condition)
        }
        guard let unknown = error as? UnknownUntil else { return failedItem(error) }
        return ItemResult(result: TaskResult(), unknownUntil: unknown.step)
    }

    /// Ends the item at hand.
    private mutating func finish(_ result: ItemResult, _ view: RunView) {
        defer { progress = ItemProgress() }
        guard walk?.isOver == false else {
            wholeResult = result
            return
        }
        var result = result
        result.invocation = progress.invocation
        result.notified = willNotify
        if let finished = walk?.finish(result, view) { results.append(finished) }
    }

    /// What templates of the item at hand see.
    private func scope(_ view: RunView) -> TaskScope { walk?.scope(view) ?? view.scope(host, task.settings) }

    // MARK: One item

    private mutating func advance(_ walk: LoopWalk, _ view: RunView) throws -> TaskNeed? {
        let scope = walk.scope(view)
        let part = shared.item(walk.index)
        if !progress.hasChecked {
            if walk.index > 0, let pause = try pause(scope, view) { return .pause(pause) }
            if let condition = try part.falseCondition.value(in: scope, make: { try falseCondition($0, view) }) {
                finish(ItemResult(result: TaskResult(skipped: true), falseCondition: condition), view)
                return nil
            }
            progress.notified = try part.notifications.value(in: scope) { try notifications($0, view) }
            progress.hasChecked = true
        }
        guard case .module(let call) = task.action else {
            let earlier = results.compactMap(\.effect)
            let actions = EngineActions(view: view, scope: scope, task: task, host: host, earlier: earlier)
            finish(try judged(try actions.result(), scope, view), view)
            return nil
        }
        let setting = try TaskSetting(shared, part, scope: scope, view: view)
        if setting.isDelegated { delegate = setting.target.host }
        if let wait = progress.wait {
            progress.wait = nil
            return .pause(wait)
        }
        let prepared = try prepare(call, part, setting, scope, view)
        return try advance(prepared, setting.target, view)
    }

    /// The task's module, ready for this host.
    private mutating func prepare(
        _ call: ModuleCall, _ part: SharedTask.Item, _ setting: TaskSetting, _ scope: TaskScope, _ view: RunView
    ) throws -> PreparedCall {
        // A module that refuses its arguments has been called with them all the same.
        var invocation: Value?
        defer { progress.invocation = invocation }
        let privilege = setting.target.privilege
        let prepared = try part.call.value(in: scope, fits: { $0.privilege == privilege }) { scope in
            try makeCall(call, for: privilege, scope, view) { invocation = $0 }
        }
        invocation = prepared.invocation
        progress.period = prepared.terms.period
        return prepared
    }

    /// The task's module with its arguments in `scope`.
    ///
    /// - Parameter tell: Hears the arguments as results tell them.
    func makeCall(
        _ call: ModuleCall, for privilege: Privilege, _ scope: TaskScope, _ view: RunView,
        telling tell: (Value?) -> Void = { _ in }
    ) throws -> PreparedCall {
        let terms = try CallTerms(task, in: scope, view)
        let preparation = CallPreparation(call: call, task: task, scope: scope, view: view)
        let arguments = try preparation.arguments()
        // Only the items of loops tell it, and only to who keeps the result.
        let tells = task.loop != nil && task.register != nil
        let invocation = tells ? Invocation.value(of: call.specification, arguments) : nil
        tell(invocation)
        let module = try preparation.module(arguments, on: terms, as: privilege)
        return PreparedCall(module: module, terms: terms, privilege: privilege, invocation: invocation)
    }

    /// How long to wait before the item at hand, once.
    private mutating func pause(_ scope: TaskScope, _ view: RunView) throws -> Duration? {
        guard !progress.hasPaused, let written = task.loop?.pause else { return nil }
        progress.hasPaused = true
        let seconds = try view.evaluation.number(written, in: scope)
        return (0...Self.longestPause).contains(seconds) ? .seconds(seconds) : nil
    }

    /// A year, in seconds.
    private static let longestPause: Double = 31_536_000

    private mutating func advance(
        _ prepared: PreparedCall, _ target: Target, _ view: RunView
    ) throws -> TaskNeed? {
        let snapshot = view.snapshot(of: target)
        let missing = snapshot.missing(prepared.module.probes(given: snapshot))
        if !missing.isEmpty {
            progress.rounds += 1
            guard progress.rounds < 20 else {
                throw TransportError(.badAnswer, host: target.host, "the host does not answer what the module asks")
            }
            return .probes(missing, target)
        }
        switch try prepared.module.step(snapshot) {
        case .converged(let result): try settle(result, view)
        case .skipped(var result):
            result.skipped = true
            try settle(result, view)
        case .failed(var result):
            result.failed = true
            if view.options.mode == .plan, let step = view.uncertainty(of: target.host) {
                throw UnknownUntil(step: step)
            }
            try settle(result, view)
        case .change(let change):
            if prepared.terms.isCheck { return try predict(change, view) }
            progress.change = change
            var command = change
            command.script = prepared.terms.environment + change.script
            return .change(command, target, deadline: prepared.terms.deadline)
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
        var judged = result
        if task.isJudged {
            let scope = scope(view)
            judged = try self.judged(
                result, attempts: task.retry == nil ? nil : progress.attempt, scope, view)
            if let retry = task.retry, !judged.skipped || touch == nil {
                guard try settle(&judged, retry, scope, view) else { return }
            }
        }
        finish(
            ItemResult(
                result: judged, diffs: judged.failed ? [] : diffs,
                attempts: task.retry == nil ? nil : progress.attempt, isPredicted: touch != nil, touch: touch),
            view)
    }

    /// Whether the item ends with this try; otherwise another one is arranged for.
    private mutating func settle(
        _ judged: inout TaskResult, _ retry: PlayTask.Retry, _ scope: TaskScope, _ view: RunView
    ) throws -> Bool {
        let limit = try view.evaluation.int(retry.retries ?? .int(3), in: scope)
        if try isSatisfied(judged, retry, attempts: progress.attempt, scope, view) { return true }
        if progress.attempt <= limit {
            progress.attempt += 1
            progress.rounds = 0
            progress.wait = try view.evaluation.duration(retry.delay ?? .int(5), in: scope)
            return false
        }
        progress.attempt = limit
        if !judged.failed { judged.error = .triesUsedUp(retry.until, tries: limit) }
        judged.failed = true
        return true
    }
}
