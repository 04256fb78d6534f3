import Synchronization

/// A clock on which waiting takes no time, and time goes on by waiting alone.
public final class TestClock: Clock, Sendable {
    /// A moment, as time since the clock was made.
    public struct Instant: InstantProtocol {
        /// Time since the clock was made.
        public var offset: Duration

        /// The moment `duration` later.
        public func advanced(by duration: Duration) -> Self { Self(offset: offset + duration) }
        /// The time from here to `other`.
        public func duration(to other: Self) -> Duration { other.offset - offset }
        /// Orders by time.
        public static func < (left: Self, right: Self) -> Bool { left.offset < right.offset }
    }

    private let passed = Mutex(Duration.zero)

    /// A clock that begins now.
    public init() {}

    /// How much was waited so far.
    public var now: Instant { Instant(offset: passed.withLock { $0 }) }
    /// Nothing is too short to be told apart.
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// Lets time pass without anybody waiting for it.
    public func advance(by duration: Duration) { passed.withLock { $0 += duration } }

    /// Lets time go on to `deadline`, and others do what they can do.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        passed.withLock { $0 = max($0, deadline.offset) }
        await Task.yield()
    }
}
