import Foundation

/// HAProxy's mean of response times: plain over the first 512 requests of a server, then each new one moves it by 1/512 of the
/// way. From two readings and the number of requests between them follows the mean of those requests alone.
struct MovingMean: Hashable, Sendable {
    /// HAProxy's `TIME_STATS_SAMPLES`, the same from 1.9 to 3.x.
    static let window = 512.0

    /// Requests since the counters began.
    var requests: Int
    /// The mean as it is printed: rounded up to whole milliseconds.
    var printed: Int

    /// The mean in milliseconds of the requests since `earlier`, and by how much rounding may have changed it; `nil` where
    /// there was none.
    func mean(since earlier: Self) -> (milliseconds: Double, error: Double)? {
        let count = Double(requests - earlier.requests)
        guard count > 0 else { return nil }
        let before = min(Double(earlier.requests), Self.window)
        let after = min(Double(requests), Self.window)
        let plain = after - before
        let kept = pow(1 - 1 / Self.window, count - plain)
        let weight = plain * kept + Self.window * (1 - kept)
        // Rounded up: on average half a millisecond too much.
        func unrounded(_ mean: Int) -> Double { mean > 0 ? Double(mean) - 0.5 : 0 }
        let sum = unrounded(printed) * after - unrounded(earlier.printed) * before * kept
        return (max(0, sum / weight), (after + before * kept) / 2 / weight)
    }
}
