public import Fleet

/// What somebody does by hand to the service's units on a stage's members.
public enum UnitAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// Out of rotation, restarted, healthy, and in again, batch by batch.
    case restart
    /// Out of rotation, and stopped.
    case stop
    /// Started, healthy, and into rotation.
    case start

    /// What a run of it is called in the journal.
    public var runKind: RunKind {
        switch self {
        case .restart: .restart
        case .stop: .stop
        case .start: .start
        }
    }
}

/// What was done to units, host by host.
public struct UnitReport: Hashable, Sendable {
    /// What was to be done.
    public let action: UnitAction
    /// The run in the journal.
    public let run: RunID
    /// Hosts it was done to.
    public internal(set) var done: [HostName] = []
    /// Hosts that it could not be done to, with the reason.
    public internal(set) var failed: [RolloutError] = []
    /// Hosts that were not begun.
    public internal(set) var left: [HostName] = []

    /// Whether it was done everywhere.
    public var isComplete: Bool { failed.isEmpty && left.isEmpty }
}
