import Fleet

/// Says that something is still done, where nobody would know otherwise: jobs that are silent for long are ended.
struct Heartbeat<Time: Clock>: Sendable where Time.Duration == Duration {
    let clock: Time
    /// For how long nothing was written.
    let silence: @Sendable () -> Duration
    let say: @Sendable (String) -> Void

    /// How often it looks, and what it lets pass: together the longest silence there is.
    private static var pause: Duration { .seconds(5) }
    private static var patience: Duration { .seconds(25) }

    /// Speaks until cancelled.
    func beat() async {
        let begun = clock.now
        // Cancelled when the work is done.
        while (try? await clock.sleep(for: Self.pause)) != nil {
            if silence() >= Self.patience { say("… still at work after \(begun.duration(to: clock.now).inSeconds)") }
        }
    }
}

/// Keeps what a terminal shows of work in hand up to date.
enum ProgressBeat {
    /// Does so until cancelled.
    static func beat(_ terminal: Terminal, clock: some Clock<Duration> = ContinuousClock()) async {
        // Cancelled when the work is done.
        while (try? await clock.sleep(for: .seconds(1))) != nil { terminal.beat() }
    }
}
