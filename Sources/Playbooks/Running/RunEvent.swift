public import Fleet
import OrderedCollections
import Templating

/// What happens while a playbook runs, in the order it happens.
public enum RunEvent: Sendable {
    /// A play begins, or one batch of it.
    case playStarted(PlayHeading)
    /// No host is left for a play.
    case playSkipped(name: String, reason: String)
    /// A task or handler begins on its hosts.
    case taskStarted(TaskHeading)
    /// A task is done on one host.
    case taskFinished(TaskReport)
    /// A host cannot be talked to; it is left out from here on.
    case hostUnreachable(HostName, TransportError)
    /// Handlers that an earlier run, or this one, owes to hosts.
    case owed(OwedHandlers)
    /// Something that is not wrong but should be known.
    case warning(String)
    /// Something went wrong beside any task.
    case problem(RunProblem)
    /// The run is over.
    case finished(Recap)
}

/// What went wrong beside any task: a play that cannot run, a file of variables, a notification.
public struct RunProblem: Sendable, Equatable {
    /// The host that it concerns alone.
    public var host: HostName?
    /// Where the cause stands.
    public var location: SourceLocation?
    /// One sentence.
    public var message: String
    /// What to do about it.
    public var hints: [String]

    /// `error` as a problem with `what`, placed at `location` unless it has a place of its own.
    init(_ error: any Error, _ what: String? = nil, host: HostName? = nil, at location: SourceLocation? = nil) {
        let explained = error as? any ExplainedError
        self.host = host
        self.location = Self.place(of: error) ?? location
        message = [what, explained?.message ?? String(describing: error)].compactMap(\.self).joined(separator: ": ")
        hints = explained?.hints ?? []
    }

    /// Where in a file an error says it comes from.
    static func place(of error: any Error) -> SourceLocation? {
        (error as? InputError)?.location ?? (error as? TemplateError)?.location
    }
}

/// A play as it begins.
public struct PlayHeading: Sendable, Equatable {
    /// Its name, or its host pattern.
    public var name: String
    /// The hosts of this batch.
    public var hosts: [HostName]
    /// Which batch it is and of how many, from 1, when the play is done in batches.
    public var batch: (number: Int, of: Int)?

    /// Compares all parts.
    public static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.hosts == right.hosts && left.batch?.number == right.batch?.number
            && left.batch?.of == right.batch?.of
    }
}

/// A task as it begins.
public struct TaskHeading: Sendable, Equatable {
    /// Number of the step within the run, from 1.
    public var step: Int
    /// Its name, with the role's before it.
    public var name: String
    /// The module.
    public var module: String
    /// Where it stands.
    public var location: SourceLocation
    /// Whether it is a handler.
    public var isHandler: Bool
}

/// A task as it ended on one host.
public struct TaskReport: Sendable {
    /// How it ended.
    public enum Outcome: String, Sendable, Codable {
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
    /// What it says.
    public var message: String?
    /// For a failed task: where it stands, and what a command left.
    public var trouble: Trouble?
    /// What is different afterwards.
    public var diffs: [Diff]
    /// Labels of loop items that changed or failed.
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
    }

    /// What a failed task left.
    public struct Trouble: Sendable, Equatable {
        /// Exit status, when a command ran.
        public var status: Int?
        /// The last lines it wrote, of standard output first.
        public var lastLines: [String]
        /// The command, when one ran.
        public var command: String?
        /// Where the task stands.
        public var location: SourceLocation
        /// What to do about it.
        public var hints: [String] = []
    }
}

/// How a run ended, host by host.
public struct Recap: Sendable, Equatable {
    /// Counters in the order of the inventory.
    public var hosts: [HostRecap] = []
    /// Wall time of the run.
    public var elapsed: Duration = .zero

    /// Whether no host failed and none was out of reach.
    public var succeeded: Bool {
        !isAborted && hosts.allSatisfy { $0.counters.failed == 0 && $0.counters.unreachable == 0 }
    }
    /// Whether anything was changed, or would be.
    public var hasChanges: Bool {
        owesHandlers
            || hosts.contains { $0.counters.changed > 0 || $0.counters.unknown > 0 || $0.counters.wouldRun > 0 }
    }
    /// Whether handlers that an earlier run owes have run, or would run.
    public var owesHandlers = false
    /// How often a task would run whose outcome only running tells, on all hosts together.
    public var wouldRun: Int { hosts.reduce(0) { $0 + $1.counters.wouldRun } }
    /// Whether the run ended before its last play because of failures.
    public var isAborted = false
}

/// One host's counters.
public struct HostRecap: Sendable, Equatable {
    /// The host.
    public var host: HostName
    /// What was counted.
    public var counters: HostCounters
}

/// What Ansible counts in its recap; ``unknown`` and ``wouldRun`` are Drover's.
public struct HostCounters: Sendable, Equatable, Codable {
    /// Tasks that ended well, changed ones and ignored failures included.
    public var ok = 0
    /// Tasks that changed something, or would.
    public var changed = 0
    /// Tasks during which the host could not be reached.
    public var unreachable = 0
    /// Failed tasks.
    public var failed = 0
    /// Skipped tasks.
    public var skipped = 0
    /// Failed tasks that a rescue section took over.
    public var rescued = 0
    /// Failed tasks that the play said not to mind.
    public var ignored = 0
    /// Tasks whose outcome depends on a step that has not run (`plan` only).
    public var unknown = 0
    /// Tasks that would run and that check mode skips; they are counted as skipped too (`plan` only).
    public var wouldRun = 0

    /// All zero.
    public init() {}
}
