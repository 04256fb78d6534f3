import Fleet
import Inventories
import OrderedCollections
import TaskModules
import Values

/// Everything that deciding about a task looks at, as it stands at one moment.
struct RunView: Sendable {
    var state: VariableState
    var play = PlayScope()
    /// What is known of each host that commands run on, by privilege.
    var knowledge: [HostName: [Privilege: Snapshot]] = [:]
    var options: RunOptions
    /// The inventory, with the variables beside the playbook at hand.
    var inventory: Inventory
    let evaluation: Evaluation
    /// The ways that were worked out for the play at hand, by host.
    var routes: [HostName: Route] = [:]
    /// What steps of a plan would have touched, by host (`plan` only).
    var wouldTouch: [HostName: [(step: Int, touch: Touch)]] = [:]
    /// Number of the step at hand.
    var step = 0
    /// Groups that tasks made one below another: the group above, then the one below.
    var madeParents: Set<[String]> = []

    func snapshot(of target: Target) -> Snapshot { knowledge[target.host]?[target.privilege] ?? Snapshot() }

    func scope(
        _ host: Int, _ settings: TaskSettings?, locals: Variables = [:], pending: Variables = [:]
    ) -> TaskScope {
        TaskScope(
            state: state, play: play, host: host, settings: settings, locals: locals, pending: pending,
            evaluator: evaluation)
    }

    /// The step of the plan because of which nothing certain can be said about a host any more.
    func uncertainty(of host: HostName) -> Int? { wouldTouch[host]?.first { $0.touch != .nothing }?.step }
}

/// What a task on a host needs before it can go on.
enum TaskNeed: Sendable {
    /// Nothing: it is over.
    case nothing
    /// Facts of this or other hosts.
    case facts(FactNeeded)
    /// Answers to probes.
    case probes([Probe], Target)
    /// A change to be made.
    case change(Change, Target, deadline: Duration)
    /// Time to pass.
    case pause(Duration)
}

/// How one item of a task ended, or the task when it has no loop.
struct ItemResult: Sendable {
    var item: Value?
    var label: String?
    var result: TaskResult
    var diffs: [Diff] = []
    /// The condition that did not hold.
    var falseCondition: String?
    /// How often it was tried, when it was tried again.
    var attempts: Int?
    /// Step it depends on, when nothing can be said (`plan` only).
    var unknownUntil: Int?
    /// What the engine has to do about it.
    var effect: Effect?
    /// The arguments that its module was called with.
    var invocation: Value?
    /// Variables that were local to the item.
    var locals: Variables = [:]
    /// Whether check mode left it out or only predicted it.
    var isPredicted = false
    /// What it would have touched, when it was only predicted.
    var touch: Touch?
    /// Whether its host could not be reached, and the play does not mind.
    var isUnreachable = false
    /// Handlers and topics that are told when the task changes something.
    var notified: [String] = []
}

extension ItemResult {
    /// Whether a real run could have given something else.
    var isOpen: Bool { isPredicted && (result.skipped || result.changed) }
}

/// What a task asks of the engine rather than of a host.
enum Effect: Sendable {
    case includeTasks(file: String)
    case includeRole(name: String, files: [String: Value])
    case includeVars(Variables)
    case groupBy([String], parents: [String])
    case addHost(name: String, groups: [String], variables: Variables)
}
