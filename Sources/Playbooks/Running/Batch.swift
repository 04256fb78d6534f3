import Fleet
import OrderedCollections

/// The hosts that go through a play together, and how far they have come.
struct Batch {
    /// All its hosts, in order.
    let hosts: [Int]
    var play: Play?
    var handlers = HandlerIndex()
    /// What hosts have been told to notify. Which handlers that means is decided when they are flushed, so that those
    /// defined last win.
    var notifications: [Int: [String]] = [:]
    /// Handlers that a flush in progress will still run, by position in ``handlers``.
    var notified: [Int: Set<Int>] = [:]
    /// Whether handlers are being flushed.
    var isFlushing = false
    /// Tasks of the play in the order they will run as far as that is known, for looking ahead.
    var agenda: [PlayTask] = []
    /// Where in the agenda the batch stands.
    var position = 0
    /// What includes with literal names bring in, read ahead, by the include's number.
    var foreseen: [Int: PlaybookRun.Reading] = [:]
    /// Hosts that failed and have not been rescued, with the failed task and its result.
    var failures: [Int: Failure] = [:]
    /// Hosts that `meta: end_host` took out.
    var ended: Set<Int> = []
    /// Whether `meta: end_play`, `end_batch` or a fatal error ended the batch.
    var isOver = false
    /// Whether what ended the batch ends the run.
    var breaksRun = false
    /// Hosts on which a role ran to its end, by the role's use.
    var completedRoles: [String: Set<Int>] = [:]
    /// Hosts that did something in the role being run.
    var busyInRole: Set<Int> = []
    /// Hosts that `meta: end_role` took out of the role at hand.
    var leftRole: Set<Int> = []

    init(hosts: [Int]) { self.hosts = hosts }

    /// What made a host fail.
    struct Failure {
        var task: PlayTask
        var name: String
        var result: Value
    }

    /// Moves to where `task` stands in the agenda.
    mutating func advance(to task: PlayTask) {
        guard let position = agenda[position...].firstIndex(where: { $0.id == task.id }) else { return }
        self.position = position
    }

    /// Puts tasks that have become known after the one at hand.
    mutating func schedule(_ tasks: [PlayTask]) {
        agenda.insert(contentsOf: tasks, at: min(position + 1, agenda.count))
    }
}
