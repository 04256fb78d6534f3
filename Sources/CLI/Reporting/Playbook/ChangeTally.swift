import Fleet
import OrderedCollections
import Playbooks

/// What a plan comes to: how many changes by which modules, and which handlers would run where.
struct ChangeTally {
    private var changes: [String: Int] = [:]
    private var handlers: OrderedDictionary<String, [HostName]> = [:]

    /// Counts what a task would do on hosts.
    mutating func note(_ task: TaskHeading, _ reports: [TaskReport]) {
        let acting = reports.filter { [.changed, .wouldRun, .unknown].contains($0.outcome) }
        if task.isHandler {
            if !acting.isEmpty { handlers[task.name, default: []] += acting.map(\.host) }
        } else {
            let count = acting.count { $0.outcome != .unknown }
            if count > 0 { changes[task.module, default: 0] += count }
        }
    }

    /// `31 changes: 10 file, 6 template, 2 apt`, and the handlers below; a plan that comes to nothing says that.
    var lines: [String] {
        let total = changes.values.reduce(0, +)
        guard total > 0 || !handlers.isEmpty else { return ["the plays would change nothing"] }
        let kinds = changes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
        let sum = "\(total.of("change")): " + kinds.joined(separator: ", ")
        let calls = handlers.map { "\($0) (\(NodeSet.text($1)))" }
        return (total > 0 ? [sum] : []) + (calls.isEmpty ? [] : ["handlers: " + calls.joined(separator: ", ")])
    }
}
