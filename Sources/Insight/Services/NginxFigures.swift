/// What an nginx did over a window: `stub_status`, asked twice. Rates are per second.
public struct NginxFigures: Sendable, Hashable, Codable {
    /// Requests.
    public var requests: Double
    /// Connections that were accepted.
    public var accepted: Double
    /// Those of them that were dropped, there being no room for more.
    public var dropped: Double
    /// Connections now, those that idle included.
    public var active: Double
    /// Those that are being answered.
    public var writing: Double
    /// Those that idle.
    public var waiting: Double

    /// What was measured.
    public init(
        requests: Double = 0, accepted: Double = 0, dropped: Double = 0, active: Double = 0, writing: Double = 0,
        waiting: Double = 0
    ) {
        self.requests = requests
        self.accepted = accepted
        self.dropped = dropped
        self.active = active
        self.writing = writing
        self.waiting = waiting
    }
}
