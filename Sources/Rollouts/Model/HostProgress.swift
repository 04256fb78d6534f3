/// How far one host has come in a rollout.
public struct HostProgress: Hashable, Sendable {
    /// The way of a host to the release it is meant to run. Each phase leaves for the next when its action is done; the
    /// way begins anew when the rollout turns back, or when the host turns out to run something else.
    public enum Phase: Int, Hashable, Sendable, Comparable {
        /// Its release may not be there yet. Leaves by ``RolloutAction/stage(_:_:)``.
        case pending
        /// The release lies there, unused. Leaves by ``RolloutAction/drain(_:)``, once the whole batch is here.
        case staged
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

    /// How far it has come.
    public var phase: Phase = .pending
    /// What it ran when the rollout first saw it.
    public var previous: ReleaseID?
    /// What it runs, if ``isCurrentKnown``.
    public var current: ReleaseID?
    /// Whether it is known what it runs: not between the intent to switch it and an answer.
    public var isCurrentKnown = false
    /// Whether balancers send it traffic, as far as is known.
    public var isServing = false
    /// Whether some balancer has it at another address than the pool.
    public var isElsewhere = false
    /// Whether balancers sent it traffic when the rollout first saw it.
    public var wasServing = false
    /// How it was when it was last checked, under this rollout.
    public var condition: HostCondition?
    /// Whether it has been asked since this controller took the rollout up.
    public var isSeen = false
    /// Whether the rollout has seen it at all.
    public var wasEverSeen = false
    /// Whether the rollout may have taken it out of rotation.
    public var isTouched = false
    /// Whether the rollout may have switched it.
    public var isChanged = false
    /// Why it takes no further part.
    public var fault: RolloutFault?
    /// Whether a host with a fault is out of rotation for good.
    public var isOut = false
    /// How often it went back by itself.
    public var reversions = 0
    /// The batch it belongs to.
    public var batch: Int?

    /// A host nobody has asked yet.
    public init() {}
}
