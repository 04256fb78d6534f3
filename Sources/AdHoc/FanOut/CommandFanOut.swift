public import Fleet
import Synchronization

/// What happens while a command runs on many hosts.
public enum CommandEvent: Sendable {
    /// The command wrote a piece of output on a host.
    case wrote(HostName, CommandStream, [UInt8])
    /// A host is done; none of its pieces come after this.
    case ended(CommandEnd)
}

/// How a command ended on one host.
public struct CommandEnd: Sendable {
    /// The host.
    public let host: HostName
    /// Its exit status, or why there is none; `nil` for a host that was left out.
    public let result: Result<Int32, TransportError>?
    /// How long it ran on the controller's clock, connecting not included; `nil` where it did not begin.
    public let elapsed: Duration?

    /// The end of a command on `host`.
    public init(_ host: HostName, _ result: Result<Int32, TransportError>?, elapsed: Duration? = nil) {
        (self.host, self.result, self.elapsed) = (host, result, elapsed)
    }

    /// Why it did not come to its end, where it began.
    public var error: TransportError? { if case .failure(let error) = result { error } else { nil } }

    /// Whether it ended with status 0.
    public var isSuccess: Bool { if case .success(0) = result { true } else { false } }
}

/// One command on many hosts at once.
public struct CommandFanOut: Sendable {
    private let command: RemoteCommand
    private let privileges: [HostName: Privilege]

    /// - Parameters:
    ///   - command: What runs.
    ///   - privileges: Whose rights it has, host by host; elsewhere those that it asks for itself.
    public init(_ command: RemoteCommand, privileges: [HostName: Privilege] = [:]) {
        (self.command, self.privileges) = (command, privileges)
    }

    /// Runs the command on the hosts of `fanOut`.
    ///
    /// - Parameter tell: Called from any thread. A host waits while a piece of its output is taken, so that a slow reader
    ///   holds the command up instead of filling memory.
    /// - Returns: Whether the command ended with status 0 everywhere.
    public func perform(with fanOut: FanOut, _ tell: @escaping @Sendable (CommandEvent) -> Void) async -> Bool {
        let hasFailed = Atomic(false)
        await fanOut.each(
            { transport, _ throws(TransportError) in await run(over: transport, tell) },
            hasFailed: { !$0.isSuccess }
        ) { answer in
            let end =
                switch answer.result {
                case .success(let end): end
                case .failure(let error): CommandEnd(answer.host, .failure(error))
                case nil: CommandEnd(answer.host, nil)
                }
            if !end.isSuccess { hasFailed.store(true, ordering: .relaxed) }
            tell(.ended(end))
        }
        return !hasFailed.load(ordering: .relaxed)
    }

    private func run(
        over transport: any Transport, _ tell: @escaping @Sendable (CommandEvent) -> Void
    ) async -> CommandEnd {
        let start = ContinuousClock.now
        let host = transport.host
        var command = command
        command.privilege = privileges[host] ?? command.privilege
        do throws(TransportError) {
            let result = try await transport.run(command, streaming: { tell(.wrote(host, $0, $1)) })
            return CommandEnd(host, .success(result.status), elapsed: result.elapsed)
        } catch {
            return CommandEnd(host, .failure(error), elapsed: .now - start)
        }
    }
}
