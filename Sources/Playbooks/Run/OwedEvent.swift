public import Fleet

/// Handlers that hosts were told to run and that did not run when they should have.
public struct OwedHandlers: Sendable {
    /// What became of them.
    public enum Outcome: String, Sendable, CaseIterable {
        /// They were owed by an earlier run and have run.
        case ran
        /// They are owed by an earlier run, and would run first.
        case wouldRun
        /// They are owed by an earlier run, one of them failed, and they run after the tasks, which may mend the cause.
        case postponed
        /// They did not run; the hosts keep them in mind.
        case notRun
        /// They are owed by an earlier run, and the play has them no longer.
        case gone
    }

    /// What became of them.
    public var outcome: Outcome
    /// Each handler with the hosts that are, or were, owed it.
    public var handlers: [(name: String, hosts: [HostName])]
}
