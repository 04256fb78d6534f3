/// What an SSH server says to everybody, before any key is agreed on or anybody has logged in.
public struct ServerIdentification: Sendable {
    /// The address that answered, with its port.
    public let address: String
    /// The server's first line, such as `SSH-2.0-OpenSSH_9.2p1`.
    public let banner: String

    /// Why it was the installed `ssh` that asked; `nil` where it was Drover itself.
    public let detour: String?

    /// What `address` said first.
    public init(address: String, banner: String, detour: String? = nil) {
        (self.address, self.banner, self.detour) = (address, banner, detour)
    }

    /// How far a server was asked when it failed.
    public enum Stage: Sendable, CaseIterable {
        /// Its name was looked up.
        case name
        /// Its port was connected to.
        case port
        /// Its first line was waited for.
        case banner
        /// Its algorithms were waited for.
        case algorithms
    }
}

/// Why a server could not be probed.
public struct ServerProbeError: ExplainedError {
    /// How far it went.
    public let stage: ServerIdentification.Stage
    /// What went wrong there.
    public let cause: TransportError

    /// `cause` came up when it had gone as far as `stage`.
    public init(stage: ServerIdentification.Stage, cause: TransportError) { (self.stage, self.cause) = (stage, cause) }

    /// What kind of failure it is.
    public var code: TransportError.Code { cause.code }
    /// The host.
    public var place: ErrorPlace { cause.place }
    /// What went wrong, in one lower-case sentence.
    public var message: String { cause.message }
    /// What to do about it.
    public var hints: [String] { cause.hints }
}

/// How somebody was let in.
public struct LoginFacts: Sendable {
    /// Kind and fingerprint of the key that the host proved to have, such as `ED25519 SHA256:…`.
    public let hostKey: String?
    /// What it accepted: a key's file or the agent's name for it, or `password`.
    public let accepted: String?

    /// Why it was the installed `ssh` that logged in; `nil` where it was libssh2.
    public let detour: String?

    /// Whether an earlier command made the connection.
    public let wasKept: Bool

    /// The host showed `hostKey` and took `accepted`.
    public init(hostKey: String?, accepted: String?, detour: String? = nil, wasKept: Bool = false) {
        (self.hostKey, self.accepted, self.detour, self.wasKept) = (hostKey, accepted, detour, wasKept)
    }
}

/// What can be learnt of the way to a host beside the transport itself.
public protocol ServerInspecting: Sendable {
    /// Asks a host what it says to everybody, without logging in there; jump hosts before it are logged in to.
    /// - Throws: ``ServerProbeError`` with how far it was asked.
    func probe(_ endpoint: Endpoint) async throws(ServerProbeError) -> ServerIdentification

    /// How the connection to `endpoint` was made; `nil` when there is none over SSH.
    func login(to endpoint: Endpoint) async -> LoginFacts?
}

/// Private keys that have to be opened before anything connects.
public protocol KeyUnlocking: Sendable {
    /// The private key files that have a passphrase which nobody gave, and without which one of `endpoints`, or a jump
    /// host on the way to it, can't be reached; each once.
    func lockedKeys(for endpoints: [Endpoint]) async -> [String]

    /// Whether one of `files`, as settings for OpenSSH name them, has a passphrase that nobody gave, as far as their names tell.
    func mayBeLocked(_ files: [String]) async -> Bool

    /// Opens a private key file for all logins to come.
    /// - Returns: Whether the passphrase is the right one, as far as that can be told before a login.
    @discardableResult
    func unlock(_ key: String, with passphrase: Secret<String>) async -> Bool
}
