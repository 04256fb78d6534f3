import Fleet
import OrderedCollections
import TaskModules
import Values

/// What a task comes to on one host, its loop items taken together.
struct TaskSummary {
    var changed = false
    var failed = false
    var skipped = false
    /// Whether a host could not be reached, and the play does not mind.
    var isUnreachable = false
    var message: String?
    var unknownUntil: Int?

    init(_ done: HostTask) {
        if let whole = done.wholeResult {
            self.init(whole, of: done)
        } else if done.isLoop {
            self.init(loop: done)
        } else {
            self.init(done.results.first ?? ItemResult(result: TaskResult()), of: done)
        }
    }

    private init(_ item: ItemResult, of done: HostTask) {
        changed = item.result.changed
        failed = item.result.failed
        skipped = item.result.skipped
        message = item.result.message
        unknownUntil = item.unknownUntil
        isUnreachable = item.isUnreachable
    }

    private init(loop done: HostTask) {
        changed = done.results.contains { $0.result.changed && !$0.result.skipped }
        failed = done.results.contains { $0.result.failed }
        isUnreachable = done.results.contains(where: \.isUnreachable)
        skipped = done.results.allSatisfy { $0.result.skipped }
        unknownUntil = done.results.compactMap(\.unknownUntil).min()
        if unknownUntil != nil { skipped = false }
        message =
            failed ? "One or more items failed" : skipped ? "All items skipped" : "All items completed"
    }
}

extension HostTask {
    /// What `register` keeps.
    func registeredValue(_ summary: TaskSummary) -> Value {
        guard isLoop, wholeResult == nil else {
            let result = wholeResult ?? results.first ?? ItemResult(result: TaskResult())
            return RegisteredValue.whole(result, isLoop: isLoop)
        }
        var fields: OrderedDictionary<Value, Value> = [
            .string("results"): .list(results.map { RegisteredValue.item($0, of: task) }),
            .string("changed"): .bool(summary.changed), .string("msg"): .string(summary.message ?? ""),
        ]
        fields[.string("skipped")] = .bool(summary.skipped)
        if summary.failed { fields[.string("failed")] = .bool(true) }
        if summary.isUnreachable { fields[.string("unreachable")] = .bool(true) }
        return .map(fields)
    }

    /// The results of all items, or the one of the whole task.
    var allResults: [ItemResult] { wholeResult.map { [$0] } ?? results }

    /// Whether files or roles are to be brought in.
    var hasIncludes: Bool { inclusionCount > 0 }

    /// How many files or roles are to be brought in.
    var inclusionCount: Int {
        results.count { result in
            switch result.effect {
            case .includeTasks, .includeRole: true
            default: false
            }
        }
    }

    /// Whether the play does not mind that a host could not be reached.
    var isUnreachable: Bool { allResults.contains(where: \.isUnreachable) }

    /// Whether any part was predicted instead of done.
    var isPredicted: Bool { results.contains(where: \.isPredicted) }

    /// Whether any part would run that check mode skips.
    var wouldRun: Bool { results.contains { $0.isPredicted && $0.result.skipped } }

    /// What the predicted parts would have touched.
    var predictedTouches: [Touch] { results.compactMap(\.touch) }
}
