import OrderedCollections
import TaskModules
import Values

/// The items of one task on one host, and how far they have been gone through. A task without a loop has one that is no item.
struct LoopWalk: Sendable {
    let items: [Value?]
    /// The item at hand.
    private(set) var index = 0
    private let task: PlayTask
    private let host: Int
    /// Facts that the items so far have set.
    private var pending: Variables = [:]
    /// What the item before left under the name that `register` gives.
    private var registered: ItemResult?

    init(_ items: [Value?], of task: PlayTask, host: Int) {
        self.items = items
        self.task = task
        self.host = host
    }

    var isOver: Bool { index >= items.count }

    /// What templates of the item at hand see: the item, what it is called, and what the item before left.
    func scope(_ view: RunView) -> TaskScope {
        guard let loop = task.loop, !isOver else { return view.scope(host, task.settings) }
        var scope = view.scope(host, task.settings, locals: loop.locals(items, index), pending: pending)
        guard let registered, let name = task.register else { return scope }
        scope.locals[name] = RegisteredValue.item(registered, of: task)
        if view.options.mode == .plan, let step = registered.unknownUntil ?? (registered.isOpen ? view.step : nil) {
            scope.unknown = (name, step)
        }
        return scope
    }

    /// Goes on to the next item, or to the end where the loop says so.
    ///
    /// - Returns: The result of the item at hand, with what it was about.
    mutating func finish(_ result: ItemResult, _ view: RunView) -> ItemResult {
        guard let loop = task.loop else {
            index += 1
            return result
        }
        var result = result
        result.item = items[index]
        result.locals = loop.locals(items, index)
        result.label = items[index].map { label($0, loop, view) }
        registered = result
        if !result.result.facts.isEmpty { pending.merge(result.result.facts) { _, later in later } }
        index = isLast(result, loop, view) ? items.count : index + 1
        return result
    }

    private func label(_ item: Value, _ loop: TaskLoop, _ view: RunView) -> String {
        guard let label = loop.label else { return PlainText.of(item) }
        // A label is only for show: one that cannot be evaluated gives way to the item.
        return (try? view.evaluation.value(label, in: scope(view))).map(PlainText.of) ?? PlainText.of(item)
    }

    /// Whether `break_when` ends the loop with this result.
    private func isLast(_ result: ItemResult, _ loop: TaskLoop, _ view: RunView) -> Bool {
        if loop.breakWhen.isEmpty { return false }
        var locals = result.locals
        if let register = task.register { locals[register] = RegisteredValue.item(result, of: task) }
        let scope = view.scope(host, task.settings, locals: locals, pending: pending)
        // A condition that cannot be evaluated does not end the loop; the item's own result stands.
        return loop.breakWhen.allSatisfy { (try? view.evaluation.holds($0, in: scope)) == true }
    }
}

extension TaskLoop {
    /// Variables that exist for one item only; none for what is no item.
    func locals(_ items: [Value?], _ index: Int) -> Variables {
        guard let item = items[index] else { return [:] }
        var locals: Variables = [variable: item, "ansible_loop_var": .string(variable)]
        if let name = indexVariable {
            locals[name] = .int(index)
            locals["ansible_index_var"] = .string(name)
        }
        if isExtended { locals["ansible_loop"] = Self.extended(items, index) }
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
}
