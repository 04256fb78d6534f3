/// A way to run commands on one host.
///
/// One connection serves all calls; calls made at once on one privilege are served one after another.
public protocol Transport: Sendable {
    /// The host at the other end.
    var host: HostName { get }

    /// Runs `command` and gives its answer.
    ///
    /// - Parameter outputLimit: How much of each stream is kept; more throws `.outputTooLong`.
    /// - Throws: ``TransportError`` when the command could not be run to its end.
    func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult

    /// Runs `command` and hands over what it writes as it comes, in pieces of any size; its answer holds no output.
    ///
    /// - Parameter sink: Called from any thread, one call after the other. The host waits while it runs, so that a slow
    ///   reader holds the command up instead of filling memory.
    /// - Throws: ``TransportError`` when the command could not be run to its end.
    func run(_ command: RemoteCommand, streaming sink: @escaping OutputSink) async throws(TransportError)
        -> CommandResult

    /// Copies a local file to `path` on the host: to a temporary name beside it, then renamed.
    ///
    /// - Parameter mode: Permission bits of the new file.
    /// - Throws: ``TransportError``; `.fileUnreadable` for the local file.
    func upload(_ localFile: String, to path: String, mode: UInt16, privilege: Privilege) async throws(TransportError)

    /// Ends the connection. Safe to repeat.
    func close() async
}

extension Transport {
    /// Runs `command`, keeping at most 64 MiB of each stream.
    public func run(_ command: RemoteCommand) async throws(TransportError) -> CommandResult {
        try await run(command, outputLimit: .mebibytes(64))
    }
}

extension Transport {
    /// As a transport does that learns of output only when the command has ended: everything is handed over then.
    public func run(
        _ command: RemoteCommand, streaming sink: @escaping OutputSink
    ) async throws(TransportError) -> CommandResult {
        let result = try await run(command)
        if !result.output.isEmpty { sink(.output, result.output) }
        if !result.errors.isEmpty { sink(.errors, result.errors) }
        return CommandResult(status: result.status, elapsed: result.elapsed)
    }
}

/// Gives the transport to a host, connecting on first use; one connection a host, shared by all who ask.
public protocol Connector: Sendable {
    /// The transport to `endpoint`, connected and authenticated.
    /// - Throws: ``TransportError`` when the host cannot be reached or does not let us in.
    func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport

    /// Ends every connection that was opened. Safe to repeat.
    func closeAll() async
}
