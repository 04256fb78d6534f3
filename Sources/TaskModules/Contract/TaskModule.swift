public import Fleet
public import OrderedCollections
public import Values

/// One Ansible module: arguments become probes, and the snapshot they give becomes a step.
///
/// A module does no I/O. What it reads on the controller comes through ``ModuleContext``.
public protocol TaskModule: Sendable {
    /// What the module is called, which arguments it takes, and what it may do.
    static var specification: ModuleSpecification { get }

    /// Further names under which a task may call the module; none unless the module says so.
    static var otherNames: [String] { get }

    /// Checks the templated arguments.
    /// - Throws: ``InputError`` when they cannot mean anything.
    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws

    /// What must be known of the host. Asked again with what is known so far until nothing new is wanted.
    func probes(given snapshot: Snapshot) -> [Probe]

    /// What it comes to on this host.
    func step(_ snapshot: Snapshot) throws -> Step
}

/// What a task comes to on one host.
public enum Step: Sendable {
    /// Nothing to do.
    case converged(TaskResult)
    /// Something to do.
    case change(Change)
    /// The module itself declined, such as `command` with `creates`.
    case skipped(TaskResult)
    /// The module failed without touching anything.
    case failed(TaskResult)
}

/// A change: what the host runs, and what it means.
public struct Change: Sendable {
    /// Script run with the task's privilege; a non-zero status fails the task unless `interpret` says otherwise.
    public var script: String
    /// What the script reads on standard input.
    public var input: [UInt8] = []
    /// Local file to upload first, with the path on the host, for content too large for `input`.
    public var upload: (local: String, remote: String)?
    /// What changes, for `--diff`.
    public var diffs: [Diff] = []
    /// What the task will say; in check mode it is the result.
    public var predicted: TaskResult
    /// What may be different afterwards.
    public var touches: Touch
    /// Check mode skips it, as with `command`, instead of predicting.
    public var isSkippedInCheckMode = false
    /// Turns the script's answer into the result; `nil` takes `predicted` when the status is 0.
    public var interpret: (@Sendable (CommandResult) -> TaskResult)?

    /// A change made by `script`.
    public init(script: String, predicted: TaskResult, touches: Touch) {
        self.script = script
        self.predicted = predicted
        self.touches = touches
    }
}

/// What a change may have altered, so that it must be asked again.
public enum Touch: Sendable, Equatable {
    /// Nothing that a probe could see.
    case nothing
    /// These paths and all below them.
    case paths([String])
    /// Anything.
    case everything
}

/// Content or state before and after.
public struct Diff: Sendable, Equatable {
    /// What it is about, usually a path.
    public var subject: String
    /// Before, `nil` when it did not exist.
    public var before: String?
    /// After, `nil` when it is gone.
    public var after: String?

    /// A difference in `subject`.
    public init(_ subject: String, before: String?, after: String?) {
        self.subject = subject
        self.before = before
        self.after = after
    }
}

/// What a task answers: what `register` keeps.
public struct TaskResult: Sendable, Equatable {
    /// Whether something changed.
    public var changed = false
    /// Whether the task failed.
    public var failed = false
    /// Whether it was skipped.
    public var skipped = false
    /// What it says, `msg` in Ansible.
    public var message: String?
    /// The module's own return values, such as `stdout`, `rc`, `stat`.
    public var fields: Variables = [:]
    /// Variables it sets on the host, as `set_fact` does.
    public var facts: Variables = [:]
    /// Why it failed, where more is known of that than ``message`` says: a code, a place, hints.
    public var error: ErrorReport?

    /// A result with nothing but these.
    public init(
        changed: Bool = false, failed: Bool = false, skipped: Bool = false, message: String? = nil,
        fields: Variables = [:], facts: Variables = [:]
    ) {
        self.changed = changed
        self.failed = failed
        self.skipped = skipped
        self.message = message
        self.fields = fields
        self.facts = facts
    }

    /// A failure of the module's own, with what can be done about it.
    public init(failure message: String, hints: [String], fields: Variables = [:]) {
        self.init(ErrorReport(.taskFailed, message, hints: hints), fields: fields)
    }

    /// A failure, which says what `error` says.
    public init(_ error: ErrorReport, fields: Variables = [:]) {
        self.init(failed: true, message: error.message, fields: fields)
        self.error = error
    }
}

extension ErrorReport.Code {
    /// A module says that its task failed.
    public static let taskFailed = Self(rawValue: "taskFailed")
}
