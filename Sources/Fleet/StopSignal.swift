import Synchronization

/// Somebody's wish that work on many hosts end after what is in hand.
public final class StopSignal: Sendable {
    private let isRaised = Mutex(false)

    /// A signal nobody has raised.
    public init() {}

    /// Wishes it. Safe to repeat.
    public func raise() { isRaised.withLock { $0 = true } }

    /// Whether anybody has.
    public var wasRaised: Bool { isRaised.withLock { $0 } }
}
