import Fleet

/// A request whose outcome is awaited, and what is there of its answer.
struct ShellJob {
    let sequence: Int
    let continuation: CheckedContinuation<ShellOutcome, Never>
    let canceller: TriggerID?
    let began: ContinuousClock.Instant
    let limit: Int
    let sink: OutputSink?
    var timer: TriggerID?
    private var status: Int32?
    private var output: [UInt8]?
    private var errors: [UInt8]?

    init(
        _ request: ShellRequest, _ sequence: Int, _ canceller: TriggerID?,
        _ continuation: CheckedContinuation<ShellOutcome, Never>
    ) {
        (self.sequence, self.canceller, self.continuation) = (sequence, canceller, continuation)
        (limit, sink, began) = (request.limit, request.sink, .now)
    }

    /// Keeps what the command wrote to one stream, which its end has been seen on.
    mutating func end(_ stream: ShellStream, _ bytes: [UInt8], status: Int32) {
        switch stream {
        case .output: (output, self.status) = (bytes, status)
        case .errors: errors = bytes
        }
    }

    /// The answer, once the command's end has been seen on both streams.
    var answer: CommandResult? {
        guard let status, let output, let errors else { return nil }
        return CommandResult(status: status, output: output, errors: errors, elapsed: .now - began)
    }

    /// What there is when the shell itself has ended, with what it wrote since.
    func cutShort(_ exit: ShellExit, _ rest: inout ShellOutput) -> CommandResult {
        CommandResult(
            status: exit.status ?? -1, output: output ?? rest.take(.output), errors: errors ?? rest.take(.errors),
            elapsed: .now - began)
    }
}
