/// Why a host could not be talked to.
public struct TransportError: ExplainedError, Equatable {
    /// What kind of failure it is; callers decide by this, never by the text.
    public struct Code: ErrorCode {
        /// The code's name.
        public let rawValue: String
        /// The code of that name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// No TCP connection could be made, or the address could not be resolved.
        public static let unreachable = Self(rawValue: "unreachable")
        /// known_hosts has no key for the host.
        public static let hostKeyUnknown = Self(rawValue: "hostKeyUnknown")
        /// The host's key differs from the one in known_hosts.
        public static let hostKeyMismatch = Self(rawValue: "hostKeyMismatch")
        /// None of the identities was accepted.
        public static let authenticationFailed = Self(rawValue: "authenticationFailed")
        /// sudo, or what stands in its place, refused, or wanted a password that nobody gave.
        public static let becomeFailed = Self(rawValue: "becomeFailed")
        /// A deadline passed.
        public static let timedOut = Self(rawValue: "timedOut")
        /// The connection ended before the answer was complete.
        public static let connectionLost = Self(rawValue: "connectionLost")
        /// The command wrote more than the caller's limit.
        public static let outputTooLong = Self(rawValue: "outputTooLong")
        /// The answer is not what the question has answers for.
        public static let badAnswer = Self(rawValue: "badAnswer")
        /// A local file could not be read.
        public static let fileUnreadable = Self(rawValue: "fileUnreadable")
        /// The host did not take an upload (disk full, no such folder).
        public static let uploadFailed = Self(rawValue: "uploadFailed")
        /// Something this transport cannot do, said by name in the message.
        public static let unsupported = Self(rawValue: "unsupported")
        /// The caller's task was cancelled.
        public static let cancelled = Self(rawValue: "cancelled")
        /// Nothing says how the host is reached: the inventory does not name it.
        public static let unknownHost = Self(rawValue: "unknownHost")
        /// Something went wrong here, and nothing on the host.
        public static let `internal` = Self(rawValue: "internal")
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

    /// The host.
    public var place: ErrorPlace { ErrorPlace(host: host) }

    /// Whether the host itself is out of reach, as opposed to one command having gone wrong.
    public var meansUnreachable: Bool {
        ![
            Code.outputTooLong, .badAnswer, .fileUnreadable, .uploadFailed, .cancelled, .becomeFailed, .internal,
        ].contains(code)
    }
}
