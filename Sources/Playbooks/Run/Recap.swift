public import Fleet

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
    /// How far it has come where it left something undone; `nil` where it did not, or only looked.
    public var left: Leftovers?
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
