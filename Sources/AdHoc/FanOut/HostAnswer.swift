public import Fleet

/// What came of doing something on one host.
public struct HostAnswer<Answer: Sendable>: Sendable {
    /// The host.
    public let host: HostName
    /// What the work gave, or why it did not come to its end; `nil` for a host that was left out, because somebody said
    /// stop or too many others failed.
    public let result: Result<Answer, TransportError>?
    /// How long the work took on the controller's clock, connecting not included; `nil` where it did not begin.
    public let elapsed: Duration?

    init(host: HostName, result: Result<Answer, TransportError>?, elapsed: Duration? = nil) {
        (self.host, self.result, self.elapsed) = (host, result, elapsed)
    }

    /// Whether the work came to its end.
    public var isSuccess: Bool { value != nil }

    /// What the work gave, where it came to its end.
    public var value: Answer? { if case .success(let value) = result { value } else { nil } }
}

/// Which hosts are being worked on, and which are yet to begin.
public struct FanOutStanding: Sendable, Equatable {
    /// The hosts whose work has begun and has not ended, in order.
    public let inHand: [HostName]
    /// The hosts whose work has not begun, connecting ones among them, in order.
    public let left: [HostName]

    /// Both, in order.
    public init(inHand: [HostName], left: [HostName]) { (self.inHand, self.left) = (inHand, left) }
}
