public import Fleet

/// How a command went on one host, with what it wrote.
public struct CommandAnswer: Sendable {
    /// How it ended.
    public let end: CommandEnd
    /// What it wrote to standard output, also when it did not come to its end.
    public var output = OutputTail(ByteCount(0))
    /// What it wrote to standard error.
    public var errors = OutputTail(ByteCount(0))

    /// The host.
    public var host: HostName { end.host }
}
