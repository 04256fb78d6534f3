import Fleet
import OrderedCollections
import Values

/// The hosts that go through a play together, and how far they have come.
struct SerialBatch {
    /// All its hosts, in order.
    let hosts: [Int]
    var play: Play?
    var handlers = HandlerIndex()
    /// What hosts have been told to notify. Which handlers that means is decided when they are flushed, so that those
    /// defined last win.
    var notifications: [Int: [String]] = [:]
    /// Handlers that a flush in progress will still run, by position in ``handlers``.
    var notified: [Int: Set<Int>] = [:]
    /// Handlers that were begun and have not ended well, by position in ``handlers``.
    var unfinished: [Int: Set<Int>] = [:]
    /// Handlers that were owed and failed before the first task: they run once more after the last one, by position in
    /// ``handlers``.
    var postponed: [Int: Set<Int>] = [:]
    /// Whether what runs is owed by an earlier run.
    var isOwing = false
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
    /// Hosts that failed and go through a section that always runs, after which they stay failed.
    var suspended: [Int: Failure] = [:]
    /// All hosts of the play, in the inventory's order.
    var playHosts: [Int] = []
    /// How many hosts the batch has, those included that were out before it began.
    var size = 0
    /// Roles that were included while it ran, and those that they depend on.
    var roleNames: (own: [String], dependent: [String]) = ([], [])
    /// Hosts that `meta: end_host` took out.
    var ended: Set<Int> = []
    /// Hosts that templates do not see among the play's, though they may yet do something: those that another host's
    /// failure took out, and those that were out of reach.
    var removed: Set<Int> = []
    /// Hosts on which a handler failed: their other handlers are not forced.
    var failedHandlers: Set<Int> = []
    /// Whether nothing more of the batch runs: `meta: end_play`, `end_batch`, or too many failures.
    var isOver = false
    /// Whether the play's other batches are left out.
    var endsPlay = false
    /// Whether what ended the batch ends the run.
    var breaksRun = false
    /// Hosts on which a role ran to its end, by the role's use.
    var completedRoles: [RoleUseKey: Set<Int>] = [:]
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
        /// Whether the failure of another host takes this one out.
        var isOfAnother = false
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
