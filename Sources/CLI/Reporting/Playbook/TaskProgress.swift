import Fleet
import OrderedCollections
import Playbooks

/// Says which task is in hand, and whom it waits for.
struct TaskProgress {
    private let terminal: Terminal
    private var hosts: [HostName] = []
    private var task: TaskHeading?
    private var open: OrderedSet<HostName> = []

    init(_ terminal: Terminal) { self.terminal = terminal }

    /// Takes note of what has happened.
    mutating func note(_ event: RunEvent) {
        switch event {
        case .playStarted(let heading): (hosts, task) = (heading.hosts, nil)
        case .taskStarted(let heading): (task, open) = (heading, OrderedSet(hosts))
        case .taskFinished(let report): open.remove(report.host)
        case .hostUnreachable(let host, _):
            open.remove(host)
            hosts.removeAll { $0 == host }
        case .finished: task = nil
        default: break
        }
    }

    /// Shows it while there is a task in hand.
    func show() {
        guard let task, !open.isEmpty else { return }
        let done = hosts.count - open.count
        terminal.show(
            progress: "\(task.step). \(task.name) (\(done)/\(hosts.count)), waiting for \(HostNames.few(open))")
    }
}
