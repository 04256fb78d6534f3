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

/// Why a host could not be talked to.
public struct TransportError: ExplainedError, Equatable {
    /// What kind of failure it is; callers decide by this, never by the text.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case unreachable, hostKeyUnknown, hostKeyMismatch, authenticationFailed, becomeFailed, timedOut
            case connectionLost, outputTooLong, badAnswer, fileUnreadable, uploadFailed, unsupported, cancelled
            case unknownHost, `internal`
        }
        private let kind: Kind
        private init(_ kind: Kind) { self.kind = kind }

        /// No TCP connection could be made, or the address could not be resolved.
        public static let unreachable = Self(.unreachable)
        /// known_hosts has no key for the host.
        public static let hostKeyUnknown = Self(.hostKeyUnknown)
        /// The host's key differs from the one in known_hosts.
        public static let hostKeyMismatch = Self(.hostKeyMismatch)
        /// None of the identities was accepted.
        public static let authenticationFailed = Self(.authenticationFailed)
        /// sudo or su refused, or wanted a password that nobody gave.
        public static let becomeFailed = Self(.becomeFailed)
        /// A deadline passed.
        public static let timedOut = Self(.timedOut)
        /// The connection ended before the answer was complete.
        public static let connectionLost = Self(.connectionLost)
        /// The command wrote more than the caller's limit.
        public static let outputTooLong = Self(.outputTooLong)
        /// The answer is not what the question has answers for.
        public static let badAnswer = Self(.badAnswer)
        /// A local file could not be read.
        public static let fileUnreadable = Self(.fileUnreadable)
        /// The host did not take an upload (disk full, no such folder).
        public static let uploadFailed = Self(.uploadFailed)
        /// Something this transport cannot do, said by name in the message.
        public static let unsupported = Self(.unsupported)
        /// The caller's task was cancelled.
        public static let cancelled = Self(.cancelled)
        /// Nothing says how the host is reached: the inventory does not name it.
        public static let unknownHost = Self(.unknownHost)
        /// Something went wrong here, and nothing on the host.
        public static let `internal` = Self(.internal)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What kind of failure it is.
    public let code: Code
    /// The host it happened on.
    public let host: HostName
    /// One lower-case sentence.
    public let message: String
    /// What to do about it.
    public let hints: [String]

    /// A failure of `code` on `host`.
    public init(_ code: Code, host: HostName, _ message: String, hints: [String] = []) {
        self.code = code
        self.host = host
        self.message = message
        self.hints = hints
    }

    /// The host's name.
    public var subject: String? { host.description }

    /// Whether the host itself is out of reach, as opposed to one command having gone wrong.
    public var meansUnreachable: Bool {
        ![
            Code.outputTooLong, .badAnswer, .fileUnreadable, .uploadFailed, .cancelled, .becomeFailed, .internal,
        ].contains(code)
    }
}
