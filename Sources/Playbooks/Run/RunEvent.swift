public import Fleet

/// What happens while a playbook runs, in the order it happens.
public enum RunEvent: Sendable {
    /// A play begins, or one batch of it.
    case playStarted(PlayHeading)
    /// No host is left for a play.
    case playSkipped(name: String, PlaySkip)
    /// A task or handler begins on its hosts.
    case taskStarted(TaskHeading)
    /// A task is done on one host.
    case taskFinished(TaskReport)
    /// A host cannot be talked to; it is left out from here on.
    case hostUnreachable(HostName, TransportError)
    /// Handlers that an earlier run, or this one, owes to hosts.
    case owed(OwedHandlers)
    /// Something that is not wrong but should be known.
    case warning(ErrorReport)
    /// Something went wrong beside any task.
    case error(ErrorReport, in: RunPart)
    /// The run is over.
    case finished(Recap)
}

/// Why a play is not run.
public enum PlaySkip: String, Sendable, Codable, CaseIterable {
    /// None of its hosts is there, or is left.
    case noHosts
}

/// What an error is part of when it is none of a task's.
public enum RunPart: Sendable, Equatable {
    /// A play, by its name as written; it is not run.
    case play(String)
    /// A play's `vars_files`.
    case varsFiles
    /// What a task includes.
    case include
    /// A `meta` task.
    case meta
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
    /// Whether it is a handler that an earlier run owes.
    public var isOwed = false
}
