public import Fleet

/// How far one host has come in a rollout.
public struct HostProgress: Hashable, Sendable {
    /// The way of a host to the release it is meant to run. Each phase leaves for the next when its action is done; the
    /// way begins anew when the rollout turns back, or when the host turns out to run something else.
    public enum Phase: Int, Hashable, Sendable, Comparable {
        /// Its release may not be there yet. Leaves by ``RolloutAction/deliver(_:_:)``.
        case pending
        /// The release lies there, unused. Leaves by ``RolloutAction/drain(_:)``, once the whole batch is here.
        case delivered
        /// No balancer sends it anything. Leaves by ``RolloutAction/activate(_:_:)``.
        case drained
        /// Its release is current. Leaves by ``RolloutAction/check(_:_:)``.
        case activated
        /// The service answers on the host. Leaves by ``RolloutAction/admit(_:)``.
        case healthy
        /// It gets traffic again. Leaves by ``RolloutAction/confirm(_:_:)``, once the gates passed the batch.
        case admitted
        /// Nothing is left to do.
        case settled

        /// Orders by how far a host has come.
        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Whether the host takes part.
    public enum Standing: Hashable, Sendable {
        /// It goes its way.
        case takingPart
        /// It takes no further part. Leaves to ``givenUp(_:)`` once it is out of rotation, or nothing can be done about that.
        case failed(RolloutError)
        /// Nothing more is done about it. Left, as ``failed(_:)``, only when the rollout is resumed or turns back.
        case givenUp(RolloutError)
    }

    /// How far the rollout may have interfered with the host. It only ever grows.
    public enum Intervention: Int, Hashable, Sendable, Comparable, Codable {
        /// Not at all, or only by bringing files to it.
        case none
        /// It may have been taken out of rotation.
        case drained
        /// It may have been switched as well.
        case switched

        /// Orders by how much it is.
        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// What the host runs.
    public enum Running: Hashable, Sendable {
        /// Nobody knows: it was not asked yet, or it is between the intent to switch it and an answer.
        case unknown
        /// This release; `nil` for none.
        case release(ReleaseID?)
    }

    /// How far it has come.
    public internal(set) var phase = Phase.pending
    /// Whether it takes part.
    public internal(set) var standing = Standing.takingPart
    /// How far the rollout may have interfered with it.
    public internal(set) var intervention = Intervention.none
    /// What it runs.
    public internal(set) var running = Running.unknown
    /// What was observed when the rollout first saw it; `nil` until then.
    public internal(set) var found: Observation?
    /// Whether it has been asked since this controller took the rollout up.
    public internal(set) var isAsked = false
    /// Whether balancers send it traffic, as far as is known.
    public internal(set) var isServing = false
    /// Whether some balancer has it at another address than the pool.
    public internal(set) var isElsewhere = false
    /// Whether somebody has taken it out of rotation by hand: it goes its way, and stays out.
    public internal(set) var isKeptOut = false
    /// How it was when it was last checked, under this rollout.
    public internal(set) var condition: HostCondition?
    /// How often it went back by itself.
    public internal(set) var reversions = 0
    /// The batch it belongs to.
    public internal(set) var batch: Int?

    /// A host nobody has asked yet.
    init() {}
}

extension HostProgress {
    /// Why it takes no further part; `nil` while it does.
    public var fault: RolloutError? {
        switch standing {
        case .takingPart: nil
        case .failed(let error), .givenUp(let error): error
        }
    }

    /// Whether it failed and is still to be taken out of rotation.
    public var isStuck: Bool {
        if case .failed = standing { true } else { false }
    }

    /// Whether it failed and nothing more is done about it.
    public var isGivenUp: Bool {
        if case .givenUp = standing { true } else { false }
    }

    /// Whether it is known to run `release`, or to run none with `nil`.
    public func runs(_ release: ReleaseID?) -> Bool { running == .release(release) }

    /// The release that it is known to run.
    public var current: ReleaseID? {
        if case .release(let release) = running { release } else { nil }
    }
}

extension HostProgress {
    /// Nothing more is done about a host that failed.
    mutating func giveUp() {
        if case .failed(let error) = standing { standing = .givenUp(error) }
    }

    /// It takes part again.
    mutating func rejoin() { standing = .takingPart }

    /// The rollout is about to interfere with it.
    mutating func suffer(_ intervention: Intervention) { self.intervention = max(self.intervention, intervention) }
}
