public import Fleet

/// What stands on a host about a stage, beside the releases: who may change the stage, what is being done to it, and what it
/// runs. Whoever comes from anywhere goes on from it.
public struct HostNotes: Hashable, Sendable {
    /// The greatest fencing token that the host has seen of the stage; 0 where it has seen none.
    public var token: Int64
    /// The stage's lease, unless its time is over; the host's own clock says so.
    public var lease: StandingLease?
    /// What the stage runs, and what was done to it.
    public var record: StageNote?
    /// The rollout that nobody has ended.
    public var rollout: RolloutNote?
    /// What is asked of whoever drives it.
    public var requests: [RolloutRequest] = []
    /// The builds whose releases are on the host, with what was noted when they came.
    public var builds: [BuildNote]
    /// The build that was confirmed on the host last.
    public var good: BuildDigest?
    /// The one that was confirmed before it.
    public var goodBefore: BuildDigest?
    /// The format of what an earlier version left, where this call brought it to the present one.
    public var upgradedFrom: Int?

    /// What a host holds; nothing unless said otherwise.
    public init(
        token: Int64 = 0, lease: StandingLease? = nil, record: StageNote? = nil, rollout: RolloutNote? = nil,
        builds: [BuildNote] = [], good: BuildDigest? = nil, goodBefore: BuildDigest? = nil, upgradedFrom: Int? = nil
    ) {
        self.good = good
        self.goodBefore = goodBefore
        self.token = token
        self.lease = lease
        self.record = record
        self.rollout = rollout
        self.builds = builds
        self.upgradedFrom = upgradedFrom
    }

    /// The format that this version writes, and the newest it reads.
    static let format = 2
}

/// A stage's lease as it is put on hosts.
public struct StageLease: Hashable, Sendable, Codable {
    /// The stage.
    public var stage: String
    /// Its fencing token.
    public var token: Int64
    /// Who holds it, such as `user@machine:pid`.
    public var holder: String
    /// What for, such as `rollout`.
    public var purpose: String
    /// For how many milliseconds it stands unless it is renewed.
    public var timeToLive: Int64

    /// A lease.
    public init(stage: String, token: Int64, holder: String, purpose: String, timeToLive: Duration) {
        self.stage = stage
        self.token = token
        self.holder = holder
        self.purpose = purpose
        self.timeToLive = timeToLive.wholeMilliseconds
    }
}

/// A lease that stands on a host.
public struct StandingLease: Hashable, Sendable {
    /// The lease.
    public var lease: StageLease
    /// For how long it still stands, by the host's clock.
    public var left: Duration

    /// A lease that stands for `left`.
    public init(_ lease: StageLease, left: Duration) {
        self.lease = lease
        self.left = left
    }

    /// As a journal would have it at `now`.
    public func asLease(at now: Timestamp) -> Lease {
        Lease(
            stage: lease.stage, token: lease.token, holder: lease.holder, expiresAt: now + left, purpose: lease.purpose)
    }
}

/// A build as it is noted beside its release on a host.
public struct BuildNote: Hashable, Sendable, Codable {
    /// The build, and where it came from.
    public var build: BuildRecord
    /// The stages that it had passed when it came.
    public var passed: [Passage]
    /// Who brought it.
    public var broughtBy: String
    /// When.
    public var broughtAt: Timestamp

    /// That a build passed a stage.
    public struct Passage: Hashable, Sendable, Codable {
        /// The stage.
        public var stage: String
        /// When it did.
        public var at: Timestamp

        /// A build passed `stage`.
        public init(stage: String, at: Timestamp) {
            self.stage = stage
            self.at = at
        }
    }

    /// A build that somebody brings.
    public init(_ build: BuildRecord, passed: [Passage] = [], broughtBy: String, broughtAt: Timestamp) {
        self.build = build
        self.passed = passed
        self.broughtBy = broughtBy
        self.broughtAt = broughtAt
    }
}

/// What a stage runs, and what was done to it last, as its hosts hold it.
public struct StageNote: Hashable, Sendable, Codable {
    /// Something that was done to the stage.
    public struct Change: Hashable, Sendable, Codable {
        /// What it was for.
        public var kind: RunKind
        /// The build it brought.
        public var build: BuildDigest?
        /// Who did it.
        public var holder: String
        /// When it began; with ``holder`` what tells it from all others.
        public var startedAt: Timestamp
        /// When it ended.
        public var endedAt: Timestamp
        /// How.
        public var outcome: RunOutcome
        /// What was run once for its build; `nil` where nothing was, and from earlier versions.
        public var hooks: HookNote?

        /// Something that was done.
        public init(
            _ kind: RunKind, build: BuildDigest?, holder: String, startedAt: Timestamp, endedAt: Timestamp,
            outcome: RunOutcome
        ) {
            self.kind = kind
            self.build = build
            self.holder = holder
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.outcome = outcome
        }
    }

    /// The token under which it was written: a greater one is later.
    public var token: Int64
    /// The build that every host should run.
    public var current: BuildDigest?
    /// The last good build before it.
    public var previous: BuildDigest?
    /// The builds that are named here.
    public var builds: [BuildRecord]
    /// What was done, the latest first.
    public var changes: [Change]

    /// What a stage runs.
    public init(
        token: Int64, current: BuildDigest?, previous: BuildDigest?, builds: [BuildRecord], changes: [Change]
    ) {
        self.token = token
        self.current = current
        self.previous = previous
        self.builds = builds
        self.changes = changes
    }

    /// How many changes are kept on hosts.
    static let mostChanges = 20
}

/// A rollout that is under way, as it stands beside the lease.
public struct RolloutNote: Hashable, Sendable, Codable {
    /// The token under which it was written: that of whoever works on it, or worked on it last.
    public var token: Int64
    /// Who began it.
    public var holder: String
    /// When it began; with ``holder`` what tells it from all others.
    public var startedAt: Timestamp
    /// What it is to bring about.
    public var plan: RolloutPlan
    /// Whether it was on its way back.
    public var isGoingBack: Bool
    /// How far it has come; `nil` from earlier versions.
    public var progress: RolloutProgress?
    /// The builds that the plan names.
    public var builds: [BuildRecord]
    /// The stages that the build had passed.
    public var passed: [BuildNote.Passage]

    /// A rollout.
    public init(
        token: Int64, holder: String, startedAt: Timestamp, plan: RolloutPlan, isGoingBack: Bool,
        builds: [BuildRecord], passed: [BuildNote.Passage]
    ) {
        self.token = token
        self.holder = holder
        self.startedAt = startedAt
        self.plan = plan
        self.isGoingBack = isGoingBack
        self.builds = builds
        self.passed = passed
    }
}
