/// One invocation that changes a stage, numbered by the journal from 1; a later run has a greater number.
public struct RunID: Hashable, Sendable, Comparable, Codable, LosslessStringConvertible {
    /// The number.
    public let number: Int64

    /// The run numbered `number`.
    public init(_ number: Int64) { self.number = number }

    /// Reads what ``description`` writes; `nil` for anything but a positive whole number.
    public init?(_ text: String) {
        guard let number = Int64(text), number > 0 else { return nil }
        self.number = number
    }

    /// Decodes a whole number.
    public init(from decoder: any Decoder) throws { number = try decoder.singleValueContainer().decode(Int64.self) }

    /// Encodes a whole number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }

    /// The number in decimal.
    public var description: String { String(number) }

    /// Orders by the time the runs began.
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// What a run is for. Open, so that a newer Drover's journal can be read.
public struct RunKind: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The word in the journal.
    public let rawValue: String

    /// The kind named `rawValue`.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A build goes to a stage.
    public static let rollout = Self(rawValue: "rollout")
    /// A build that passed the stage before goes to the next.
    public static let promotion = Self(rawValue: "promotion")
    /// A stage goes back to an earlier build.
    public static let rollback = Self(rawValue: "rollback")
    /// Playbooks and pool follow the inventory.
    public static let apply = Self(rawValue: "apply")
    /// Playbooks ran over a stage's hosts.
    public static let provisioning = Self(rawValue: "provisioning")
    /// A stage's units are restarted.
    public static let restart = Self(rawValue: "restart")
    /// A stage's units are stopped.
    public static let stop = Self(rawValue: "stop")
    /// A stage's units are started.
    public static let start = Self(rawValue: "start")
    /// Somebody released a stage's lease by hand.
    public static let lockRelease = Self(rawValue: "lock-release")
    /// Somebody was ready to hold a stage's lease although no more than half of its hosts and balancers answered.
    public static let lockForced = Self(rawValue: "lock-forced")
    /// Whether it is about a stage's lease alone, and changes nothing on hosts.
    public var isOfLease: Bool { self == .lockRelease || self == .lockForced }

    /// The word in the journal.
    public var description: String { rawValue }
}

/// How a run ended. Open, so that a newer Drover's journal can be read.
public struct RunOutcome: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The word in the journal.
    public let rawValue: String

    /// The outcome named `rawValue`.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Everything was done.
    public static let succeeded = Self(rawValue: "succeeded")
    /// It failed before anything needed undoing, or what it changed was left.
    public static let failed = Self(rawValue: "failed")
    /// It failed, and every host it changed is back on the build before.
    public static let rolledBack = Self(rawValue: "rolled-back")
    /// It failed, and going back failed as well.
    public static let rollbackFailed = Self(rawValue: "rollback-failed")
    /// Another run took over what it had begun.
    public static let superseded = Self(rawValue: "superseded")

    /// The word in the journal.
    public var description: String { rawValue }
}

/// A run as the journal keeps it.
public struct RunRecord: Hashable, Sendable, Codable {
    /// Its number.
    public let id: RunID
    /// What it is for.
    public let kind: RunKind
    /// The stage it changes.
    public let stage: String
    /// The build it brings, when it brings one.
    public let build: BuildDigest?
    /// Who began it, such as `user@machine`.
    public let holder: String
    /// When it began.
    public let startedAt: Timestamp
    /// When it ended; `nil` while it runs, or when its controller was killed.
    public let endedAt: Timestamp?
    /// How it ended; `nil` until then.
    public let outcome: RunOutcome?

    /// A run as it stands in a journal.
    public init(
        id: RunID, kind: RunKind, stage: String, build: BuildDigest? = nil, holder: String, startedAt: Timestamp,
        endedAt: Timestamp? = nil, outcome: RunOutcome? = nil
    ) {
        self.id = id
        self.kind = kind
        self.stage = stage
        self.build = build
        self.holder = holder
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.outcome = outcome
    }

    /// Whether nobody has said how it ended.
    public var isOpen: Bool { outcome == nil }
}

/// What a run is to be; the journal numbers it.
public struct NewRun: Hashable, Sendable {
    /// What it is for.
    public var kind: RunKind
    /// The stage it changes.
    public var stage: String
    /// The build it brings.
    public var build: BuildDigest?
    /// Who begins it.
    public var holder: String

    /// A run about to begin.
    public init(_ kind: RunKind, stage: String, build: BuildDigest? = nil, holder: String) {
        self.kind = kind
        self.stage = stage
        self.build = build
        self.holder = holder
    }
}

/// One line of a run: an intent before it is acted on, or what came of it.
public struct JournalEntry: Hashable, Sendable, Codable {
    /// The run.
    public let run: RunID
    /// Place in the run, from 1 without gaps.
    public let sequence: Int64
    /// When the writer wrote it, by the writer's clock.
    public let at: Timestamp
    /// What it is, in the run's own words.
    public let kind: String
    /// The rest of it, as JSON.
    public let payload: String

    /// A line as it stands in a journal.
    public init(run: RunID, sequence: Int64, at: Timestamp, kind: String, payload: String) {
        self.run = run
        self.sequence = sequence
        self.at = at
        self.kind = kind
        self.payload = payload
    }
}
