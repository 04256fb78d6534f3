public import Fleet

/// What somebody does by hand to single members of a stage's pool.
public enum HandAction: Hashable, Sendable {
    /// Out of rotation until it is let in again; its checks go on.
    case drain
    /// Out of rotation and unchecked, until it is let in again.
    case maintenance
    /// Into rotation again, whoever took it out.
    case letIn(isMaintenance: Bool)
    /// Another share of the requests.
    case weigh(Int)

    /// What a run of it is called in the journal.
    public var runKind: RunKind {
        switch self {
        case .drain: .drain
        case .maintenance: .maintenanceOn
        case .letIn(let isMaintenance): isMaintenance ? .maintenanceOff : .undrain
        case .weigh: .weight
        }
    }

    /// Whether members leave rotation by it.
    var takesOut: Bool { self == .drain || self == .maintenance }
}

extension RunKind {
    /// Members are taken out of rotation by hand.
    public static let drain = Self(rawValue: "drain")
    /// Members are let in again by hand.
    public static let undrain = Self(rawValue: "undrain")
    /// Members get another weight by hand.
    public static let weight = Self(rawValue: "weight")
    /// Members are put into maintenance by hand.
    public static let maintenanceOn = Self(rawValue: "maintenance-on")
    /// Members are taken out of maintenance by hand.
    public static let maintenanceOff = Self(rawValue: "maintenance-off")

    /// Whether it is about what somebody did to single members at the balancers.
    public var isByHand: Bool {
        [Self.drain, .undrain, .weight, .maintenanceOn, .maintenanceOff].contains(self)
    }
}

/// What was done by hand, member by member.
public struct HandReport: Hashable, Sendable {
    /// What was to be done.
    public let action: HandAction
    /// The run in the journal.
    public let run: RunID
    /// Members it was done to.
    public internal(set) var done: [HostName] = []
    /// Sessions that were still open on members when they were given up waiting for.
    public internal(set) var open: [HostName: Int] = [:]
    /// Members that it could not be done to, with the reason.
    public internal(set) var failed: [RolloutError] = []

    /// Whether it was done to all.
    public var isComplete: Bool { failed.isEmpty }
}
