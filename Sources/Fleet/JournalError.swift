/// Why the journal refused something, or could not be used.
public struct JournalError: ExplainedError, Equatable {
    /// What kind of failure it is.
    public struct Code: ErrorCode {
        /// The code's name.
        public let rawValue: String
        /// The code of that name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Another holds the lease. The program ends with status 5.
        public static let leaseHeld = Self(rawValue: "leaseHeld")
        /// The lease is no longer ours.
        public static let leaseLost = Self(rawValue: "leaseLost")
        /// There is no such run.
        public static let unknownRun = Self(rawValue: "unknownRun")
        /// The run has ended already.
        public static let runEnded = Self(rawValue: "runEnded")
        /// No build has such a name or digest.
        public static let unknownBuild = Self(rawValue: "unknownBuild")
        /// Several builds have that name, or digests that begin so.
        public static let ambiguousBuild = Self(rawValue: "ambiguousBuild")
        /// Another process kept the journal locked for too long.
        public static let busy = Self(rawValue: "busy")
        /// The journal could not be read or written.
        public static let storage = Self(rawValue: "storage")
        /// The journal's file is empty, cut off or broken, or no journal. It was not written to.
        public static let damaged = Self(rawValue: "damaged")
        /// The journal holds something already.
        public static let notEmpty = Self(rawValue: "notEmpty")
    }

    /// What kind of failure it is.
    public let code: Code
    /// The stage, run, build or file it is about.
    public let place: ErrorPlace
    /// One lower-case sentence.
    public let message: String
    /// What to do about it.
    public let hints: [String]

    /// A failure of `code` about `subject`.
    public init(_ code: Code, subject: String?, _ message: String, hints: [String] = []) {
        self.code = code
        place = ErrorPlace(name: subject)
        self.message = message
        self.hints = hints
    }
}

extension JournalError {
    /// `lease` is held by another at `now`.
    public static func leaseHeld(_ lease: Lease, now: Timestamp) -> Self {
        let left = (lease.expiresAt - now).wholeMilliseconds
        return Self(
            .leaseHeld, subject: lease.stage,
            "\(lease.holder) is changing this stage\(lease.purpose.map { " (\($0))" } ?? ""), and its lease runs for another \(max(1, (left + 999) / 1000)) s",
            hints: [
                "wait for it to end; a killed controller's lease ends by itself at \(lease.expiresAt)",
                "see who holds it: drover lock status \(lease.stage)",
            ])
    }

    /// `lease` ends later than its time to live allows by this machine's clock at `now`, and was seen to be renewed.
    public static func leaseIsAlive(_ lease: Lease, timeToLive: Duration, now: Timestamp) -> Self {
        let ahead = (lease.expiresAt - now - timeToLive).wholeMilliseconds / 1000
        return Self(
            .leaseHeld, subject: lease.stage,
            "\(lease.holder) is changing this stage; its clock is \(max(1, ahead)) s ahead of this machine's",
            hints: ["wait for it to end, and set both machines' clocks (NTP)"])
    }

    /// `lease` was taken over by `other`, or given back when there is no other.
    public static func leaseLost(_ lease: Lease, to other: Lease?) -> Self {
        let reason =
            other.map { "the lease was taken over by \($0.holder)" } ?? "the lease was given back"
        return Self(
            .leaseLost, subject: lease.stage, reason,
            hints: ["see 'drover status' for what the other run did, then begin again"])
    }

    /// Another began at the same time, and was first.
    public static func leaseRaced(_ stage: String, _ error: any ExplainedError) -> Self {
        Self(
            .leaseHeld, subject: stage, "another controller began at the same time: \(error.message)",
            hints: ["see who it is: drover lock status \(stage)"])
    }

    /// Hosts and balancers have not answered for so long that the lease is over where they are.
    public static func leaseIsAlone(_ lease: Lease, for time: Duration) -> Self {
        Self(
            .leaseLost, subject: lease.stage,
            "no more than half of the hosts and balancers have answered for \(time.inSeconds)",
            hints: ["see which: drover status \(lease.stage)", "then go on: drover rollout resume \(lease.stage)"])
    }

    /// There is no run `id`.
    public static func unknownRun(_ id: RunID) -> Self {
        Self(.unknownRun, subject: "run \(id)", "the journal has no such run", hints: ["see 'drover history'"])
    }

    /// The run ended as `outcome` already.
    public static func runEnded(_ id: RunID, _ outcome: RunOutcome) -> Self {
        Self(.runEnded, subject: "run \(id)", "the run has ended already: \(outcome)")
    }

    /// `text` names no build.
    public static func unknownBuild(_ text: String) -> Self {
        Self(
            .unknownBuild, subject: text, "no build has such a name, version, commit or digest",
            hints: ["see 'drover build list', or add the file with 'drover build add FILE'"])
    }

    /// `text` names several builds.
    public static func ambiguousBuild(_ text: String, _ found: [BuildRecord]) -> Self {
        Self(
            .ambiguousBuild, subject: text, "\(found.count) builds have such a name, version, commit or digest",
            hints: found.prefix(5).map { "\($0.digest.description.prefix(16)) is \($0.name), added \($0.addedAt)" }
                + (found.count > 5 ? ["and \(found.count - 5) more: drover build list"] : []))
    }
}
