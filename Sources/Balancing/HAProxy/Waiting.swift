import Fleet

/// Asks again and again until there is an answer or patience runs out.
///
/// - Returns: What `ask` gave; `nil` when it still gave nothing after `patience`. It is asked at least once.
func wait<Answer>(
    upTo patience: Duration, every interval: Duration, on clock: some Clock<Duration>, for balancer: HostName,
    _ ask: () async throws(TrafficError) -> Answer?
) async throws(TrafficError) -> Answer? {
    let start = clock.now
    while true {
        if let answer = try await ask() { return answer }
        guard start.duration(to: clock.now) < patience else { return nil }
        do {
            try await clock.sleep(for: interval)
        } catch {
            throw TrafficError(.cancelled, balancer: balancer, "cancelled while waiting for HAProxy")
        }
    }
}
