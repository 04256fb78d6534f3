/// Somebody's wish that work on many hosts end after what is in hand.
public final class StopSignal: Sendable {
    private let bell = Doorbell()

    /// A signal nobody has raised.
    public init() {}

    /// Wishes it. Safe to repeat.
    public func raise() { bell.ring() }

    /// Whether anybody has.
    public var wasRaised: Bool { bell.isRung }

    /// Waits until somebody has; ends at once when it is cancelled.
    public func wait() async { await bell.wait() }
}
