/// What a Varnish did over a window: `varnishstat`, asked twice. Rates are per second.
public struct VarnishFigures: Sendable, Hashable, Codable {
    /// Requests.
    public var requests: Double
    /// Share of what it looked up or passed on that it had, from 0 to 1; `nil` where nobody asked.
    public var hitShare: Double?
    /// Objects that had to go before their time.
    public var nuked: Double
    /// Bytes that objects take in memory.
    public var bytes: Double?
    /// Bytes that are left for them.
    public var bytesFree: Double?
    /// Connections to hosts behind it that failed.
    public var backendFailures: Double
    /// Requests that found the host behind it with as many connections as it may have.
    public var backendBusy: Double
    /// Requests that found no healthy host behind it.
    public var backendUnhealthy: Double
    /// Clients that waited for a thread.
    public var queued: Double
    /// Clients that were sent away, there being too many of those.
    public var dropped: Double
    /// Times that no more threads might be made.
    public var threadsLimited: Double

    /// What was measured.
    public init(
        requests: Double = 0, hitShare: Double? = nil, nuked: Double = 0, bytes: Double? = nil,
        bytesFree: Double? = nil, backendFailures: Double = 0, backendBusy: Double = 0,
        backendUnhealthy: Double = 0, queued: Double = 0, dropped: Double = 0, threadsLimited: Double = 0
    ) {
        self.requests = requests
        self.hitShare = hitShare
        self.nuked = nuked
        self.bytes = bytes
        self.bytesFree = bytesFree
        self.backendFailures = backendFailures
        self.backendBusy = backendBusy
        self.backendUnhealthy = backendUnhealthy
        self.queued = queued
        self.dropped = dropped
        self.threadsLimited = threadsLimited
    }
}
