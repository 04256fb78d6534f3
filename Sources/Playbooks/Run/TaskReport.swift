public import Fleet
public import TaskModules

/// A task as it ended on one host.
public struct TaskReport: Sendable {
    /// How it ended.
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// Nothing had to be done.
        case ok
        /// Something was changed, or would be.
        case changed
        /// Its condition did not hold, or the module declined.
        case skipped
        /// It failed.
        case failed
        /// It failed, and the play says not to mind.
        case ignored
        /// It failed, and a rescue section takes over.
        case rescued
        /// What it comes to depends on a step that has not run (`plan` only).
        case unknown
        /// It would run, and only running it tells what it comes to (`plan` only).
        case wouldRun
    }

    /// Number of the step within the run.
    public var step: Int
    /// Name of the task.
    public var task: String
    /// The host.
    public var host: HostName
    /// The host on which the task was done, when that is another.
    public var delegate: String?
    /// How it ended.
    public var outcome: Outcome
    /// Whether the change was only predicted. Tasks with `check_mode: false` run even in a plan.
    public var isPredicted = false
    /// Where the task stands.
    public var location: SourceLocation
    /// What it says.
    public var message: String?
    /// The condition that did not hold, of a task that was skipped for it.
    public var falseCondition: String?
    /// The step that it waits for, where only running that tells what it comes to (`plan` only).
    public var unknownUntil: Int?
    /// Whether `no_log` hides what it says, and what there is to say of its failure.
    public var isHidden = false
    /// Why it failed, of a loop's items the first that did. Its place is the task's unless it knows a closer one.
    public var error: ErrorReport?
    /// For a failed task: what a command left.
    public var command: CommandEnd?
    /// What is different afterwards.
    public var diffs: [Diff]
    /// A loop's items in their order; none of a task that is no loop.
    public var items: [Item]
    /// Time from the task's start on this host to its end.
    public var elapsed: Duration

    /// One item of a loop.
    public struct Item: Sendable, Equatable {
        /// What the item is called.
        public var label: String
        /// How it ended.
        public var outcome: Outcome
        /// What it says.
        public var message: String?
        /// Why it failed.
        public var error: ErrorReport?
    }

    /// What a command of a failed task left.
    public struct CommandEnd: Sendable, Equatable {
        /// Exit status.
        public var status: Int?
        /// The last lines it wrote, of standard output first.
        public var lastLines: [String]
        /// The command's line.
        public var line: String?
    }
}
