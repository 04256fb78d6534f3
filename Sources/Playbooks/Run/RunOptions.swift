public import Fleet
public import OrderedCollections
public import Values

/// How a playbook is run.
public struct RunOptions: Sendable {
    /// What a run does to the hosts.
    public enum Mode: Sendable {
        /// Makes the changes.
        case apply
        /// Makes none, and reports what Ansible's `--check` would.
        case check
        /// Makes none, and says "unknown" where the outcome depends on a step that has not run.
        case plan
    }

    /// What the run does to the hosts.
    public var mode: Mode
    /// Whether differences are wanted.
    public var wantsDiff: Bool
    /// Pattern that hosts must match as well.
    public var limit: String?
    /// Tags to run; empty means all.
    public var tags: [String]
    /// Tags to leave out.
    public var skipTags: [String]
    /// Variables of the command line.
    public var extra: Variables
    /// How hosts are reached and whose rights tasks have, where neither variables nor the playbook say.
    public var connection: ConnectionSettings
    /// How long a task's commands may take that has no `timeout`.
    public var taskDeadline: Duration
    /// What is done about handlers that a run leaves undone.
    public enum OwedHandlersMode: Sendable {
        /// Hosts keep them in mind, and the next run of the play runs them first.
        case run
        /// Those that earlier runs left are named and stay; nothing is added to them.
        case named
        /// As in Ansible, nobody remembers them.
        case forgotten
    }

    /// What is done about handlers that a run leaves undone.
    public var owedHandlers = OwedHandlersMode.forgotten
    /// Folder on the hosts in which they are remembered, instead of the usual one.
    public var owedFolder: String?
    /// How many hosts are worked on at once, for templates that ask.
    public var forks = RunOptions.defaultForks
    /// What the inventory was read from, as absolute paths or as written, for templates that ask.
    public var inventorySources: [String] = []
    /// Whether hosts that are alike share what is worked out for one of them; nothing but the time it takes depends on it.
    package var sharesAmongHosts = true
    /// Whether the run should end after the task in hand.
    public var isStopping: @Sendable () -> Bool

    /// How many hosts are worked on at once unless told otherwise.
    public static let defaultForks = 30

    /// How long a task's commands may take unless told otherwise.
    public static let defaultTaskDeadline: Duration = .seconds(3600)

    /// Options with everything but the mode left at its default.
    public init(
        mode: Mode = .apply, wantsDiff: Bool = false, limit: String? = nil, tags: [String] = [],
        skipTags: [String] = [], extra: Variables = [:], connection: ConnectionSettings = ConnectionSettings(),
        taskDeadline: Duration = RunOptions.defaultTaskDeadline,
        isStopping: @escaping @Sendable () -> Bool = { false }
    ) {
        self.mode = mode
        self.wantsDiff = wantsDiff
        self.limit = limit
        self.tags = tags
        self.skipTags = skipTags
        self.extra = extra
        self.connection = connection
        self.taskDeadline = taskDeadline
        self.isStopping = isStopping
    }

    /// Whether hosts are left as they are.
    public var isCheck: Bool { mode != .apply }
}

/// Which tasks `--tags` and `--skip-tags` leave.
struct TagSelection: Sendable {
    var only: Set<String>
    var skip: Set<String>

    init(only: [String], skip: [String]) {
        self.only = only.isEmpty ? ["all"] : Set(only)
        self.skip = Set(skip)
    }

    /// Whether a task with `tags` runs, as Ansible's `Taggable.evaluate_tags` decides.
    func selects(_ tags: [String]) -> Bool {
        let tags: Set<String> = tags.isEmpty ? ["untagged"] : Set(tags)
        let isTagged = tags != ["untagged"]
        let runs =
            tags.contains("always") || (only.contains("all") && !tags.contains("never"))
            || !tags.isDisjoint(with: only) || (only.contains("tagged") && isTagged && !tags.contains("never"))
        guard runs, !skip.isEmpty else { return runs }
        if skip.contains("all") { return tags.contains("always") && !skip.contains("always") }
        return tags.isDisjoint(with: skip) && !(skip.contains("tagged") && isTagged)
    }
}
