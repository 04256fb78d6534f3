import Glibc

/// Tells when a second has passed, on a clock that nobody sets.
struct Ticker {
    private var next = Ticker.now

    /// Whether a second began since it was last asked. Seconds that were missed are not made up for.
    mutating func passed() -> Bool {
        let now = Self.now
        guard now >= next else { return false }
        next = max(next + 1, now)
        return true
    }

    /// Milliseconds until then, for `poll`.
    var wait: Int32 { Int32(min(1000, max(0, ((next - Self.now) * 1000).rounded(.up)))) }

    /// Seconds since the machine started.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// The signals that end the agent: they are held, and asked for once a second, so that nothing is ever cut short.
struct EndSignals {
    private var signals = sigset_t()

    init() {
        signal(SIGPIPE, SIG_IGN)
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Whether one of them has come.
    mutating func came() -> Bool {
        var moment = timespec(tv_sec: 0, tv_nsec: 0)
        return sigtimedwait(&signals, nil, &moment) > 0
    }
}
