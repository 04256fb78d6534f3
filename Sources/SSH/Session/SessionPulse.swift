/// Tells from the bytes of a connection, looked at in turn, whether its other end still lives. It does nothing itself.
struct SessionPulse {
    /// What is seen of a connection at one moment.
    struct Sample {
        var received: UInt64
        var sent: UInt64
        /// Whether anybody waits for something: where nobody waits, nobody listens either.
        var isAwaited: Bool
        /// Whether what goes out is a sign of life. What sessions inside this one send is none of its host's.
        var countsSending: Bool
    }

    /// How long there may be no sign of life.
    let limit: Duration
    /// Time between two looks.
    let interval: Duration
    private var lastLife: ContinuousClock.Instant
    private var due: ContinuousClock.Instant
    private var seen: (received: UInt64, sent: UInt64) = (0, 0)

    /// - Parameters:
    ///   - silence: How long a host may be silent.
    ///   - jumps: Hosts on the way. One that falls silent is found before those that are reached through it are given up.
    init(silence: Duration, jumps: Int, at now: ContinuousClock.Instant) {
        interval = silence / 5
        limit = silence + interval * (2 * jumps)
        (lastLife, due) = (now, now + interval)
    }

    /// Looks once more.
    /// - Returns: Whether the other end lives, as far as can be told.
    mutating func isAlive(_ sample: Sample, at now: ContinuousClock.Instant) -> Bool {
        // Whoever was stopped, or held up by the reader of its output, has heard nothing because it didn't listen.
        let wasHeldUp = now - due > interval
        let isSending = sample.countsSending && sample.sent != seen.sent
        if wasHeldUp || !sample.isAwaited || isSending || sample.received != seen.received { lastLife = now }
        return now - lastLife < limit
    }

    /// Remembers how much had come and gone when the look was over, so that what was sent to wake the other end is no sign
    /// of life.
    mutating func rest(received: UInt64, sent: UInt64, at now: ContinuousClock.Instant) {
        seen = (received, sent)
        due = now + interval
    }
}
